"""Replaces builtins that everybody uses, then works."""
import builtins
import sys


def broken(*args, **kwargs):
    raise TypeError("a builtin that was replaced")


keep = open
for name in ("len", "print", "open", "isinstance", "repr", "str", "getattr", "hasattr", "sorted", "type", "dict", "id"):
    setattr(builtins, name, broken)

if __name__ == "__main__":
    with keep(sys.argv[1] + "/result.txt", "w") as file:
        file.write("done")
