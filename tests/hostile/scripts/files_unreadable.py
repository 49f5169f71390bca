"""Puts folders and files without permissions beside its output."""
import os
import sys

if __name__ == "__main__":
    os.makedirs(sys.argv[1] + "/locked/inner")
    open(sys.argv[1] + "/locked/secret.txt", "w").write("secret")
    os.chmod(sys.argv[1] + "/locked/secret.txt", 0)
    os.chmod(sys.argv[1] + "/locked", 0)
    open(sys.argv[1] + "/result.txt", "w").write("done")
