"""Imports a module that is not installed in a function that is called."""


def main():
    import no_such_package_kiwi

    return no_such_package_kiwi


if __name__ == "__main__":
    main()
