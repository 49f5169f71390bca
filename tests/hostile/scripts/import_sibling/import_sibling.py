"""Imports a helper and a package beside it."""
import sys

from helper import double
from parts.numbers import THREE

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write(str(double(THREE)))
