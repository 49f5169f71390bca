"""Leaves a sleeping child behind as it is loaded."""
import subprocess
import sys

subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
