"""Runs another file and a module through runpy, and still is itself afterwards."""
import runpy
import sys

if __name__ == "__main__":
    this = sys.modules["__main__"]
    with open("other.py", "w") as file:
        file.write("RESULT = __name__\n")
    assert runpy.run_path("other.py", run_name="__main__")["RESULT"] == "__main__"
    assert sys.modules["__main__"] is this
    open(sys.argv[1] + "/result.txt", "w").write("done")
