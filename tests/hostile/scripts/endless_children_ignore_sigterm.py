"""Waits for children in sessions of their own that ignore SIGTERM."""
import subprocess
import sys

CHILD = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"

if __name__ == "__main__":
    children = [subprocess.Popen([sys.executable, "-c", CHILD], start_new_session=True) for _ in range(3)]
    for child in children:
        child.wait()
