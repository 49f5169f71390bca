"""Asserts the flags and the limits of a plain interpreter."""
import sys

if __name__ == "__main__":
    for name in ("debug", "inspect", "interactive", "optimize", "no_site", "ignore_environment", "isolated", "dev_mode"):
        assert not getattr(sys.flags, name), name
    assert not getattr(sys.flags, "safe_path", False)
    assert sys.getrecursionlimit() == 1000
    assert sys.gettrace() is None and sys.getprofile() is None
    assert sys.excepthook is sys.__excepthook__ and sys.stdout is sys.__stdout__
    assert not sys.warnoptions and not hasattr(sys, "ps1") and not hasattr(sys, "last_value")
    assert sys.exc_info() == (None, None, None)
    open(sys.argv[1] + "/result.txt", "w").write("done")
