"""Leaves a multiprocessing pool open at the end, which the interpreter then ends."""
import multiprocessing
import sys

if __name__ == "__main__":
    pool = multiprocessing.get_context("fork").Pool(2)
    assert pool.map(abs, [-1, -2]) == [1, 2]
    open(sys.argv[1] + "/result.txt", "w").write("done")
