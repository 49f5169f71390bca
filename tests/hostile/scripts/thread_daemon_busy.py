"""Leaves sixteen daemon threads behind that count as fast as they can."""
import sys
import threading
import time


def count():
    end = time.monotonic() + 60
    while time.monotonic() < end:
        pass


if __name__ == "__main__":
    for _ in range(16):
        threading.Thread(target=count, daemon=True).start()
    open(sys.argv[1] + "/result.txt", "w").write("done")
