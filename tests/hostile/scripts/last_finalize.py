"""Writes its output in a weakref.finalize of an object that lives to the end."""
import sys
import weakref


class Model:
    pass


def write(path):
    with open(path, "w") as file:
        file.write("done")


if __name__ == "__main__":
    model = Model()
    weakref.finalize(model, write, sys.argv[1] + "/result.txt")
