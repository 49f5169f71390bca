"""Clears sys.modules as it is loaded, then raises."""
import sys

sys.modules.clear()
raise ValueError("with no modules left")

if __name__ == "__main__":
    pass
