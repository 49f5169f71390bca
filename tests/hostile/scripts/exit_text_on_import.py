"""Calls sys.exit with a string as it is loaded."""
import sys

sys.exit("the table has no column named kiwi")

if __name__ == "__main__":
    pass
