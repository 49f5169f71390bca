"""Forks, and parent and child both go on to the end of the script."""
import os
import sys

if __name__ == "__main__":
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        open(sys.argv[1] + "/parent.txt", "w").write("done")
    else:
        open(sys.argv[1] + "/child.txt", "w").write("done")
