"""Sets the standard streams to None, then prints and works."""
import sys

sys.stdin = sys.stdout = sys.stderr = None

if __name__ == "__main__":
    print("to nobody")
    open(sys.argv[1] + "/result.txt", "w").write("done")
