# coding: latin-1
"""Begins with a byte-order mark and names another encoding."""
import sys

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
