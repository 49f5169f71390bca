"""Calls the exit() that the site module adds for interactive use."""
import sys

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
    exit(3)
