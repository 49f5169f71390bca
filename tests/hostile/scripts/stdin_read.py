"""Reads standard input, which is at its end at once."""
import os
import sys

if __name__ == "__main__":
    assert sys.stdin.read() == ""
    assert os.read(0, 1) == b""
    assert not sys.stdin.isatty()
    open(sys.argv[1] + "/result.txt", "w").write("done")
