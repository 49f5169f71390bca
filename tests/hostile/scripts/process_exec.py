"""Becomes another program, which writes the output."""
import os
import sys

if __name__ == "__main__":
    os.execv(sys.executable, [sys.executable, "-c", f"open({sys.argv[1] + '/result.txt'!r}, 'w').write('done')"])
