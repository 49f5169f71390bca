"""Raises in the main thread while a thread is still writing the output."""
import sys
import threading
import time


def work():
    time.sleep(0.3)
    open(sys.argv[1] + "/result.txt", "w").write("late")


if __name__ == "__main__":
    threading.Thread(target=work).start()
    raise ValueError("the main thread gave up")
