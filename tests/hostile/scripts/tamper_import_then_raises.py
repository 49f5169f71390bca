"""Replaces __import__ and most builtins with functions that raise, then raises."""
import builtins


def broken(*args, **kwargs):
    raise TypeError("a builtin that was replaced")


if __name__ == "__main__":
    error = ValueError("with broken tools")
    for name in ("__import__", "len", "print", "open", "isinstance", "repr", "str", "getattr", "hasattr", "type"):
        setattr(builtins, name, broken)
    raise error
