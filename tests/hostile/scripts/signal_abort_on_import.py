"""Calls os.abort() as it is loaded."""
import os

os.abort()

if __name__ == "__main__":
    pass
