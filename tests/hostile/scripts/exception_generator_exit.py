"""Raises GeneratorExit, which is no Exception."""

if __name__ == "__main__":
    raise GeneratorExit("a generator left")
