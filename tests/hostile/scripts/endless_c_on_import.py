"""Loops in C as it is loaded."""
import itertools

sum(itertools.repeat(0, 4 * 10**9))

if __name__ == "__main__":
    pass
