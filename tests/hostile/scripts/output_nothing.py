"""Does its work and forgets to write it."""


def main():
    return sum(range(10))


if __name__ == "__main__":
    main()
