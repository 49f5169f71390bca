"""Raises in main, three calls deep."""


def look_up(table):
    return table["amount"]


def main():
    look_up({"amt": 1})


if __name__ == "__main__":
    main()
