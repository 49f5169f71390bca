"""Was committed with a breakpoint in it."""
import sys

if __name__ == "__main__":
    breakpoint()
    open(sys.argv[1] + "/result.txt", "w").write("done")
