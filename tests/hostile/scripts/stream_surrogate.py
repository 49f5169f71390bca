"""Prints half a character, which no stream takes."""
import sys

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
    print("half \ud800")
