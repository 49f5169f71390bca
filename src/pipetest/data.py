"""Our end of the line to the process that reads tables (``reader``): questions in, facts out.

The process is started when it is first needed, and again after a file that it died of.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pipetest.facts import Table, table_from
from pipetest.sandbox_files import walk

SECONDS = 120.0  # for one request
MOST_FILES = 2_000  # of one input or output


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
        self._known: dict[object, tuple[Table, ...]] = {}

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

    def facts(self, path: Path, wanted: Mapping[str, Mapping[str, Any]] | None = None) -> tuple[Table, ...]:
        """The facts of a file, or of all files below a folder; nothing where no tables can be read.

        ``wanted`` are declared columns, ``{NAME: {"type": ...}}``: it is counted how many values break them.
        """
        found = list(walk(path))[:MOST_FILES]
        stamps = tuple((name, status.st_size, status.st_mtime_ns) for name, status in found)
        key = (path, stamps, json.dumps(wanted or {}))
        if not stamps or not is_available():
            return ()
        if key not in self._known:
            self._known[key] = self._read(path, [name for name, _, _ in stamps], wanted or {})
        return self._known[key]

    def _read(
        self, path: Path, names: Sequence[str], wanted: Mapping[str, Mapping[str, Any]]
    ) -> tuple[Table, ...]:
        root = path if path.is_dir() else path.parent
        try:
            told = self.ask("facts", root=str(root), names=list(names), wanted=dict(wanted))
        except DataError as error:
            if len(names) > 1:  # one of them is to blame: the others can be read
                return tuple(table for name in names[:50] for table in self._read(path, [name], wanted))
            size = (root / names[0]).stat().st_size
            return (Table(names[0], "unreadable", bytes=size, problem=str(error)),)
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
        if said:
            return dict(json.loads(said))
        self.close()
        late = f"it took longer than {SECONDS:.0f} s"
        return {"error": late if said is None else "the process that reads it was ended by it"}

    def _started(self) -> subprocess.Popen[bytes]:
        env = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONSTARTUP")}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "pipetest.reader"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=env,
            start_new_session=True,  # Ctrl-C is for us
        )
        return self._process
