"""Synthetic data: a table of declared columns as a file, in the format that is asked for.

Texts need nothing but the standard library, and are the same bytes on every run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipetest.data.synthetic_values import Columns, SyntheticError, kind_of_column, moment, refused, values_of

__all__ = ["FORMATS", "SyntheticError", "file_name", "refused", "write"]

TEXTS = ("csv", "tsv", "json", "jsonl")  # with .gz, too
FORMATS = (*TEXTS, *(f"{text}.gz" for text in TEXTS), "parquet", "arrow", "feather")


def write(path: Path, columns: Columns, rows: int, format: str, seed: int, name: str = "") -> None:  # noqa: A002
    """Write a table of so many rows. ``name`` is that of the input. Raises SyntheticError, and OSError."""
    problems = refused(columns, rows)
    if format not in FORMATS:
        problems.append(f"The format `{format}` is not generated: take one of {', '.join(FORMATS)}.")
    if problems:
        raise SyntheticError(" ".join(problems))
    made = {
        column: values_of(column, body, rows, f"{seed}/{name}/{column}") for column, body in columns.items()
    }
    draft = path.with_name(f"{path.name[:200]}.part")  # whole or not at all
    try:
        _write(draft, columns, made, format)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _write(path: Path, columns: Columns, made: Mapping[str, Sequence[Any]], form: str) -> None:
    if form in ("arrow", "feather") or (form == "parquet" and _has_pyarrow()):
        _write_arrow(path, columns, made, form)
    elif form == "parquet":
        _write_parquet(path, columns, made)
    else:
        text, _, packed = form.partition(".")
        data = _text(made, text).encode()
        path.write_bytes(_packed(data) if packed else data)


def file_name(name: str, format: str) -> str:  # noqa: A002
    """The file for an input of that name: ``raw`` is ``raw.csv``, and so is ``raw.csv``."""
    text = format.removesuffix(".gz")
    if name.lower().endswith(f".{text}"):
        return name + format.removeprefix(text)
    return name if name.lower().endswith(f".{format}") else f"{name}.{format}"


def _text(made: Mapping[str, Sequence[Any]], form: str) -> str:
    """A table as text; a null is an empty cell, and booleans are True and False, as pandas writes them."""
    rows = zip(*made.values(), strict=True)
    if form in ("csv", "tsv"):
        import csv
        import io

        file = io.StringIO()
        writer = csv.writer(file, delimiter="\t" if form == "tsv" else ",", lineterminator="\n")
        if list(made) != list(map(str, range(len(made)))):  # 0, 1, 2: so a table without a header is declared
            writer.writerow(made)
        writer.writerows(rows)
        return file.getvalue()
    import json

    lines = [json.dumps(dict(zip(made, row, strict=True))) for row in rows]
    return "\n".join([*lines, ""]) if form == "jsonl" else "[" + ",\n".join(lines) + "]\n"


def _packed(data: bytes) -> bytes:
    """The same as gzip, without time and name: two runs give the same bytes."""
    import gzip
    import io

    packed = io.BytesIO()
    with gzip.GzipFile("", "wb", 1, packed, mtime=0) as file:
        file.write(data)
    return packed.getvalue()


def _has_pyarrow() -> bool:
    from importlib.util import find_spec

    return find_spec("pyarrow") is not None


def _write_arrow(path: Path, columns: Columns, made: Mapping[str, Sequence[Any]], form: str) -> None:
    """Parquet, or an Arrow file (which is Feather 2), with the declared types."""
    try:
        import pyarrow as pa
        from pyarrow import feather, parquet
    except ImportError:
        message = f"The format `{form}` needs pyarrow, which is not installed"
        raise SyntheticError(
            f"{message}: install it (pip install pyarrow), or take parquet or csv."
        ) from None
    types: dict[str, tuple[Any, Callable[[Any], Any]]] = {
        "int": (pa.int64(), int),
        "float": (pa.float64(), float),
        "bool": (pa.bool_(), bool),
        "str": (pa.string(), str),
        "date": (pa.date32(), lambda text: moment(text).date()),
        "datetime": (pa.timestamp("us"), moment),
    }
    arrays = {}
    for name, values in made.items():
        type_, convert = types[kind_of_column(columns[name])]
        arrays[name] = pa.array([None if one is None else convert(one) for one in values], type_)
    table = pa.table(arrays)
    if form == "parquet":
        parquet.write_table(table, str(path))
    else:
        feather.write_feather(table, str(path))


def _write_parquet(path: Path, columns: Columns, made: Mapping[str, Sequence[Any]]) -> None:
    """Parquet without pyarrow: DuckDB reads the JSON lines of the table, and is told the types."""
    from tempfile import TemporaryDirectory

    try:
        from pipetest.data.table_sql import literal, quoted
        from pipetest.data.tables import connection
    except ImportError:
        message = "The format `parquet` needs DuckDB or pyarrow, and neither is installed"
        raise SyntheticError(f"{message}: pip install 'pipetest[data]', or take csv.") from None
    names = {"int": "BIGINT", "float": "DOUBLE", "bool": "BOOLEAN", "str": "VARCHAR", "datetime": "TIMESTAMP"}
    types = {name: names.get(kind_of_column(body), "DATE") for name, body in columns.items()}
    told = ", ".join(f"{quoted(name)}: {literal(type_)}" for name, type_ in types.items())
    with TemporaryDirectory() as folder:
        lines = Path(folder, "table.jsonl")
        lines.write_text(_text(made, "jsonl"), encoding="utf-8")
        source = f"read_json({literal(str(lines))}, format='newline_delimited', columns={{{told}}})"
        connection().execute(f"COPY (SELECT * FROM {source}) TO {literal(str(path))} (FORMAT parquet)")
