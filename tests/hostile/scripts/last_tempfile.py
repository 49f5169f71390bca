"""Counts on a TemporaryDirectory to clean itself up at exit."""
import os
import sys
import tempfile

if __name__ == "__main__":
    folder = tempfile.TemporaryDirectory()
    open(os.path.join(folder.name, "scratch"), "w").write("scratch")
    open(sys.argv[1] + "/result.txt", "w").write("done")
