"""Imports its own package relatively, which works inside the package and not as a script."""
import sys

from . import helper
from .helper import double

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write(str(double(helper.THREE)))
