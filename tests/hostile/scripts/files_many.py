"""Writes two thousand files."""
import os
import sys

if __name__ == "__main__":
    for number in range(20):
        os.mkdir(f"{sys.argv[1]}/{number}")
        for other in range(100):
            open(f"{sys.argv[1]}/{number}/{other}.txt", "w").write("x")
