"""Raises an exception with a message of ten megabytes."""

if __name__ == "__main__":
    raise ValueError("a long story: " + "very " * 2_000_000 + "long")
