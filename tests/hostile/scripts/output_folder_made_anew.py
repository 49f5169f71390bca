"""Removes its output folder, makes it again and writes into it, as many scripts do."""
import os
import shutil
import sys

if __name__ == "__main__":
    shutil.rmtree(sys.argv[1])
    os.makedirs(sys.argv[1])
    open(sys.argv[1] + "/result.txt", "w").write("done")
