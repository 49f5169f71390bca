"""Spells its guard with `in`."""
import sys

if __name__ in ("__main__", "__worker__"):
    open(sys.argv[1] + "/result.txt", "w").write("done")
