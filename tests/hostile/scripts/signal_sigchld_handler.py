"""Handles SIGCHLD by waiting for any child."""
import os
import signal
import subprocess
import sys


def reap(number, frame):
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        pass


signal.signal(signal.SIGCHLD, reap)

if __name__ == "__main__":
    subprocess.run([sys.executable, "-c", "pass"])
    open(sys.argv[1] + "/result.txt", "w").write("done")
