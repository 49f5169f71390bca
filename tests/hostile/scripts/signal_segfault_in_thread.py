"""Reads address zero in a thread."""
import ctypes
import threading

if __name__ == "__main__":
    thread = threading.Thread(target=ctypes.string_at, args=(0,))
    thread.start()
    thread.join()
