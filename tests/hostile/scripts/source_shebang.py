#!/usr/bin/env nonesuch
"""Has a first line for a program that does not exist."""
import sys

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
