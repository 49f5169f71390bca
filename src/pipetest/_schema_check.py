"""Hold tables against a pandera schema, in the interpreter of the step, which has pandera and the module.

Run by its path: ``python _schema_check.py PARENT ANSWER FOLDER MODULE:NAME FORMAT FILE...``. Writes JSON
to ANSWER: {"failures": [{"column", "check", "count"}]}, or {"error": "..."}. Like the worker it runs on
Python 3.8 on.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import signal
import sys
import traceback
from collections import Counter
from contextlib import suppress
from typing import Any, Dict, Tuple

Readers = Dict[str, Tuple[str, Dict[str, Any]]]  # format -> how its reader ends, and its options
PANDAS: Readers = {
    "csv": ("csv", {}),
    "tsv": ("csv", {"sep": "\t"}),
    "json": ("json", {}),
    "jsonl": ("json", {"lines": True}),
    "parquet": ("parquet", {}),
    "arrow": ("feather", {}),
}
POLARS: Readers = {
    **PANDAS,
    "tsv": ("csv", {"separator": "\t"}),
    "jsonl": ("ndjson", {}),
    "arrow": ("ipc", {}),
}


def main(parent: str, answer: str, folder: str, name: str, form: str, *files: str) -> None:
    """Check the files, which are one table, and write down what was found."""
    _end_with(int(parent))
    sys.path[0] = folder
    try:
        found: dict[str, Any] = {"failures": _failures(_schema(name), form, files)}
    except BaseException as error:  # also SystemExit: a module of the user's is imported
        lines = traceback.format_exception_only(type(error), error)
        found = {"error": lines[-1].strip()}
    with open(answer, "w", encoding="ascii") as file:
        json.dump(found, file)


def _end_with(parent: int) -> None:
    """End when the process that asks is killed. Linux only."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        sys.exit()


def _schema(name: str) -> Any:
    module, _, attribute = name.partition(":")
    found = importlib.import_module(module)
    for part in attribute.split("."):
        found = getattr(found, part)
    return found.to_schema() if hasattr(found, "to_schema") else found


def _failures(schema: Any, form: str, files: tuple[str, ...]) -> list[dict[str, Any]]:
    is_polars = "polars" in type(schema).__module__
    from pandera.errors import SchemaErrors

    try:
        schema.validate(_frame(form, files, is_polars), lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases
        rows = cases.to_dicts() if is_polars else cases.to_dict("records")
        missing = ("column_in_dataframe", "column_in_schema")  # then the case is the name of the column
        counted = Counter(
            (str(row["failure_case"] if row["check"] in missing else row["column"]), str(row["check"]))
            for row in rows
        )
        return [{"column": column, "check": check, "count": n} for (column, check), n in counted.items()]
    return []


def _frame(form: str, files: tuple[str, ...], is_polars: bool) -> Any:
    library = importlib.import_module("polars" if is_polars else "pandas")
    suffix, options = (POLARS if is_polars else PANDAS)[form]
    return library.concat([getattr(library, "read_" + suffix)(file, **options) for file in files])


if __name__ == "__main__":
    main(*sys.argv[1:])
