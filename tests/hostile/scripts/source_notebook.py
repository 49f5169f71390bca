"""Was saved from a notebook with its magic commands."""
import sys

%matplotlib inline
if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
