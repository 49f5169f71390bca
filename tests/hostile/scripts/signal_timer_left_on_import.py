"""Leaves a timer running as it is loaded: it goes off while the tester would still be busy."""
import signal
import sys
import time

signal.signal(signal.SIGALRM, lambda number, frame: 1 / 0)
signal.setitimer(signal.ITIMER_REAL, 30, 0.001)

if __name__ == "__main__":
    signal.setitimer(signal.ITIMER_REAL, 0)
    time.sleep(0.05)
    open(sys.argv[1] + "/result.txt", "w").write("done")
