"""Writes its output and crashes in an atexit handler."""
import atexit
import ctypes
import sys

if __name__ == "__main__":
    with open(sys.argv[1] + "/result.txt", "w") as file:
        file.write("done")
    atexit.register(ctypes.string_at, 0)
