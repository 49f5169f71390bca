"""What pipetest is timed against.

python others.py sketch FILE...          import each in this one process, as the tester's first sketch did
python others.py forks N [MODULE...]     fork, _exit and wait N times on one core, with these modules loaded;
                                         prints the seconds that the loop alone took
python others.py peak ARGUMENT...        run pipetest with these arguments in this process;
                                         prints the megabytes that it held at most
"""

from __future__ import annotations

import contextlib
import os
import sys


def sketch(paths: list[str]) -> None:
    """No isolation at all: what one script does to the process, the next one sees."""
    import importlib.util

    for path in paths:
        name = os.path.basename(path)[:-3]  # noqa: PTH119 (pathlib would cost the other side its import)
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise SystemExit(f"{path} cannot be imported")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        if not callable(getattr(module, "main", None)):
            raise SystemExit(f"{path} has no main")


def forks(count: int, modules: list[str]) -> None:
    import time

    for name in modules:
        __import__(name)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    started = time.perf_counter()
    for _ in range(count):
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)
    print(time.perf_counter() - started)


def peak(arguments: list[str]) -> None:
    """Of this process alone: its own high-water mark, which a fork or an exec does not pass on."""
    from pipetest.__main__ import main

    sys.argv[1:] = arguments
    with open(os.devnull, "w", encoding="utf-8") as null, contextlib.redirect_stdout(null):
        code = main()
    if code:
        raise SystemExit(f"pipetest ended with {code}")
    print(_high_water() / 1e6)


def _high_water() -> int:
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    if sys.argv[1] == "sketch":
        sketch(sys.argv[2:])
    elif sys.argv[1] == "forks":
        forks(int(sys.argv[2]), sys.argv[3:])
    else:
        peak(sys.argv[2:])
