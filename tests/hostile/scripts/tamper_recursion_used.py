"""Uses most of the recursion that a plain interpreter grants."""
import sys


def dig(depth):
    return depth and dig(depth - 1)


if __name__ == "__main__":
    dig(950)
    open(sys.argv[1] + "/result.txt", "w").write("done")
