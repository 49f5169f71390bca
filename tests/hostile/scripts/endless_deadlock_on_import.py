"""Waits, as it is loaded, for an event that nobody sets."""
import threading

threading.Event().wait(60)

if __name__ == "__main__":
    pass
