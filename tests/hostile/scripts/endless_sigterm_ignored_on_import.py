"""Ignores SIGTERM as it is loaded and sleeps for a minute."""
import signal
import time

signal.signal(signal.SIGTERM, signal.SIG_IGN)
time.sleep(60)

if __name__ == "__main__":
    pass
