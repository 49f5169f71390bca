"""Waits for a lock that it holds."""
import threading

if __name__ == "__main__":
    lock = threading.Lock()
    lock.acquire()
    lock.acquire(timeout=60)
