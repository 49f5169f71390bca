"""Imports modules that are not installed, each in a guard that the script can do without."""
import contextlib
import importlib
import sys

try:
    import no_such_package_kiwi
except ImportError:
    no_such_package_kiwi = None
try:
    from no_such_package_plum import stone
except (ModuleNotFoundError, AttributeError):
    stone = None
try:
    import no_such_package_fig
except Exception:
    pass
with contextlib.suppress(ImportError):
    import no_such_package_pear

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
