"""Leaves a file open and unflushed at the top level; the interpreter flushes it at the end."""
import sys

file = open(sys.argv[1] + "/result.txt", "w")
for number in range(100_000):
    file.write(f"{number:09d}\n")
