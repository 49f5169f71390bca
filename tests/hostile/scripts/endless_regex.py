"""Loops in a regular expression that backtracks."""
import re

if __name__ == "__main__":
    re.match(r"(a+)+$", "a" * 31 + "b")
