"""Puts links to the root, to its input and to nowhere beside its output."""
import os
import sys

if __name__ == "__main__":
    os.symlink(sys.argv[2], sys.argv[1] + "/inputs")
    os.symlink("/", sys.argv[1] + "/root")
    os.symlink("/nowhere/at/all", sys.argv[1] + "/dangling")
    open(sys.argv[1] + "/result.txt", "w").write("done")
