"""Mixes tabs and spaces."""


def main():
    if True:
	return 1


if __name__ == "__main__":
    main()
