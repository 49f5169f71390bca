"""Writes its output in the __del__ of an object that lives to the end."""
import sys


class Writer:
    def __init__(self, path):
        self.path = path

    def __del__(self, open=open):
        with open(self.path, "w") as file:
            file.write("done")


if __name__ == "__main__":
    keep = Writer(sys.argv[1] + "/result.txt")
