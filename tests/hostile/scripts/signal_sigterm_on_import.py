"""Sends SIGTERM to itself as it is loaded."""
import os
import signal
import time

os.kill(os.getpid(), signal.SIGTERM)
time.sleep(10)

if __name__ == "__main__":
    pass
