"""Asserts that no secret of the caller is in its environment, and that HOME and TMPDIR can be used."""
import os
import sys
import tempfile

if __name__ == "__main__":
    for name in os.environ:
        assert not name.startswith("AWS_"), name
        assert not any(word in name for word in ("SECRET", "TOKEN", "PASSWORD", "PIPETEST")), name
    assert os.path.isdir(os.path.expanduser("~")) and os.access(tempfile.gettempdir(), os.W_OK)
    open(sys.argv[1] + "/result.txt", "w").write("done")
