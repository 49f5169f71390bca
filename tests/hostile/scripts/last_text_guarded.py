"""Leaves a file open and unflushed in its guard."""
import sys

if __name__ == "__main__":
    file = open(sys.argv[1] + "/result.txt", "w")
    file.write("done")
