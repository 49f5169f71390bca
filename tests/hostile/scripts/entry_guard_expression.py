"""Has no `if`: its guard is an expression."""
import sys


def main():
    open(sys.argv[1] + "/result.txt", "w").write("done")


__name__ == "__main__" and main()
