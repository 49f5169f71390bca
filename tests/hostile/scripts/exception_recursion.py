"""Recurses without end."""


def dig(depth):
    return dig(depth + 1)


if __name__ == "__main__":
    dig(0)
