"""Forks as it is loaded, and parent and child both go on to the end of the script."""
import os
import sys

child = os.fork()
if child:
    os.waitpid(child, 0)

if __name__ == "__main__":
    open(f"{sys.argv[1]}/{'parent' if child else 'child'}.txt", "w").write("done")
