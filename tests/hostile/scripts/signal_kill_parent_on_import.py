"""Sends SIGKILL to its parent as it is loaded."""
import os
import signal
import sys

try:
    os.kill(os.getppid(), signal.SIGKILL)
except OSError:
    pass

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
