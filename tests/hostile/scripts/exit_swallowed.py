"""Calls sys.exit(3) and swallows it with a bare except."""
import sys

if __name__ == "__main__":
    try:
        sys.exit(3)
    except:
        pass
    open(sys.argv[1] + "/result.txt", "w").write("done")
