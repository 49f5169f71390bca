"""Truncates its inputs and appends to them."""
import os
import sys

if __name__ == "__main__":
    os.truncate(sys.argv[2] + "/data.csv", 0)
    with open(sys.argv[2] + "/sub/more.txt", "a") as file:
        file.write("more and more\n")
    open(sys.argv[1] + "/result.txt", "w").write("done")
