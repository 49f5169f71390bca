"""Raises its own subclass of BaseException as it is loaded."""


class Catastrophe(BaseException):
    pass


raise Catastrophe("nothing catches this")

if __name__ == "__main__":
    pass
