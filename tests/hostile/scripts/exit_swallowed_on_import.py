"""Calls sys.exit(3) as it is loaded and swallows it."""
import sys

try:
    sys.exit(3)
except SystemExit:
    pass

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
