"""Lifts the recursion limit and overflows the C stack."""
import sys

if __name__ == "__main__":
    sys.setrecursionlimit(10**9)
    nest = []
    for _ in range(1_000_000):
        nest = [nest]
    repr(nest)
