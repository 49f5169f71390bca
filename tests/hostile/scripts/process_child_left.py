"""Leaves a sleeping child behind."""
import subprocess
import sys

if __name__ == "__main__":
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    open(sys.argv[1] + "/result.txt", "w").write("done")
