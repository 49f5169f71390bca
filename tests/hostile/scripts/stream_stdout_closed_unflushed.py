"""Prints, and closes the descriptor before the text is flushed: exit code 120."""
import os
import sys

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
    sys.stdout = open(1, "w", buffering=8192, closefd=False)
    print("to nobody")
    os.close(1)
