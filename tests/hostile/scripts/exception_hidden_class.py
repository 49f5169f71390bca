"""Raises an exception whose class lies about its name and its module."""


class Liar(Exception):
    __module__ = None


if __name__ == "__main__":
    Liar.__name__ = Liar.__qualname__ = "\x1b[2JNobody\n"
    raise Liar("of a class without a module")
