"""Our end of the line to the process that reads tables (``reader``): questions in, facts out.

The process is started when it is first needed, and again after a file that it died of.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

from pipetest.data.facts import Table, table_from
from pipetest.data.formats import TABULAR, Kind, kind_of, shards
from pipetest.sandbox_files import walk

SECONDS = 120.0  # for one request
MOST_FILES = 10_000  # of one input or output
MOST_ALONE = 50  # files that are read each on its own, when all at once cannot be
SOURCE = str(Path(__file__).parents[2])  # last on the path of the process, and never what PYTHONPATH names


def _kind(path: Path) -> Kind:
    try:
        return kind_of(path)
    except OSError:
        return Kind("unreadable")


def _files(path: Path, follow: bool) -> Iterator[tuple[str, os.stat_result]]:
    """The regular files below a path, as many as are looked at; with ``follow`` also what links lead to."""
    real = path.resolve() if follow else path
    for name, status in islice(walk(real), MOST_FILES):
        if follow and stat.S_ISLNK(status.st_mode):
            with suppress(OSError):
                status = (real / name).stat()
        if stat.S_ISREG(status.st_mode):
            yield (name if real.is_dir() else path.name), status


def _late() -> str:
    return f"it took longer than {SECONDS:.0f} s"


def _ending(process: subprocess.Popen[bytes]) -> str:
    """Why the process ended, as far as it can be told."""
    if process.returncode == -signal.SIGKILL:
        return "the process that reads it was killed, as a system does that is short of memory"
    return f"the process that reads it was ended by it (exit code {process.returncode})"


class DataError(Exception):
    """The process could not do what it was asked. The text says why."""


@cache
def is_available() -> bool:
    """Whether tables can be read: the extra ``data`` is installed."""
    return find_spec("duckdb") is not None


class Reader:
    """The process that reads tables. Use it as a context: what it started is ended with it."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._process: subprocess.Popen[bytes] | None = None
        self._known: dict[object, dict[str, tuple[Table, ...]]] = {}

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def begin(self) -> None:
        """Start the process, and let it load its libraries while others work."""
        if self._process is None and is_available():
            self._started()

    def facts(
        self, path: Path, wanted: Mapping[str, Mapping[str, Any]] | None = None, *, follow: bool = False
    ) -> tuple[Table, ...]:
        """The facts of a file, or of all files below a folder.

        ``wanted`` are declared columns, ``{NAME: {"type": ...}}``: it is counted how many values break them.
        Where tables cannot be read at all, what is known without reading. Links are left out, or followed.
        """
        files = dict(_files(path, follow))
        stamps = tuple((name, status.st_size, status.st_mtime_ns) for name, status in files.items())
        known = self._known.setdefault((path, stamps), {})
        asked = json.dumps(wanted or {})
        if not wanted and known:  # what else was asked is no matter
            return next(iter(known.values()))
        if files and asked not in known:
            sizes = {name: status.st_size for name, status in files.items()}
            tables = self._all(path if path.is_dir() else path.parent, sizes, wanted or {})
            is_part = len(files) == MOST_FILES  # then the number of rows is not known
            known[asked] = tuple(replace(one, rows=None, sampled=True) if is_part else one for one in tables)
        return known.get(asked, ())

    def _all(
        self, root: Path, sizes: Mapping[str, int], wanted: Mapping[str, Mapping[str, Any]]
    ) -> tuple[Table, ...]:
        """Facts of what is no table from here; those of tables from the process."""
        kinds = {name: _kind(root / name) for name in sizes}
        tabular = [name for name, kind in kinds.items() if kind.format in TABULAR and is_available()]
        others = [name for name in sizes if name not in set(tabular)]
        found = [
            Table(
                pattern,
                kinds[names[0]].format,
                len(names),
                sum(sizes[name] for name in names),
                kinds[names[0]].named,
                kinds[names[0]].gzipped,
            )
            for pattern, names in shards(others).items()
        ]
        read = self._read(root, tabular, wanted) if tabular else ()
        return tuple(sorted((*found, *read), key=lambda table: table.name))

    def _read(
        self, root: Path, names: Sequence[str], wanted: Mapping[str, Mapping[str, Any]]
    ) -> tuple[Table, ...]:
        try:
            told = self.ask("facts", root=str(root), names=list(names), wanted=dict(wanted))
        except DataError as error:
            problem = str(error)
            if len(names) > 1 and problem != _late():  # one of them is to blame: the others can be read
                some = names[:MOST_ALONE]
                return tuple(table for name in some for table in self._read(root, [name], wanted))
            return tuple(Table(name, "unreadable", problem=problem) for name in names[:MOST_ALONE])
        return tuple(map(table_from, told))

    def ask(self, do: str, **request: Any) -> Any:
        """Have something done. Raises DataError with the reason when it could not be."""
        process = self._process or self._started()
        answer = self._answer(process, json.dumps({"do": do, **request}))
        if "error" in answer:
            raise DataError(answer["error"])
        return answer["done"]

    def _answer(self, process: subprocess.Popen[bytes], line: str) -> dict[str, Any]:
        assert process.stdin and process.stdout
        try:
            process.stdin.write(line.encode("ascii") + b"\n")
            process.stdin.flush()
            with selectors.DefaultSelector() as selector:
                selector.register(process.stdout, selectors.EVENT_READ)
                said = process.stdout.readline() if selector.select(SECONDS) else None
        except BrokenPipeError:
            said = b""
        if said and said.endswith(b"\n"):
            return dict(json.loads(said))
        if said is not None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(1)  # its own end says why
        self.close()
        return {"error": _late() if said is None else _ending(process)}

    def _started(self) -> subprocess.Popen[bytes]:
        env = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONSTARTUP")}
        load = f"import sys; sys.path.append({SOURCE!r})"
        start = f"{load}\nfrom pipetest.data.reader import main; main({os.getpid()})"
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", start],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=env,
            start_new_session=True,  # Ctrl-C is for us
        )
        return self._process
