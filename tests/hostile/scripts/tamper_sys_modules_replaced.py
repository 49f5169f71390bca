"""Puts numbers in place of os, io, json, signal and itself in sys.modules, then works."""
import sys

for name in ("os", "posix", "io", "json", "signal", "threading", "traceback", "atexit", "time", "__main__"):
    sys.modules[name] = 3

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
