"""Sets a sys.excepthook that calls sys.exit(0), then raises: the plain interpreter's exit code is 0."""
import sys

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
    sys.excepthook = lambda *args: sys.exit(0)
    raise ValueError("the first fault")
