"""Removes the folder in which it works."""
import os
import sys

if __name__ == "__main__":
    os.mkdir("gone")
    os.chdir("gone")
    os.rmdir("../gone")
    open(sys.argv[1] + "/result.txt", "w").write("done")
