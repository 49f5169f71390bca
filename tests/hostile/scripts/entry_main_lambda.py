"""Defines main as a lambda."""
import sys

main = lambda: open(sys.argv[1] + "/result.txt", "w").write("done")

if __name__ == "__main__":
    main()
