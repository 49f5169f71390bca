"""Puts links that lead round in circles beside its output."""
import os
import sys

if __name__ == "__main__":
    os.symlink("loop", sys.argv[1] + "/loop")
    os.symlink(".", sys.argv[1] + "/here")
    os.symlink("..", sys.argv[1] + "/up")
    open(sys.argv[1] + "/result.txt", "w").write("done")
