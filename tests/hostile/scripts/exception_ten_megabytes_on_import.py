"""Raises, as it is loaded, an exception with a message of ten megabytes."""
raise ValueError("a long story: " + "very " * 2_000_000 + "long")

if __name__ == "__main__":
    pass
