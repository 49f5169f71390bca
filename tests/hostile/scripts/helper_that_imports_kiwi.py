import no_such_package_kiwi


def work():
    return no_such_package_kiwi
