"""Blocks every signal that can be blocked, then works."""
import signal
import sys

signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
