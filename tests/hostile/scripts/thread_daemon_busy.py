"""Leaves sixteen daemon threads behind that count and print."""
import sys
import threading
import time


def count():
    end = time.monotonic() + 60
    while time.monotonic() < end:
        print("still here", file=sys.stderr)


if __name__ == "__main__":
    for _ in range(16):
        threading.Thread(target=count, daemon=True).start()
    open(sys.argv[1] + "/result.txt", "w").write("done")
