"""Asserts that no name of a tester is among its own."""
import builtins

if __name__ == "__main__":
    names = {name for name in globals() if not name.startswith("__")}
    assert names == {"builtins"}, names
    assert __builtins__ is builtins
    import sys

    assert sys.modules["__main__"].__dict__ is globals()
    assert "__mp_main__" not in sys.modules
    open(sys.argv[1] + "/result.txt", "w").write("done")
