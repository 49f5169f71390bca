"""Swallows every exception and goes on, whatever is sent to it."""
import signal
import time

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            time.sleep(1)
        except BaseException:
            pass
