"""Raises its own subclass of BaseException."""


class Catastrophe(BaseException):
    pass


if __name__ == "__main__":
    raise Catastrophe("nothing catches this")
