"""Imports relatively, and lies in no package at all."""
from .helper import double

if __name__ == "__main__":
    double(3)
