"""Raises an exception whose __str__ and __repr__ raise."""


class Unprintable(Exception):
    def __str__(self):
        raise ValueError("no text for you")

    __repr__ = __str__


if __name__ == "__main__":
    raise Unprintable(1)
