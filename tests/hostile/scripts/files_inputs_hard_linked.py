"""Makes its output a hard link to its input, and then appends to it."""
import os
import sys

if __name__ == "__main__":
    os.link(sys.argv[2] + "/data.csv", sys.argv[1] + "/result.csv")
    with open(sys.argv[1] + "/result.csv", "a") as file:
        file.write("9,9\n")
