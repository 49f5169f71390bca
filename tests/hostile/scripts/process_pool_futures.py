"""Uses a process pool of concurrent.futures with a class of its own as the argument."""
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass


@dataclass
class Job:
    number: int


def work(job):
    return Job(job.number + 1)


if __name__ == "__main__":
    with ProcessPoolExecutor(2) as pool:
        assert list(pool.map(work, [Job(1), Job(2)])) == [Job(2), Job(3)]
    open(sys.argv[1] + "/result.txt", "w").write("done")
