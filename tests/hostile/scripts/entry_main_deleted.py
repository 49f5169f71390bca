"""Defines main and deletes it again; its guard does the work."""
import sys


def main():
    pass


del main

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
