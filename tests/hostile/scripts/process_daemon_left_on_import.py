"""Leaves a daemon behind as it is loaded."""
import os
import sys
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(60)
    os._exit(0)
os.wait()

if __name__ == "__main__":
    with open(sys.argv[1] + "/result.txt", "w") as file:
        file.write("done")
