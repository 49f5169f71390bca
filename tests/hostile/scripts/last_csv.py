"""Leaves the file under a csv writer open at the top level."""
import csv
import sys

writer = csv.writer(open(sys.argv[1] + "/result.csv", "w", newline=""))
writer.writerows([number, number * number] for number in range(20_000))
