"""Lowers the recursion limit as far as few programs could bear, then works."""
import sys

sys.setrecursionlimit(60)

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
