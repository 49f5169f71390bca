"""Calls sys.exit(0) and has written nothing."""
import sys

if __name__ == "__main__":
    sys.exit(0)
