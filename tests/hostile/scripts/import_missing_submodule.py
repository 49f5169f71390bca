"""Imports a submodule that an installed package does not have."""
import json.no_such_part_kiwi

if __name__ == "__main__":
    json.no_such_part_kiwi()
