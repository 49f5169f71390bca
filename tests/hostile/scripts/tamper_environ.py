"""Clears os.environ, then starts a program and works."""
import os
import subprocess
import sys

os.environ.clear()

if __name__ == "__main__":
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    open(sys.argv[1] + "/result.txt", "w").write("done")
