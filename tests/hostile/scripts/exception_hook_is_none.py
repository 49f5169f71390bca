"""Deletes sys.excepthook, then raises."""
import sys

if __name__ == "__main__":
    del sys.excepthook
    raise ValueError("no hook to tell it")
