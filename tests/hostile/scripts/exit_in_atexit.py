"""Calls sys.exit(5) in an atexit handler, which does not change the exit code."""
import atexit
import sys

if __name__ == "__main__":
    atexit.register(sys.exit, 5)
    open(sys.argv[1] + "/result.txt", "w").write("done")
