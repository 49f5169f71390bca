"""The process that reads and writes tables: what needs DuckDB or pyarrow, and may be ended by a file.

It gets one request a line on its standard input, {"do": NAME, ...}, and answers each with a line on its
standard output: {"done": ...}, or {"error": "..."} for what cannot be done. It ends with its input.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any


def main(parent: int) -> None:
    """Answer requests of that process until there are no more."""
    _end_with(parent)
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)  # what a library prints is no answer
    with suppress(ImportError):
        import duckdb  # noqa: F401 - 80 ms, which it has while the first steps run
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"done": DO[request.pop("do")](**request)}
        except Exception as error:  # whatever a library says; the caller decides what it means
            kind = "" if isinstance(error, ValueError) else f"{type(error).__name__}: "
            answer = {"error": f"{kind}{error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _end_with(parent: int) -> None:
    """End when the process that asks is killed, also in the middle of a request. Linux only."""
    import ctypes
    import signal

    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:  # it has gone meanwhile
        sys.exit()


def _facts(root: str, names: list[str], wanted: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    from pipetest.data.facts import as_dict
    from pipetest.data.tables import facts_of

    return [as_dict(table) for table in facts_of(Path(root), names, wanted)]


def _generate(
    path: str,
    columns: Mapping[str, Mapping[str, Any]],
    rows: int,
    format: str,  # noqa: A002
    seed: int,
    name: str = "",
) -> None:
    from pipetest.data.synthetic import write

    write(Path(path), columns, rows, format, seed, name)


def _learn(path: str) -> dict[str, Any]:
    from pipetest.data.synthetic_like import learn

    columns, format_ = learn(Path(path))
    return {"columns": columns, "format": format_}


def _sample(source: str, target: str, take: Mapping[str, Any]) -> list[str]:
    from pipetest.data.samples import sample
    from pipetest.pipeline import Take

    return sample(Path(source), Path(target), Take(**take))


def _vary(source: str, target: str, variant: str, columns: list[str]) -> None:
    from pipetest.data.edge_data import vary

    vary(Path(source), Path(target), variant, columns)


DO: dict[str, Callable[..., Any]] = {
    "facts": _facts,
    "generate": _generate,
    "learn": _learn,
    "sample": _sample,
    "vary": _vary,
}
