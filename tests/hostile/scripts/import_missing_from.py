"""Imports a name from a submodule of a package that is not installed."""
from no_such_package_kiwi.deep.inside import work

if __name__ == "__main__":
    work()
