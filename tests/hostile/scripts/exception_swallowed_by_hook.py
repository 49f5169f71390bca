"""Sets a sys.excepthook that prints nothing, then raises: the exit code is still 1."""
import sys

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
    sys.excepthook = lambda *args: None
    raise ValueError("told to nobody")
