"""Writes its output and then removes the whole output folder."""
import shutil
import sys

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
    shutil.rmtree(sys.argv[1])
