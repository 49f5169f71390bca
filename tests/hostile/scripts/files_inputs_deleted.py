"""Deletes its inputs."""
import shutil
import sys

if __name__ == "__main__":
    rows = open(sys.argv[2] + "/data.csv").readlines()
    assert len(rows) == 3, rows
    shutil.rmtree(sys.argv[2])
    open(sys.argv[1] + "/result.txt", "w").writelines(rows)
