"""Writes its output, and a thread ends in an exception, which does not change the exit code."""
import sys
import threading


def work():
    raise ValueError("the thread lost its thread")


if __name__ == "__main__":
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    open(sys.argv[1] + "/result.txt", "w").write("done")
