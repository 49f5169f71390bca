"""A thread ends in an exception, and threading.excepthook says nothing."""
import sys
import threading

if __name__ == "__main__":
    threading.excepthook = lambda args: None
    thread = threading.Thread(target=int, args=("no number",))
    thread.start()
    thread.join()
    open(sys.argv[1] + "/result.txt", "w").write("done")
