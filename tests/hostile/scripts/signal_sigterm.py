"""Sends SIGTERM to itself."""
import os
import signal
import time

if __name__ == "__main__":
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(10)
