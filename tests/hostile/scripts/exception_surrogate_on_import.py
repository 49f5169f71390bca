"""Raises, as it is loaded, an exception whose text holds half a character."""
raise ValueError("half a character \udcff and the rest")

if __name__ == "__main__":
    pass
