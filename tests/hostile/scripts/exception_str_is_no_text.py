"""Raises an exception whose __str__ returns a number."""


class Odd(Exception):
    def __str__(self):
        return 7


if __name__ == "__main__":
    raise Odd()
