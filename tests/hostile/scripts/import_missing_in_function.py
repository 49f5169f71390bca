"""Imports a module that is not installed in a function that is never called."""
import sys


def rarely():
    import no_such_package_kiwi

    return no_such_package_kiwi


if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
