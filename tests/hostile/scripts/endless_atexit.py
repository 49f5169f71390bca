"""Writes its output and hangs in an atexit handler."""
import atexit
import sys
import time

if __name__ == "__main__":
    atexit.register(time.sleep, 60)
    with open(sys.argv[1] + "/result.txt", "w") as file:
        file.write("done")
