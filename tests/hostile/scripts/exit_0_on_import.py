"""Calls sys.exit(0) as it is loaded, before its guard is reached."""
import sys

sys.exit(0)

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
