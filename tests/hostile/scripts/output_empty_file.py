"""Writes one empty file and nothing else."""
import sys

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").close()
