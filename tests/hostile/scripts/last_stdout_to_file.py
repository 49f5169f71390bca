"""Points sys.stdout at its output file and leaves it so."""
import sys

if __name__ == "__main__":
    sys.stdout = open(sys.argv[1] + "/result.txt", "w")
    print("done")
