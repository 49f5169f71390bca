"""Prints terminal escapes as it is loaded, then raises."""
print("kiwi \x1b[2J\x1b[H\x1b]0;owned\x07\x1b[?25l\x1b[8m\x00\x08\x0e\x9b31m\x1bc\u202e\u2028 [/red]")
raise ValueError("after the escapes")

if __name__ == "__main__":
    pass
