"""Takes all permissions from its working folder."""
import os
import sys

if __name__ == "__main__":
    with open(sys.argv[1] + "/result.txt", "w") as file:
        file.write("done")
    os.chmod(".", 0)
