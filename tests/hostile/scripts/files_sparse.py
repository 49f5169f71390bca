"""Writes a file of two gigabytes that takes no room."""
import os
import sys

if __name__ == "__main__":
    with open(sys.argv[1] + "/result.bin", "wb") as file:
        file.write(b"start")
        file.truncate(2_000_000_000)
