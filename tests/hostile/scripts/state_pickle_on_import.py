"""Pickles an object of its own class as it is loaded, whatever its module is called then."""
import pickle
import sys


class Model:
    weight = 3


COPY = pickle.loads(pickle.dumps(Model()))
assert type(COPY) is Model

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
