"""Clears sys.modules, then raises."""
import sys

if __name__ == "__main__":
    sys.modules.clear()
    raise ValueError("with no modules left")
