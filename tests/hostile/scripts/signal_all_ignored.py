"""Ignores every signal that can be ignored, then works."""
import signal
import sys

for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
