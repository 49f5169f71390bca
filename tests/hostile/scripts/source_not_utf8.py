"""Is written in Latin-1 and does not say so."""
import sys

BREAD = "smørrebrød"

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
