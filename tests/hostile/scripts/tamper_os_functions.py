"""Replaces the functions of os, time, json and sys that a tester would use, then works."""
import json
import os
import sys
import time


def broken(*args, **kwargs):
    raise TypeError("a function that was replaced")


for name in ("_exit", "write", "close", "fork", "kill", "waitpid", "getpid", "fstat", "getcwd", "dup2", "pipe", "fspath"):
    setattr(os, name, broken)
time.time = time.monotonic = time.sleep = time.perf_counter = json.dumps = json.loads = broken
sys.exit = sys.exc_info = broken

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
