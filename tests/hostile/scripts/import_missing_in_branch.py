"""Imports a module that is not installed in a branch that is not taken."""
import sys

if sys.platform == "plan9":
    import no_such_package_kiwi

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
