"""Replaces os._exit, sys.exit and os.write, then raises."""
import os
import sys

if __name__ == "__main__":
    os._exit = sys.exit = os.write = lambda *args: None
    raise ValueError("with no way out")
