"""What guards a step's child processes, laid into a folder: no network, and a stand-in for pip.

A lane has one such folder. The step finds it by PATH and PYTHONPATH; what its children wanted is in the
file ``record``, which the keeper empties before each attempt.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

TEMPLATES = Path(__file__).parent / "guard"
HOOK = Path(__file__).parent / "_worker_guard.py"
PIPS = ("pip", "pip3", *(f"pip3.{minor}" for minor in range(8, 21)))
TOOLS = ("uv", "conda", "mamba", "micromamba")
# The shell starts the interpreter: a first line has room for neither spaces nor long paths.
LAUNCHER = '#!/bin/sh\nexec {python} {folder}/tool.py {name} "$@"\n'

Record = Mapping[str, Any]  # a line of the record: a note of the guard, or a call of the stand-in


def lay_guard(folder: Path, python: str, path: str | None = None) -> None:
    """Write ``bin``, ``site``, ``online`` and an empty ``record`` into ``folder``, for steps of that Python.

    ``path`` is the PATH on which uv and conda are looked for: only where they are is there a stand-in.
    """
    here = os.fspath(folder.absolute())
    for inner, text in _templates().items():
        place = os.path.join(here, inner)  # noqa: PTH118 (a Path for each would take longer than writing it)
        os.makedirs(os.path.dirname(place), exist_ok=True)  # noqa: PTH103, PTH120
        _write(place, text)
    os.makedirs(f"{here}/online", exist_ok=True)  # noqa: PTH103
    os.makedirs(f"{here}/bin", exist_ok=True)  # noqa: PTH103
    if not os.path.lexists(f"{here}/online/pip"):
        os.symlink("../site/pip", f"{here}/online/pip")  # noqa: PTH211
    for name in _tools(python, path):
        line = LAUNCHER.format(python=shlex.quote(python), folder=shlex.quote(here), name=name)
        _write(f"{here}/bin/{name}", line.encode(), 0o755)
    _write(f"{here}/record", b"")


def guard_environment(env: Mapping[str, str], folder: Path, network: bool = False) -> dict[str, str]:
    """``env`` with the guard's folders first. With ``network`` the step's children are not guarded."""
    site = str(folder / ("online" if network else "site"))
    return {
        **env,
        "PATH": os.pathsep.join(filter(None, [str(folder / "bin"), env.get("PATH", os.defpath)])),
        "PYTHONPATH": os.pathsep.join(filter(None, [site, env.get("PYTHONPATH", "")])),
    }


def records_of(lines: Iterable[str | bytes]) -> Iterator[Record]:
    """What was noted. A step can write there, so what is no record is passed over."""
    for line in lines:
        with suppress(ValueError, RecursionError):
            record = json.loads(line)
            if isinstance(record, dict) and isinstance(record.get("what"), str):
                yield record


def place_of(record: Record) -> tuple[str | None, int | None]:
    """The file and the line of the user's code that a record names."""
    file, line = record.get("file"), record.get("line")
    return file if isinstance(file, str) else None, line if isinstance(line, int) else None


@cache
def _templates() -> dict[str, bytes]:
    files = (path for path in TEMPLATES.rglob("*.py"))
    return {
        "guard.py": HOOK.read_bytes(),
        **{path.relative_to(TEMPLATES).as_posix(): path.read_bytes() for path in files},
    }


def _tools(python: str, path: str | None) -> Sequence[str]:
    """pip always; with a version in its name, and uv and conda, where the real one is there."""
    beside = os.path.dirname(python)  # noqa: PTH120
    search = os.pathsep.join([beside, path if path is not None else os.environ.get("PATH", os.defpath)])
    versions = [name for name in PIPS[2:] if os.path.exists(f"{beside}/{name}")]  # noqa: PTH110
    return [*PIPS[:2], *versions, *(tool for tool in TOOLS if shutil.which(tool, path=search))]


def _write(place: str, text: bytes, mode: int = stat.S_IRUSR | stat.S_IWUSR) -> None:
    fd = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        os.write(fd, text)
    finally:
        os.close(fd)
