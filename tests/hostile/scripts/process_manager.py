"""Shares a dictionary through a multiprocessing manager."""
import multiprocessing
import sys


def work(shared):
    shared["answer"] = 42


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager:
        shared = manager.dict()
        child = context.Process(target=work, args=(shared,))
        child.start()
        child.join()
        assert shared["answer"] == 42
    open(sys.argv[1] + "/result.txt", "w").write("done")
