"""Replaces __import__ with a function that raises, then works."""
import builtins
import sys


def broken(*args, **kwargs):
    raise TypeError("nothing is imported any more")


builtins.__import__ = broken

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
