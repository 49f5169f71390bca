"""Deletes all builtins but one, then works."""
import builtins
import sys

if __name__ == "__main__":
    keep, path = open, sys.argv[1] + "/result.txt"
    vars(builtins).clear()
    keep(path, "w").write("done")
