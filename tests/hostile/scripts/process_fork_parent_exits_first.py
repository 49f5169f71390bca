"""Forks, and the parent leaves at once with 3 while the child goes on to the end with 0."""
import os
import sys
import time

if __name__ == "__main__":
    if os.fork():
        os._exit(3)
    time.sleep(0.2)
    open(sys.argv[1] + "/result.txt", "w").write("done")
