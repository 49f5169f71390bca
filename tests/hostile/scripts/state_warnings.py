"""Warns of its own deprecation, which a plain interpreter shows for a script and does not make an error."""
import sys
import warnings

warnings.warn("this script is old", DeprecationWarning)

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
