"""Starts a daemon thread that never ends as it is loaded."""
import sys
import threading
import time

threading.Thread(target=time.sleep, args=(60,), daemon=True).start()

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
