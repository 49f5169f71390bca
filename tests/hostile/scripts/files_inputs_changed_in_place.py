"""Writes into its inputs through a memory map and takes their permissions."""
import mmap
import os
import sys

if __name__ == "__main__":
    with open(sys.argv[2] + "/data.csv", "r+b") as file, mmap.mmap(file.fileno(), 0) as view:
        view[:] = b"#" * len(view)
    os.chmod(sys.argv[2] + "/data.csv", 0)
    os.chmod(sys.argv[2] + "/sub", 0)
    os.utime(sys.argv[2] + "/data.csv", (0, 0))
    open(sys.argv[1] + "/result.txt", "w").write("done")
