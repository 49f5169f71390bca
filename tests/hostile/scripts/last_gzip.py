"""Leaves a gzip file open at the top level."""
import gzip
import sys

file = gzip.open(sys.argv[1] + "/result.gz", "wt")
for number in range(20_000):
    file.write(f"{number:09d}\n")
