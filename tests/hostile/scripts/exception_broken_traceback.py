"""Breaks the traceback and linecache modules, then raises."""
import linecache
import traceback

if __name__ == "__main__":
    for module in (traceback, linecache):
        for name in [name for name in vars(module) if not name.startswith("__")]:
            setattr(module, name, None)
    raise ValueError("shown all the same")
