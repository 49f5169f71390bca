"""Replaces threading._shutdown and the atexit functions, then works."""
import atexit
import sys
import threading

threading._shutdown = lambda: None
atexit._run_exitfuncs = lambda: None
atexit._clear()
atexit.register = None

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
