"""Calls sys.exit(3) as it is loaded."""
import sys

sys.exit(3)

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
