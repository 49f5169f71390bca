"""Calls os._exit(5) as it is loaded."""
import os

os._exit(5)

if __name__ == "__main__":
    pass
