"""Recurses without end as it is loaded."""


def dig(depth):
    return dig(depth + 1)


dig(0)

if __name__ == "__main__":
    pass
