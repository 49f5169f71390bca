"""Leaves a daemon behind: forked twice, a session of its own, standard output held open, SIGTERM ignored."""
import os
import signal
import sys
import time

if __name__ == "__main__":
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(60)
        os._exit(0)
    os.wait()
    with open(sys.argv[1] + "/result.txt", "w") as file:
        file.write("done")
