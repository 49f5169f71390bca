"""A thread started as the script is loaded ends in an exception."""
import sys
import threading


def work():
    raise ValueError("the thread lost its thread")


thread = threading.Thread(target=work)
thread.start()
thread.join()

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
