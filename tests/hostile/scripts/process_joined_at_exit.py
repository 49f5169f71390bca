"""Starts a multiprocessing child that writes the output, and leaves it to the interpreter to wait for it."""
import multiprocessing
import sys
import time


def work(path):
    time.sleep(0.3)
    with open(path, "w") as file:
        file.write("late")


if __name__ == "__main__":
    multiprocessing.get_context("fork").Process(target=work, args=(sys.argv[1] + "/result.txt",)).start()
