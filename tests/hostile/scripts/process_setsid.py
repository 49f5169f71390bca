"""Tries to lead a session and a group of its own."""
import os
import sys

for attempt in (os.setsid, lambda: os.setpgid(0, 0), os.setpgrp):
    try:
        attempt()
    except OSError:
        pass

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
