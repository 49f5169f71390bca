"""Starts, as it is loaded, a thread that is no daemon and does not end for a minute."""
import sys
import threading
import time

threading.Thread(target=time.sleep, args=(60,)).start()

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
