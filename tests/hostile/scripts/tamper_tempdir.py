"""Points tempfile, HOME and TMPDIR at folders that do not exist, then works."""
import os
import sys
import tempfile

tempfile.tempdir = "/nowhere/at/all"
os.environ.update(HOME="/nowhere", TMPDIR="/nowhere", PATH="", PYTHONPATH="/nowhere", PYTHONHOME="/nowhere")

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
