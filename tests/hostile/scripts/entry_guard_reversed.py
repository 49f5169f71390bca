"""Spells its guard the other way round."""
import sys

if "__main__" == __name__:
    open(sys.argv[1] + "/result.txt", "w").write("done")
