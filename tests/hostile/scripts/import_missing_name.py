"""Imports a name that an installed module does not have."""
from os import no_such_name_kiwi

if __name__ == "__main__":
    no_such_name_kiwi()
