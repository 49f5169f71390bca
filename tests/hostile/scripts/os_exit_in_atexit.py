"""Calls os._exit(5) in an atexit handler, which does change the exit code."""
import atexit
import os
import sys

if __name__ == "__main__":
    atexit.register(os._exit, 5)
    with open(sys.argv[1] + "/result.txt", "w") as file:
        file.write("done")
