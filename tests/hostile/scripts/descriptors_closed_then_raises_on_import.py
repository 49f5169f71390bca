"""Closes all descriptors as it is loaded, then raises."""
import os

os.closerange(0, 4096)
raise ValueError("told to nobody")

if __name__ == "__main__":
    pass
