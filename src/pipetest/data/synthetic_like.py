"""What generated data is to be like: the columns of a sample, as they would be declared. Needs DuckDB."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pipetest.data import table_sql, tables
from pipetest.data.facts import Column
from pipetest.data.formats import dialect_of, kind_of, shards
from pipetest.data.synthetic_values import KINDS, SyntheticError
from pipetest.sandbox_files import walk

FEW = 20  # different values that are taken for all there are, where there are three times as many rows
FIRST_ROWS = 100_000  # of which values are counted
PLAIN = ("int", "float", "str")


def learn(path: Path) -> tuple[dict[str, dict[str, Any]], str]:
    """The columns of a table (of a folder, its first), as they are declared, and its format.

    Raises SyntheticError for what holds no table, and for columns of a type that is not generated.
    """
    if find_spec("duckdb") is None:
        raise SyntheticError("`like` needs DuckDB, which reads tables: pip install 'pipetest[data]'.")
    if not path.exists():
        raise SyntheticError(f"There is no {path}: name a file that has a table under `like`.")
    root = path if path.is_dir() else path.parent
    real = [name for name, status in walk(path.resolve()) if stat.S_ISREG(status.st_mode)]
    names = real if path.is_dir() else [path.name]
    found = tables.facts_of(root, names)
    table = next((one for one in found if one.columns), None)
    if table is None:
        why = next((one.problem for one in found if one.problem), "it has no rows and columns")
        raise SyntheticError(f"{path.name} holds no table ({why}): name another file under `like`.")
    unknown = [column.name for column in table.columns if column.type not in KINDS]
    if unknown:
        raise SyntheticError(
            f"{path.name} has columns of a type that is not generated, {', '.join(unknown[:5])}: "
            "declare `columns`, or take the file itself as `path`."
        )
    file = root / shards(names).get(table.name, [table.name])[0]
    values = _values(file, [column.name for column in table.columns if column.type in PLAIN])
    columns = {column.name: _learnt(column, *values.get(column.name, (0, 0, ()))) for column in table.columns}
    form = "feather" if file.suffix.lower() == ".feather" else table.format
    return columns, f"{form}.gz" if table.gzipped else form


def _learnt(column: Column, values: int, distinct: int, choices: Sequence[Any]) -> dict[str, Any]:
    """A column as it is declared. Of its first rows: how many values, how many differ, and few that do."""
    body: dict[str, Any] = {"type": column.type}
    if column.nulls:
        body["nullable"] = True
    if choices:
        return body | {"choices": list(choices)}
    if column.type in ("int", "str") and values == distinct >= 10:
        body["unique"] = True
    least, greatest = column.min, column.max
    if isinstance(least, str) and isinstance(greatest, str):
        return body | {"min": least[:19], "max": greatest[:19]}  # to the second
    if isinstance(least, str) or isinstance(greatest, str) or least is None or greatest is None:
        return body
    if body.get("unique") and greatest - least < 20 * values:  # rows that are numbered: it may go on
        return body | {"min": least}
    return body | {"min": least, "max": greatest}


def _values(path: Path, names: Sequence[str]) -> dict[str, tuple[int, int, list[Any]]]:
    """Of each of these columns: how many values, how many differ, and these where they are few."""
    source, types = _source(path)
    run = tables.connection().execute
    rows = f"(SELECT * FROM {source} LIMIT {FIRST_ROWS})"
    found = {}
    there = {name: table_sql.present(table_sql.quoted(name), types[name]) for name in names}
    counts = [
        f"count(*) FILTER {there[name]}, count(DISTINCT {table_sql.quoted(name)}) FILTER {there[name]}"
        for name in names
    ]
    row = run(f"SELECT {', '.join(counts)} FROM {rows}").fetchall()[0] if counts else ()
    for i, (name, is_there) in enumerate(there.items()):
        values, distinct = row[2 * i : 2 * i + 2]
        choices = []
        if distinct <= FEW and 3 * distinct <= values:
            query = f"SELECT DISTINCT {table_sql.quoted(name)} FROM {rows} WHERE {is_there} ORDER BY 1"
            choices = [_plain(value) for (value,) in run(query).fetchall()]
        found[name] = (values, distinct, choices)
    return found


def _source(path: Path) -> tuple[str, dict[str, str]]:
    """The SQL that reads a file, and DuckDB's types of its columns."""
    kind = kind_of(path)
    if kind.format in ("csv", "tsv"):
        dialect = dialect_of(path, kind.format, kind.gzipped)
        source = tables.text_source([path], dialect, ", sample_size=-1, ignore_errors=true")
    else:
        source = tables.source_of([path], kind)
    return source, tables.described(source)


def _plain(value: Any) -> Any:
    """A value as JSON has it: a Decimal is a float."""
    return value if isinstance(value, (int, str)) else float(value)
