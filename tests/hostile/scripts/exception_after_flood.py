"""Prints twenty megabytes, then raises: the exception must still be found."""
import sys

if __name__ == "__main__":
    for _ in range(20):
        sys.stdout.write("flood " * 170_000 + "\n")
    raise ValueError("after the flood")
