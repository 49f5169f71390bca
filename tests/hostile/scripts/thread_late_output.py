"""Writes its output in a thread that ends after the main thread."""
import sys
import threading
import time


def work():
    time.sleep(0.5)
    open(sys.argv[1] + "/result.txt", "w").write("late")


if __name__ == "__main__":
    threading.Thread(target=work).start()
