"""Puts an object that raises in place of sys.stdout: the interpreter's last flush fails, exit code 120."""
import sys


class Raises:
    def __getattr__(self, name):
        raise OSError("no stream")


if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
    sys.stdout = Raises()
