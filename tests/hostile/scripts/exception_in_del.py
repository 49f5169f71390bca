"""Writes its output, and an object's __del__ raises, which does not change the exit code."""
import sys


class Stubborn:
    def __del__(self):
        raise ValueError("not going")


if __name__ == "__main__":
    Stubborn()
    keep = Stubborn()
    open(sys.argv[1] + "/result.txt", "w").write("done")
