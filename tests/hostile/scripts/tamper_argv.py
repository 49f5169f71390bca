"""Empties sys.argv, then works."""
import sys

if __name__ == "__main__":
    out = sys.argv[1]
    sys.argv.clear()
    open(out + "/result.txt", "w").write("done")
