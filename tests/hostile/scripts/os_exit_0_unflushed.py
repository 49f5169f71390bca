"""Calls os._exit(0) while its output is still in a buffer."""
import os
import sys

if __name__ == "__main__":
    file = open(sys.argv[1] + "/result.txt", "w")
    file.write("done")
    os._exit(0)
