"""Forks with text in the buffer of standard output, so that both processes print it."""
import os
import sys

if __name__ == "__main__":
    sys.stdout.write("said twice")
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        open(sys.argv[1] + "/result.txt", "w").write("done")
