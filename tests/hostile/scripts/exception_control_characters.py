"""Raises an exception whose text would clear the screen, retitle the window, ring and hide what follows."""

if __name__ == "__main__":
    raise ValueError("before\x1b[2J\x1b]0;owned\x07\x00\x08\r\x1b[8m\x9b31m\u202eafter")
