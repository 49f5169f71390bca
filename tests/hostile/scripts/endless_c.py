"""Loops in C, where no Python signal handler is ever run."""
import itertools

if __name__ == "__main__":
    sum(itertools.repeat(0, 4 * 10**9))
