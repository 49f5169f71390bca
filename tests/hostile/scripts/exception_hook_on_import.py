"""Sets a silent sys.excepthook as it is loaded, then raises."""
import sys

sys.excepthook = lambda *args: None
raise ValueError("told to nobody")

if __name__ == "__main__":
    pass
