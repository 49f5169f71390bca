"""Puts a named pipe into its output and nothing else."""
import os
import sys

if __name__ == "__main__":
    os.mkfifo(sys.argv[1] + "/result.csv")
