"""Prints one line of thirty megabytes without an end, then exits with 3."""
import sys

if __name__ == "__main__":
    sys.stdout.write("x" * 30_000_000)
    sys.exit(3)
