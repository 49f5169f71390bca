"""Ignores SIGTERM, SIGINT and SIGHUP and sleeps for a minute."""
import signal
import time

if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        time.sleep(1)
