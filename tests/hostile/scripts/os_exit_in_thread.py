"""Calls os._exit(7) in a thread while the main thread waits."""
import os
import threading

if __name__ == "__main__":
    thread = threading.Thread(target=os._exit, args=(7,))
    thread.start()
    thread.join()
