"""Imports helpers beside it that have the names of standard modules: the ones beside it win."""
import sys

import csv
import queue
import statistics

if __name__ == "__main__":
    assert queue.OURS and statistics.OURS and csv.OURS
    open(sys.argv[1] + "/result.txt", "w").write("done")
