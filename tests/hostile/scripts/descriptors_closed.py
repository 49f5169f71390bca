"""Closes all descriptors, then writes its output."""
import os
import sys

if __name__ == "__main__":
    os.closerange(0, 4096)
    with open(sys.argv[1] + "/result.txt", "w") as file:
        file.write("done")
