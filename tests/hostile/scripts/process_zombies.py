"""Leaves children that have ended and were never waited for, which is no fault."""
import os
import sys
import time

if __name__ == "__main__":
    for _ in range(8):
        if os.fork() == 0:
            os._exit(1)
    time.sleep(0.2)
    open(sys.argv[1] + "/result.txt", "w").write("done")
