"""Pickles an object of its own class and reads it back, here and through __main__."""
import pickle
import sys


class Model:
    def __init__(self, weight):
        self.weight = weight


if __name__ == "__main__":
    with open(sys.argv[1] + "/model.pkl", "wb") as file:
        pickle.dump(Model(3), file)
    text = open(sys.argv[1] + "/model.pkl", "rb").read()
    assert b"__main__" in text and type(pickle.loads(text)) is Model
