"""Raises one exception from another."""


def main():
    try:
        int("three")
    except ValueError as error:
        raise RuntimeError("could not read the threshold") from error


if __name__ == "__main__":
    main()
