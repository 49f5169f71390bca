"""Leaves a thread pool with work in its queue, which the interpreter finishes before it ends."""
import sys
import time
from concurrent.futures import ThreadPoolExecutor


def work(number):
    time.sleep(0.05)
    with open(f"{sys.argv[1]}/{number}.txt", "w") as file:
        file.write("done")


if __name__ == "__main__":
    pool = ThreadPoolExecutor(2)
    for number in range(6):
        pool.submit(work, number)
