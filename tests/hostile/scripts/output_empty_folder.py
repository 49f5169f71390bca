"""Writes an empty folder and nothing else."""
import os
import sys

if __name__ == "__main__":
    os.makedirs(sys.argv[1] + "/model/weights")
