"""Asserts the module attributes and arguments that `python file.py out in` gives."""
import os
import sys

if __name__ == "__main__":
    assert __name__ == "__main__" and __spec__ is None and __package__ is None and __cached__ is None
    assert os.path.isabs(__file__) and os.path.basename(__file__) == "state_argv.py"
    assert os.path.samefile(sys.argv[0], __file__) and len(sys.argv) == 3, sys.argv
    assert os.path.samefile(sys.path[0], os.path.dirname(__file__)), sys.path
    assert __loader__.__class__.__name__ == "SourceFileLoader" and __doc__.startswith("Asserts")
    assert not os.listdir(sys.argv[1]) and sorted(os.listdir(sys.argv[2])) == ["data.csv", "sub"]
    open(sys.argv[1] + "/result.txt", "w").write("done")
