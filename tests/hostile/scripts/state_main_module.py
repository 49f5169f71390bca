"""Finds its own names through the module __main__ and by inspecting its source."""
import inspect
import sys

import __main__

ANSWER = 42


def own():
    return ANSWER


if __name__ == "__main__":
    assert __main__.ANSWER == 42 and __main__.own is own and own.__module__ == "__main__"
    assert "return ANSWER" in inspect.getsource(own)
    assert inspect.getmodule(own) is sys.modules["__main__"]
    open(sys.argv[1] + "/result.txt", "w").write("done")
