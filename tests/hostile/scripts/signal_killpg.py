"""Sends SIGTERM to its whole process group."""
import os
import signal
import time

if __name__ == "__main__":
    os.killpg(0, signal.SIGTERM)
    time.sleep(10)
