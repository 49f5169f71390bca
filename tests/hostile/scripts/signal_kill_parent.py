"""Sends SIGKILL to its parent, then writes its output."""
import os
import signal
import sys
import time

if __name__ == "__main__":
    try:
        os.kill(os.getppid(), signal.SIGKILL)
    except OSError:
        pass
    time.sleep(0.2)
    open(sys.argv[1] + "/result.txt", "w").write("done")
