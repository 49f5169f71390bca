"""Ignores SIGCHLD, so that nobody can wait for its children."""
import os
import signal
import sys
import time

signal.signal(signal.SIGCHLD, signal.SIG_IGN)

if __name__ == "__main__":
    if os.fork() == 0:
        os._exit(0)
    time.sleep(0.05)
    with open(sys.argv[1] + "/result.txt", "w") as file:
        file.write("done")
