"""Hard cases of data: a file or folder of which each table is made empty, or short of values, and the like.

Runs in the process of ``reader``. Format, header, line ends, compression and types of a table stay.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipetest.data import sample_columns, sample_texts
from pipetest.data.formats import TABULAR, Kind, dialect_of, kind_of
from pipetest.data.table_sql import literal, quoted
from pipetest.data.tables import connection, reason
from pipetest.sandbox_files import walk

SHARE = 5  # one value in so many is made null, or new
UNSEEN = "never seen before"
SUFFIXES = (" Zoë 北京 \U0001f600", ' "Ångström", née', " Ελλάδα\nстрока")
ABSENT = object()  # a key that an object of JSON does not have


@dataclass(frozen=True, slots=True)
class Rows:
    """A table in Python: the values of each row stand in the order of the names."""

    names: tuple[str, ...]
    rows: list[list[Any]]


Write = Callable[[Rows, Path], None]
Change = Callable[[int, Any], Any]  # the number of a row and a value -> the new value


def vary(source: Path, target: Path, variant: str, columns: Sequence[str] = ()) -> None:
    """Make ``target`` what ``source`` is, a file or a folder, with every table in it varied.

    What is no table is shared by the two: neither is for a step to write to.
    ``columns`` are those that it is about, for a variant that is about some. Raises ValueError where no table
    could be varied: the reason is that of the last.
    """
    if source.is_dir():
        shutil.copytree(source, target, copy_function=_linked)
    else:
        _linked(source, target)
    files = [target / name for name, _ in walk(target)] if source.is_dir() else [target]
    done, why = 0, "it holds no table"
    for path in files:
        try:
            done += _varied(path, variant, columns)
        except Exception as error:  # whatever a library says: the file stays as it is
            why = f"{path.name}: {reason(error)}"
    if not done:
        raise ValueError(why)


def _linked(source: str | Path, target: str | Path) -> None:
    """The same file once more: what is varied is written anew, and all else may be large."""
    try:
        os.link(source, target)
    except OSError:  # on another file system
        shutil.copyfile(source, target)


def _varied(path: Path, variant: str, columns: Sequence[str]) -> bool:
    """Vary one file where it lies. Gives whether it is a table."""
    kind = kind_of(path)
    if kind.format not in TABULAR or (
        kind.format == "json" and not sample_texts.is_list_of_objects(path, kind)
    ):
        return False
    table, write = READ[kind.format](path, kind)
    draft = path.with_name(f"{path.name}.varied")
    write(VARIANTS[variant](table, [name for name in columns if name in table.names]), draft)
    draft.replace(path)
    return True


# --- variants


def _empty(table: Rows, _: Sequence[str]) -> Rows:
    return replace(table, rows=[])


def _one_row(table: Rows, _: Sequence[str]) -> Rows:
    return replace(table, rows=table.rows[:1])


def _nulls(table: Rows, _: Sequence[str]) -> Rows:
    """A fifth of each column null, and at least one value; each row keeps some."""
    every = min(SHARE, len(table.rows))
    rows = [
        [None if i % every == at % every else value for at, value in enumerate(row)]
        for i, row in enumerate(table.rows)
    ]
    return replace(table, rows=rows)


def _one_class(table: Rows, columns: Sequence[str]) -> Rows:
    """One value all over each of the columns."""
    return _mapped(table, {name: _same(_column(table, name)) for name in columns})


def _same(values: Sequence[Any]) -> Change:
    first = next((value for value in values if value is not ABSENT and value not in (None, "")), None)
    return lambda _, __: first


def _unseen(table: Rows, columns: Sequence[str]) -> Rows:
    """A new value in a fifth of each of the columns, and in the last row."""
    last = len(table.rows) - 1

    def new(number: int, value: Any) -> Any:
        return UNSEEN if number == last or number % SHARE == SHARE - 1 else value

    return _mapped(table, dict.fromkeys(columns, new))


def _non_ascii(table: Rows, columns: Sequence[str]) -> Rows:
    """Longer texts: what was the same stays the same, and what differed differs."""
    return _mapped(table, {name: _longer(_column(table, name)) for name in columns})


def _longer(values: Sequence[Any]) -> Change:
    texts = list(dict.fromkeys(value for value in values if isinstance(value, str) and value))
    known = {text: text + SUFFIXES[i % len(SUFFIXES)] for i, text in enumerate(texts)}
    return lambda _, value: known.get(value, value) if isinstance(value, str) else value


def _reordered(table: Rows, _: Sequence[str]) -> Rows:
    return Rows(table.names[::-1], [row[::-1] for row in table.rows])


def _without(table: Rows, columns: Sequence[str]) -> Rows:
    kept = [i for i, name in enumerate(table.names) if name not in columns]
    return Rows(tuple(table.names[i] for i in kept), [[row[i] for i in kept] for row in table.rows])


VARIANTS: dict[str, Callable[[Rows, Sequence[str]], Rows]] = {
    "empty": _empty,
    "one row": _one_row,
    "nulls": _nulls,
    "one class": _one_class,
    "unseen category": _unseen,
    "reordered": _reordered,
    "non-ASCII": _non_ascii,
    "without": _without,
}


def _column(table: Rows, name: str) -> list[Any]:
    at = table.names.index(name)
    return [row[at] for row in table.rows]


def _mapped(table: Rows, change: dict[str, Change]) -> Rows:
    """The table with each value of some columns changed, by the number of its row and what it was."""
    changes = [change.get(name) for name in table.names]
    rows = [
        [to(i, value) if to else value for to, value in zip(changes, row, strict=True)]
        for i, row in enumerate(table.rows)
    ]
    return replace(table, rows=rows)


# --- formats: each is read with what writes it again


def _delimited(path: Path, kind: Kind) -> tuple[Rows, Write]:
    dialect = dialect_of(path, kind.format, kind.gzipped)
    with sample_texts.opened(path, kind) as (mark, file):
        text = file.read()
    read = csv.reader(io.StringIO(text, newline=""), delimiter=dialect.delimiter)
    records = [record for record in read if record]
    titles = dict(zip(dialect.names, dialect.first, strict=True))
    rows = records[1:] if dialect.header else records
    if any(len(row) != len(titles) for row in rows):
        raise ValueError("its rows have not one number of fields")
    end = "\r\n" if "\r\n" in text else "\n"

    def write(table: Rows, target: Path) -> None:
        header = [[titles[name] for name in table.names]] if dialect.header else []
        lines = [_line(cells, dialect.delimiter) + end for cells in [*header, *table.rows]]
        _pack(mark + "".join(lines), target, kind)

    return Rows(dialect.names, rows), write


def _line(cells: Sequence[Any], delimiter: str) -> str:
    """A record without its line end: with any other than the usual, the writer quotes too little."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerow(cells)
    return out.getvalue().removesuffix("\r\n")


