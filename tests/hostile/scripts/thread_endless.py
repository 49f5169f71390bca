"""Starts a thread that is no daemon and does not end for a minute: the interpreter waits for it."""
import sys
import threading
import time

if __name__ == "__main__":
    threading.Thread(target=time.sleep, args=(60,)).start()
    open(sys.argv[1] + "/result.txt", "w").write("done")
