"""Replaces its inputs with others, and a folder of them with a link to elsewhere."""
import os
import shutil
import sys

if __name__ == "__main__":
    with open("other.csv", "w") as file:
        file.write("not,the,same\n")
    os.replace("other.csv", sys.argv[2] + "/data.csv")
    shutil.rmtree(sys.argv[2] + "/sub")
    os.symlink("/", sys.argv[2] + "/sub")
    open(sys.argv[1] + "/result.txt", "w").write("done")
