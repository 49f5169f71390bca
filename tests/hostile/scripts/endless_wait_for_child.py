"""Waits for a child that sleeps for a minute."""
import subprocess
import sys

if __name__ == "__main__":
    subprocess.run([sys.executable, "-c", "import time; time.sleep(60)"])
