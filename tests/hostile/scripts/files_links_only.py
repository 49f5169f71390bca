"""Fills its output with links to its input and to elsewhere, and with nothing else."""
import os
import sys

if __name__ == "__main__":
    os.symlink(sys.argv[2] + "/data.csv", sys.argv[1] + "/data.csv")
    os.symlink("/", sys.argv[1] + "/root")
    os.symlink("/nowhere/at/all", sys.argv[1] + "/dangling")
