"""Calls sys.exit(256), of which the system keeps eight bits: zero."""
import sys

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
    sys.exit(256)
