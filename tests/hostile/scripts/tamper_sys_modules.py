"""Clears sys.modules, then works."""
import sys

sys.modules.clear()

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
