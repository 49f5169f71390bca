"""Leaves a daemon behind and raises."""
import os
import time

if __name__ == "__main__":
    if os.fork() == 0:
        os.setsid()
        time.sleep(60)
        os._exit(0)
    raise ValueError("and a daemon stays")
