"""Raises GeneratorExit as it is loaded."""
raise GeneratorExit("a generator left")

if __name__ == "__main__":
    pass
