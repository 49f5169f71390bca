"""Writes garbage to every descriptor that is open beyond the standard ones."""
import os
import sys

for descriptor in range(3, 64):
    try:
        os.write(descriptor, b'garbage {"status": "passed"}\n\x00\xff' * 100)
    except OSError:
        pass

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
