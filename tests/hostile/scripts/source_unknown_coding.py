# coding: klingon
"""Names an encoding that does not exist."""
import sys

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
