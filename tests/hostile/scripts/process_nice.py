"""Lowers its own priority."""
import os
import sys

os.nice(5)

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
