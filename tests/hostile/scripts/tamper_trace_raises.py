"""Sets a trace function that raises in the next function that is called."""
import sys


def trace(frame, event, argument):
    raise ValueError("traced to death")


def work():
    return 1


if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
    sys.settrace(trace)
    work()
