"""Sets an alarm, has no handler for it, and sleeps."""
import signal
import time

if __name__ == "__main__":
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    time.sleep(10)
