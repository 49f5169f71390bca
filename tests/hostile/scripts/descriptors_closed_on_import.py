"""Closes all descriptors as it is loaded."""
import os
import sys

os.closerange(0, 4096)

if __name__ == "__main__":
    with open(sys.argv[1] + "/result.txt", "w") as file:
        file.write("done")
