"""Spells its guard with `not` and `!=`."""
import sys

if not __name__ != "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
