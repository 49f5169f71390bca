"""Sets sys.stderr to None, then raises."""
import sys

if __name__ == "__main__":
    sys.stderr = sys.__stderr__ = None
    raise ValueError("told to nobody")
