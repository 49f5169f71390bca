"""Defines main as a class whose constructor does the work."""
import sys


class main:
    def __init__(self):
        open(sys.argv[1] + "/result.txt", "w").write("done")


if __name__ == "__main__":
    main()
