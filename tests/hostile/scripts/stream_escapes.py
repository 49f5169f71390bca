"""Prints terminal escapes and control characters, then exits with 3."""
import sys

if __name__ == "__main__":
    print("kiwi \x1b[2J\x1b[H\x1b]0;owned\x07\x1b[?25l\x1b[8m\x00\x08\x0e\x9b31m\x1bc\u202e\u2028 [/red]")
    sys.exit(3)
