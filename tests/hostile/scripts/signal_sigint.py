"""Sends SIGINT to itself, which is a KeyboardInterrupt."""
import os
import signal
import time

if __name__ == "__main__":
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(10)
