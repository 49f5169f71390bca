"""Leaves a file open that it has hung on to the module sys."""
import sys

if __name__ == "__main__":
    sys.my_file = open(sys.argv[1] + "/result.txt", "w")
    sys.my_file.write("done")
