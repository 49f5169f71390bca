"""Raises an exception that is its own cause's cause."""

if __name__ == "__main__":
    first, second = ValueError("first of a ring"), ValueError("second of a ring")
    first.__cause__, second.__cause__ = second, first
    raise first
