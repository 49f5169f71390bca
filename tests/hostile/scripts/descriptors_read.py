"""Reads whatever can be read from every descriptor beyond the standard ones, without waiting."""
import os
import sys

for descriptor in range(3, 64):
    try:
        os.set_blocking(descriptor, False)
        os.read(descriptor, 65536)
    except OSError:
        pass

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
