"""Spells its guard as a negation, with the work in the else branch."""
import sys

if __name__ != "__main__":
    pass
else:
    open(sys.argv[1] + "/result.txt", "w").write("done")
