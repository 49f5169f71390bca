"""Returns at the top level, which the parser lets pass and the compiler does not."""
import sys

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
    return
