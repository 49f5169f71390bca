"""Imports a module that is not installed and has neither guard nor main."""
import sys

import no_such_package_kiwi

open(sys.argv[1] + "/result.txt", "w").write(no_such_package_kiwi.TEXT)
