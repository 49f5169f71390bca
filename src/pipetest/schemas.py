"""A user's own pandera schemas: tables are held against them by pandera, in the interpreter of the step."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipetest.data.facts import Table
from pipetest.data.formats import TABULAR, shards
from pipetest.data_checks import Place, is_meant, near
from pipetest.pipeline import Input, Output
from pipetest.results import Finding
from pipetest.sandbox_files import walk

CHECK = str(Path(__file__).with_name("_schema_check.py"))
SECONDS = 120.0  # for one table; pandas and pandera need about two to load


@dataclass(frozen=True, slots=True)
class Checker:
    """Where schemas are looked for, and by which interpreter."""

    python: str
    env: Mapping[str, str]
    folder: Path  # where the script lies, and the module with the schema
    room: Path  # for what the check writes


def judge(
    place: Place, wanted: Input | Output, path: Path, tables: Sequence[Table], checker: Checker
) -> list[Finding]:
    """``schema-mismatch`` and ``schema-unusable``: what a schema has against tables."""
    if not wanted.schema:
        return []
    root = path if path.is_dir() else path.parent
    names = [name for name, status in walk(path) if stat.S_ISREG(status.st_mode)]  # a pipe would wait
    groups = shards(names)
    findings: list[Finding] = []
    meant = [table for table in tables if table.format in TABULAR and is_meant(table, wanted.files)]
    for table in meant:
        files = [str(root / name) for name in groups.get(table.name, [table.name])]
        told = _told(wanted.schema, table.format, files, checker)
        findings += _judged(place, wanted.schema, table, told)
    if not meant:
        message = f"{place.data} holds no table that {wanted.schema} could be asked about."
        findings.append(place.finding("schema-mismatch", message, "Write a table, or mend `files`."))
    return findings


def _told(schema: str, form: str, files: Sequence[str], checker: Checker) -> dict[str, Any]:
    checker.room.mkdir(parents=True, exist_ok=True)
    answer = checker.room / "schema.json"
    answer.unlink(missing_ok=True)
    parent = str(os.getpid())
    command = [checker.python, CHECK, parent, str(answer), str(checker.folder), schema, form, *files]
    env = {**checker.env, "HOME": str(checker.room), "TMPDIR": str(checker.room)}
    null = subprocess.DEVNULL
    process = subprocess.Popen(
        command, cwd=checker.room, env=env, stdin=null, stdout=null, stderr=null, start_new_session=True
    )
    try:
        process.wait(SECONDS)
    except subprocess.TimeoutExpired:
        return {"error": f"it took longer than {SECONDS:.0f} s"}
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, 9)  # with what it may have started
        process.wait()
    try:
        return dict(json.loads(answer.read_bytes()))
    except (OSError, ValueError):
        return {"error": "the process that checked it ended without an answer"}


def _judged(place: Place, schema: str, table: Table, told: Mapping[str, Any]) -> Iterator[Finding]:
    if "error" in told:
        message = f"{place.of(table)} could not be held against {schema}: {told['error']}."
        hint = "The module must lie beside the script or be installed, and so must pandera be installed."
        yield place.finding("schema-unusable", message, hint)
        return
    failures = told["failures"]
    if not failures:
        return
    names = [column.name for column in table.columns]
    said = [_said(one, names) for one in failures]
    more = f"; and {len(said) - 5} more" if len(said) > 5 else ""
    message = f"{place.of(table)} does not meet {schema}: {'; '.join(said[:5])}{more}."
    yield place.finding("schema-mismatch", message, "Mend what writes it, or the schema.")


def _said(failure: Mapping[str, Any], names: Sequence[str]) -> str:
    column, check, count = failure["column"], failure["check"], failure["count"]
    if check == "column_in_dataframe":
        meant = near(column, names)
        return f"it has no column `{column}`" + (f" (nearest: `{meant}`)" if meant else "")
    if check == "column_in_schema":
        return f"it has a column `{column}`, which the schema has not"
    times = f" in {count:,} rows" if count > 1 else ""
    return f"`{column}` fails {check}{times}"
