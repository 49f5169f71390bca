"""Closes all descriptors, then raises: nobody can be told, and the exit code is 1."""
import os

if __name__ == "__main__":
    os.closerange(0, 4096)
    raise ValueError("told to nobody")
