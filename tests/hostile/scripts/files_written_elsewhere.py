"""Writes into its working folder, HOME and TMPDIR, beside its output."""
import os
import sys
import tempfile
from pathlib import Path

if __name__ == "__main__":
    for folder in (Path.cwd(), Path.home(), Path(tempfile.gettempdir())):
        (folder / "litter").mkdir(exist_ok=True)
        (folder / "litter" / f"of_{os.getpid()}.txt").write_text("litter")
    tempfile.mkstemp()
    tempfile.mkdtemp()
    open(sys.argv[1] + "/result.txt", "w").write("done")
