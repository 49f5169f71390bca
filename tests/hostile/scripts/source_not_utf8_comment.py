"""Has a byte in a comment that is not UTF-8."""
import sys

# smørrebrød
if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
