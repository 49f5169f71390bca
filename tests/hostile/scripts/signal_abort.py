"""Calls os.abort()."""
import os

if __name__ == "__main__":
    os.abort()
