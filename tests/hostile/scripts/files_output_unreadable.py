"""Takes all permissions from its output folder when it is done."""
import os
import sys

if __name__ == "__main__":
    with open(sys.argv[1] + "/result.txt", "w") as file:
        file.write("done")
    os.chmod(sys.argv[1], 0)
