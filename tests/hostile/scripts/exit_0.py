"""Writes its output and calls sys.exit(0)."""
import sys

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
    sys.exit(0)
