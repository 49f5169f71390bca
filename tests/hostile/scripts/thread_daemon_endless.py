"""Starts a daemon thread that never ends, and leaves it."""
import sys
import threading
import time

if __name__ == "__main__":
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    open(sys.argv[1] + "/result.txt", "w").write("done")
