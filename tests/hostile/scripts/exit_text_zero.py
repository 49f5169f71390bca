"""Calls sys.exit("0"), which is a string, and so means exit code 1."""
import sys

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
    sys.exit("0")
