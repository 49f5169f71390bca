"""Deletes its own module from sys.modules, then works."""
import sys

del sys.modules[__name__]

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
