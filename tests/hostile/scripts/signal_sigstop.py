"""Stops itself with SIGSTOP; a child would wake it after a while."""
import os
import signal
import subprocess

if __name__ == "__main__":
    subprocess.Popen(["/bin/sh", "-c", f"sleep 40; kill -CONT {os.getpid()}"])
    os.kill(os.getpid(), signal.SIGSTOP)
