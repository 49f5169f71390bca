"""Raises, as it is loaded, an exception whose text would clear the screen."""
raise ValueError("before\x1b[2J\x1b]0;owned\x07\x00\x08\r\x1b[8m\x9b31m\u202eafter")

if __name__ == "__main__":
    pass
