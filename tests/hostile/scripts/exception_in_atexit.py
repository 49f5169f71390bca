"""Writes its output, and an atexit handler raises, which does not change the exit code."""
import atexit
import sys


def farewell():
    raise ValueError("no farewell")


if __name__ == "__main__":
    atexit.register(farewell)
    open(sys.argv[1] + "/result.txt", "w").write("done")
