"""Sends SIGKILL to its whole process group as it is loaded."""
import os
import signal

os.killpg(0, signal.SIGKILL)

if __name__ == "__main__":
    pass
