"""Wraps main in a decorator that changes its signature."""
import functools
import sys


def twice(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        function(*args, **kwargs)
        return function(*args, **kwargs)

    return wrapper


@twice
def main():
    open(sys.argv[1] + "/result.txt", "w").write("done")


if __name__ == "__main__":
    main()
