"""Spells its guard as a match statement."""
import sys

match __name__:
    case "__main__":
        open(sys.argv[1] + "/result.txt", "w").write("done")
