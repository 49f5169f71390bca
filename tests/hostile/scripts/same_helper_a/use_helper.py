"""Imports a helper that has the same name as another script's helper."""
import sys

import helper

assert helper.WHO == "a", helper.__file__

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write(helper.WHO)
