"""Asserts, as it is loaded, that modules that it did not import are not there."""
import sys

assert "json" not in sys.modules and "pandas" not in sys.modules and "pipetest" not in sys.modules
assert len(sys.modules) < 120, len(sys.modules)

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
