"""Calls os._exit(0) before it has written anything."""
import os
import sys

if __name__ == "__main__":
    os._exit(0)
    open(sys.argv[1] + "/result.txt", "w").write("done")
