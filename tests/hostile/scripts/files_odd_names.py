"""Gives its output files names with newlines, escapes, quotes, markup and bytes that are no text."""
import os
import sys

if __name__ == "__main__":
    out = os.fsencode(sys.argv[1])
    for name in (b"new\nline", b"\x1b[2Jcls", b"'\"", b"[red]", b" ", b"-rf", b"{0}%s", b"\xff\xfe.csv"):
        with open(out + b"/" + name, "w") as file:
            file.write("a,b\n1,2\n")
