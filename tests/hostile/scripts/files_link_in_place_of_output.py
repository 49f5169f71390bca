"""Puts a link to a folder elsewhere in place of its output folder."""
import os
import sys

if __name__ == "__main__":
    os.mkdir("elsewhere")
    open("elsewhere/result.txt", "w").write("done")
    os.rmdir(sys.argv[1])
    os.symlink(os.path.abspath("elsewhere"), sys.argv[1])