def _objects(path: Path, kind: Kind) -> tuple[Rows, Write]:
    with sample_texts.opened(path, kind) as (mark, file):
        text = file.read()
    is_lines = kind.format == "jsonl"
    lines = text.split("\n") if is_lines else []
    objects = [json.loads(line) for line in lines if line.strip()] if is_lines else json.loads(text)
    names = tuple(dict.fromkeys(key for one in objects for key in one))

    def write(table: Rows, target: Path) -> None:
        made = [
            {key: value for key, value in zip(table.names, row, strict=True) if value is not ABSENT}
            for row in table.rows
        ]
        if is_lines:
            said = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in made)
        else:
            said = json.dumps(made, ensure_ascii=False, indent=2 if "\n" in text.strip() else None)
        _pack(mark + said, target, kind)

    return Rows(names, [[one.get(name, ABSENT) for name in names] for one in objects]), write


def _pack(text: str, target: Path, kind: Kind) -> None:
    data = text.encode()
    target.write_bytes(gzip.compress(data, mtime=0) if kind.gzipped else data)


def _columnar(path: Path, kind: Kind) -> tuple[Rows, Write]:
    if kind.gzipped:
        raise ValueError("it is gzipped as a whole")
    if not sample_columns.has_pyarrow():
        if kind.format == "arrow":
            raise ValueError("pyarrow, which reads Arrow files, is not installed")
        return _by_duckdb(path)
    import pyarrow as pa
    import pyarrow.parquet as pq
    from pyarrow import feather

    file = pq.ParquetFile(str(path)) if kind.format == "parquet" else None
    found = file.read() if file else feather.read_table(str(path))
    groups = file.metadata.num_row_groups if file else 0
    codec = file.metadata.row_group(0).column(0).compression if file and groups else "SNAPPY"

    def write(table: Rows, target: Path) -> None:
        fields = [found.schema.field(name) for name in table.names]
        columns = zip(*table.rows, strict=True) if table.rows else [[] for _ in fields]
        arrays = [
            pa.array(list(column), type=field.type) for column, field in zip(columns, fields, strict=True)
        ]
        fields = [field.with_nullable(True) for field in fields]  # for the nulls
        made = pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=found.schema.metadata))
        if file:
            pq.write_table(made, str(target), compression="NONE" if codec == "UNCOMPRESSED" else codec)
        else:
            feather.write_feather(made, str(target))

    names = tuple(found.schema.names)
    return Rows(names, [[row[name] for name in names] for row in found.to_pylist()]), write


def _by_duckdb(path: Path) -> tuple[Rows, Write]:
    """Parquet without pyarrow."""
    run = connection().execute
    source = f"read_parquet({literal([str(path)])}, hive_partitioning=false)"
    types = {str(row[0]): str(row[1]) for row in run(f"DESCRIBE SELECT * FROM {source}").fetchall()}
    rows = [list(row) for row in run(f"SELECT * FROM {source}").fetchall()]

    def write(table: Rows, target: Path) -> None:
        columns = ", ".join(f"{quoted(name)} {types[name]}" for name in table.names)
        run(f"CREATE OR REPLACE TEMP TABLE varied ({columns})")
        if table.rows:
            marks = ", ".join("?" for _ in table.names)
            connection().executemany(f"INSERT INTO varied VALUES ({marks})", table.rows)
        run(f"COPY varied TO {literal(str(target))} (FORMAT parquet)")

    return Rows(tuple(types), rows), write


READ: dict[str, Callable[[Path, Kind], tuple[Rows, Write]]] = {
    "csv": _delimited,
    "tsv": _delimited,
    "json": _objects,
    "jsonl": _objects,
    "parquet": _columnar,
    "arrow": _columnar,
}
