"""Is named like a standard module that a tester might import late, and works without it."""
import sys


def main():
    open(sys.argv[1] + "/result.txt", "w").write("done")


if __name__ == "__main__":
    main()
