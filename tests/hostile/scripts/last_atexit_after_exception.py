"""Raises, and an atexit handler still runs, of which the log tells."""
import atexit

if __name__ == "__main__":
    atexit.register(print, "the handler ran")
    raise ValueError("raised before the handler")
