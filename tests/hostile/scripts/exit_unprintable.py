"""Calls sys.exit with an object that cannot be turned into text."""
import sys


class Unprintable:
    def __str__(self):
        raise ValueError("no text for you")


if __name__ == "__main__":
    sys.exit(Unprintable())
