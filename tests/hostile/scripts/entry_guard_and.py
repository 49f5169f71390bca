"""Spells its guard with brackets and a second condition."""
import sys

if ((__name__)) == ('__main__') and len(sys.argv) > 1:
    open(sys.argv[1] + "/result.txt", "w").write("done")
