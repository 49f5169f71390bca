"""Writes its output in an atexit handler after sys.exit(0)."""
import atexit
import sys


def write():
    with open(sys.argv[1] + "/result.txt", "w") as file:
        file.write("done")


if __name__ == "__main__":
    atexit.register(write)
    sys.exit(0)
