"""Defines main and hands its result to sys.exit at the top level without a guard."""
import sys


def main():
    open(sys.argv[1] + "/result.txt", "w").write("done")


sys.exit(main())
