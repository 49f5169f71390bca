"""Uses a multiprocessing pool that spawns, whose children load this file again."""
import multiprocessing
import sys


def square(number):
    return number * number


if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert pool.map(square, range(5)) == [0, 1, 4, 9, 16]
    open(sys.argv[1] + "/result.txt", "w").write("done")
