"""Changes to another folder and stays there."""
import os
import sys

os.chdir("/")

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
