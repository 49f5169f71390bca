"""Lets a timer interrupt its sleep, and handles it."""
import signal
import sys
import time

if __name__ == "__main__":
    ticks = []
    signal.signal(signal.SIGALRM, lambda number, frame: ticks.append(number))
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    time.sleep(0.2)
    assert ticks == [signal.SIGALRM]
    open(sys.argv[1] + "/result.txt", "w").write("done")
