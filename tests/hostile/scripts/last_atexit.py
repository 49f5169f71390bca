"""Writes its output in atexit handlers, the last registered first."""
import atexit
import sys

LINES = []


def write():
    with open(sys.argv[1] + "/result.txt", "w") as file:
        file.write(" ".join(LINES))


if __name__ == "__main__":
    atexit.register(write)
    atexit.register(LINES.append, "second")
    atexit.register(LINES.append, "first")
