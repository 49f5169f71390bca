"""Becomes another program, which exits with 4."""
import os
import sys

if __name__ == "__main__":
    os.execv(sys.executable, [sys.executable, "-c", "raise SystemExit(4)"])
