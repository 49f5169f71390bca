"""Raises an exception whose text holds half a character."""

if __name__ == "__main__":
    raise ValueError("half a character \ud800 and the rest")
