"""Leaves a file open in an object that refers to itself: the interpreter itself loses the text."""
import sys


class Writer:
    def __init__(self, path):
        self.file = open(path, "w")
        self.me = self
        self.write = self.file.write


def main():
    Writer(sys.argv[1] + "/result.txt").write("done")


if __name__ == "__main__":
    main()
