"""Defines main and calls it at the top level without a guard."""
import sys


def main():
    open(sys.argv[1] + "/result.txt", "w").write("done")


main()
