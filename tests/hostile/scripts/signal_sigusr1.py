"""Sends SIGUSR1 to itself, which ends a process that has no handler for it."""
import os
import signal
import time

if __name__ == "__main__":
    os.kill(os.getpid(), signal.SIGUSR1)
    time.sleep(10)
