"""Writes its output, hangs, and leaves with exit code 0 when it is asked to end: still a timeout."""
import signal
import sys
import time

if __name__ == "__main__":
    with open(sys.argv[1] + "/result.txt", "w") as file:
        file.write("done")
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    time.sleep(60)
