"""Sets a sys.excepthook that itself raises."""
import sys


def hook(*args):
    raise TypeError("the hook broke too")


if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
    sys.excepthook = hook
    raise ValueError("the first fault")
