"""Calls sys.exit with a string, which means exit code 1 and the string on standard error."""
import sys

if __name__ == "__main__":
    sys.exit("the table has no column named kiwi")
