"""Facts of tables, read by DuckDB (and Arrow files by pyarrow), in the process of ``reader``.

Names of columns and the dialect of a text are ours to say: DuckDB's guesses skip lines, and take the header
of a file with an index for data. Types are DuckDB's guess, where every value must fit. How many values of a
declared column are not of its type is counted by converting each one, and never by comparing guesses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipetest.data.facts import MANY, Broken, Column, Table
from pipetest.data.formats import TABULAR, Dialect, Kind, dialect_of, kind_of, shards
from pipetest.data.table_sql import (
    NULLS,
    aggregates,
    breaks,
    family,
    literal,
    paths_literal,
    quoted,
    settled,
)

if TYPE_CHECKING:
    import duckdb

WHOLE = 256_000_000  # bytes of a table that are read; of a larger one, the first rows
FIRST_ROWS = 1_000_000
PACKED = 5  # how many times larger a text is once it is unpacked, about
MOST_TABLES = 50  # of one input or output
LARGEST_DOCUMENT = 20_000_000  # bytes of a JSON object of which the keys are read
WIDEST = 1_000  # columns of which values are counted
AT_ONCE = 100  # columns in one query: DuckDB compares each of its expressions with all others
LONGEST_LINE = 100_000_000  # bytes
RAW = ", all_varchar=true, ignore_errors=true"
LONG = f", max_line_size={LONGEST_LINE}, buffer_size={2 * LONGEST_LINE}"
LAST = ", sample_size=-1" + LONG
CANDIDATES = ("BIGINT", "DOUBLE", "DATE", "TIMESTAMP", "VARCHAR")


@cache
def connection() -> duckdb.DuckDBPyConnection:
    """Our DuckDB: in memory, and never on its way to download an extension."""
    import duckdb

    config: dict[str, Any] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "memory_limit": "2GB",
        "temp_directory": "",  # else it lies in the folder of the user
        "threads": "2",
    }
    return duckdb.connect(":memory:", config=config)


def facts_of(
    root: Path, names: Sequence[str], wanted: Mapping[str, Mapping[str, Any]] | None = None
) -> list[Table]:
    """The facts of files below a folder: one Table for each file, or for the shards of one.

    ``wanted`` are declared columns, of which it is counted how many values break the declaration. Never
    raises for what is in a file: that is the ``problem`` of its Table.
    """
    found = []
    groups = list(shards(names).items())
    for pattern, members in groups if wanted else groups[:MOST_TABLES]:  # what is declared is looked at
        for table_name, files in _alike(root, pattern, members):
            found.append(_table(table_name, [root / file for file in files], wanted or {}))
    return found


def _alike(root: Path, pattern: str, members: list[str]) -> list[tuple[str, list[str]]]:
    """Files that may be shards, as one where they have one schema."""
    if len(members) == 1 or len({_schema(root / member) for member in members}) == 1:
        return [(pattern, members)]
    return [(member, [member]) for member in members]


def _schema(path: Path) -> object:
    """What the shards of one table have in common."""
    try:
        kind = kind_of(path)
        if kind.format in ("csv", "tsv"):
            dialect = dialect_of(path, kind.format, kind.gzipped)
            return kind.format, dialect.names if dialect.header else len(dialect.first)
        if kind.format in ("parquet", "arrow"):
            return kind.format, tuple(described(source_of([path], kind)))
        return kind.format, kind.gzipped
    except Exception as error:  # of DuckDB, pyarrow and the system: it cannot be read, and is told alone
        return path, str(error)


def _table(name: str, paths: list[Path], wanted: Mapping[str, Mapping[str, Any]]) -> Table:
    try:
        size = sum(path.stat().st_size for path in paths)
        kind = kind_of(paths[0])
    except OSError as error:  # it may also have gone
        return Table(name, "unreadable", len(paths), problem=error.strerror)
    table = Table(name, kind.format, len(paths), size, kind.named, kind.gzipped)
    try:
        if kind.format in ("csv", "tsv"):
            return _read_text(table, paths, wanted)
        if kind.format == "json":
            table = replace(table, keys=_keys(paths[0], kind.gzipped))
        if kind.format not in TABULAR or table.keys or _is_no_table(table, paths[0]):
            return table
        source = source_of(paths, kind, _is_hive(name))
        return _counted(table, source, described(source), wanted, size=_size(table, paths))
    except Exception as error:  # whatever the library says of a broken file
        return replace(table, problem=reason(error))


def reason(error: Exception) -> str:
    """What a library says of a file, in a line, and without the values that DuckDB quotes."""
    text = without_values(str(error))
    if "invalid unicode" in text.lower():
        return "it is not UTF-8"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    lines = [line for line in lines if not line.startswith("Original Line")]
    said = " ".join(lines[:2]) if lines and lines[0].endswith(tuple("0123456789")) else "".join(lines[:1])
    said = re.sub(r"^[A-Z]\w+(?: \w+)? Error: ", "", said)
    if said.startswith("Error when sniffing"):
        return "its rows do not have one number of fields, or a quote is not closed"
    if isinstance(error, UnicodeDecodeError):
        return f"it is not UTF-8 (0x{error.object[error.start]:02x})"
    return (said or type(error).__name__)[:300]


def without_values(said: str) -> str:
    """What DuckDB says of a file, without the values that it quotes."""
    said = re.sub(r"(?is)could not convert string '.*?' to|could not convert string \".*?\" to", _NO, said)
    return re.sub(r"(?s)Object \{.*\} has duplicate key", "an object has twice the key", said)


_NO = "a value cannot be converted to"


def _is_hive(name: str) -> bool:
    """Whether the folders of a table are partitions: year=2024/sales.csv. Those above it are none of it."""
    return "=" in name.rpartition("/")[0]


# --- delimited text


def _read_text(table: Table, paths: list[Path], wanted: Mapping[str, Mapping[str, Any]]) -> Table:
    """The first way of reading that holds: quick, with types by all rows, and without bad rows."""
    dialect = dialect_of(paths[0], table.format, table.gzipped, wanted)
    if not dialect.first:
        return replace(table, rows=0)
    table = replace(table, header=dialect.header)
    problem = None
    size = _size(table, paths)
    hive = f", hive_partitioning={_is_hive(table.name)}"
    for options in ("", ", sample_size=-1", LAST, LAST + ", store_rejects=true"):
        source = text_source(paths, dialect, options + hive)
        try:
            raw = text_source(paths, dialect, RAW + hive + (LONG if LONG in options else ""))
            counted = _counted(table, source, described(source), wanted, raw, dialect.names, size=size)
        except Exception as error:  # of DuckDB: some row does not fit
            problem = reason(error)
            continue
        if not options.endswith("true"):
            return counted
        bad, said = _rejected()
        return replace(counted, bad_rows=bad, problem=said or problem)
    return replace(table, problem=problem)


def text_source(paths: Sequence[Path], dialect: Dialect, options: str = "") -> str:
    """The SQL that reads a delimited text. With ``RAW`` among the options, every value as it is written."""
    nulls = ("",) if RAW in options else NULLS
    return (
        f"read_csv({paths_literal(paths)}, delim={literal(dialect.delimiter)}, "
        f"quote='\"', escape='\"', header={dialect.header}, skip=0, comment='', "
        f"names={literal(list(_apart(dialect.names)))}, "
        f"nullstr={literal(list(nulls))}, auto_type_candidates={literal(list(CANDIDATES))}"
        f"{options})"
    )


def _apart(names: Sequence[str]) -> dict[str, None]:
    """The names as DuckDB can have them: it takes `a` and `A` for the same."""
    known: set[str] = set()
    found: dict[str, None] = {}
    for name in names:
        while name.lower() in known:
            name += "_"
        known.add(name.lower())
        found[name] = None
    return found


def _rejected() -> tuple[int, str]:
    """How many rows were left out, and why the first was."""
    run = connection().execute
    query = "SELECT line, error_message FROM reject_errors ORDER BY line LIMIT 1"
    first = run(query).fetchone()
    count = run("SELECT count(DISTINCT (file_id, line)) FROM reject_errors").fetchone()
    run("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
    if first is None or count is None:
        return 0, ""
    return int(count[0]), f"line {first[0]}: {without_values(first[1]).splitlines()[0]}"


# --- JSON, Parquet, Arrow


def _keys(path: Path, gzipped: bool) -> tuple[str, ...]:
    """The keys of a JSON document that is one object; none for a list, or for one that is too large."""
    import gzip
    import json

    with (gzip.open if gzipped else open)(path, "rb") as file:
        data = file.read(LARGEST_DOCUMENT + 1)
    if len(data) > LARGEST_DOCUMENT:
        return ()
    document = json.loads(data)
    return tuple(document) if isinstance(document, dict) else ()


def _is_no_table(table: Table, path: Path) -> bool:
    """Whether a JSON document is neither a list of objects nor lines of them."""
    if table.format != "json":
        return False
    import gzip

    with (gzip.open if table.gzipped else open)(path, "rt", encoding="utf-8-sig") as file:
        return re.match(r"\s*\[\s*\{", file.read(1_000)) is None


def source_of(paths: Sequence[Path], kind: Kind, hive: bool = False) -> str:
    """The SQL that reads files of one kind, where that is no delimited text."""
    files = paths_literal(paths)
    if kind.format == "parquet":
        return f"read_parquet({files}, union_by_name=true, hive_partitioning={hive})"
    if kind.format == "arrow":
        return _arrow(paths)
    form = "newline_delimited" if kind.format == "jsonl" else "array"
    packed = ", compression='gzip'" if kind.gzipped else ""
    options = "sample_size=-1, maximum_object_size=100000000, map_inference_threshold=-1"
    return f"read_json({files}, format='{form}', hive_partitioning={hive}, {options}{packed})"


def _arrow(paths: Sequence[Path]) -> str:
    """Arrow files (Feather 2), as a view that DuckDB can read."""
    try:
        import pyarrow as pa
        from pyarrow import feather
    except ImportError:
        raise ValueError("pyarrow, which reads Arrow files, is not installed") from None
    tables = [feather.read_table(str(path)) for path in paths]
    connection().register("arrow_table", pa.concat_tables(tables, promote_options="permissive"))
    return "arrow_table"


# --- counting


def _size(table: Table, paths: Sequence[Path]) -> int:
    """How many bytes there are to read, about. A gzip file says at its end what it holds (RFC 1952)."""
    if not table.gzipped:
        return table.bytes
    size = 0
    for path in paths:
        with path.open("rb") as file:
            file.seek(-4, 2)
            size += max(int.from_bytes(file.read(), "little"), PACKED * file.tell())
    return size


def described(source: str) -> dict[str, str]:
    """The columns of what a SQL source reads, with DuckDB's types."""
    rows = connection().execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    return {row[0]: str(row[1]) for row in rows}


def _counted(
    table: Table,
    source: str,
    types: Mapping[str, str],
    wanted: Mapping[str, Mapping[str, Any]],
    raw: str | None = None,
    own: Sequence[str] = (),
    *,
    size: int,
) -> Table:
    """Rows, and what each column holds. ``raw`` reads a text as it is written; ``own`` are its own names."""
    sampled = size > WHOLE
    called = dict(zip(types, types, strict=True)) | dict(zip(types, own, strict=False))
    there = {name: wanted[is_called] for name, is_called in called.items() if is_called in wanted}
    unsure = {name for name, body in there.items() if raw and not settled(body, types[name])}
    names = list(types)[:WIDEST]
    asked = [name for name in there if name not in unsure]
    parts = [["count(*)"], *(aggregates(name, types[name]) for name in names)]
    parts += [breaks(name, there[name], types[name]) for name in asked]
    (rows,), *found = _rows_of(parts, source, sampled)
    columns = [_column(name, types[name], rows, of) for name, of in zip(names, found, strict=False)]
    columns = _with_distinct(columns, source, sampled) if len(types) <= WIDEST else columns
    columns += [Column(name, family(types[name])) for name in list(types)[WIDEST:]]
    broken = _broken(asked, found[len(names) :])
    if raw and unsure:
        parts = [breaks(name, there[name], "TEXT") for name in sorted(unsure)]
        broken |= _broken(sorted(unsure), _rows_of(parts, raw, sampled))
    return replace(
        table,
        rows=_all_rows(source, table) if sampled else int(rows),
        sampled=sampled,
        columns=tuple(replace(one, name=called[one.name]) for one in columns),
        broken={called[name]: of for name, of in broken.items()} if wanted else None,
    )


def _rows_of(groups: Sequence[Sequence[str]], source: str, sampled: bool) -> list[Sequence[Any]]:
    """The values of groups of aggregates: fetched to the end, only then DuckDB has noted what it rejects."""
    rows_of = f"(SELECT * FROM {source} LIMIT {FIRST_ROWS})" if sampled else source
    found: list[Sequence[Any]] = []
    for some in [groups[at : at + AT_ONCE] for at in range(0, len(groups), AT_ONCE)]:
        query = f"SELECT {', '.join(part for group in some for part in group)} FROM {rows_of}"
        values = iter(connection().execute(query).fetchall()[0])
        found += [tuple(islice(values, len(group))) for group in some]
    return found


def _all_rows(source: str, table: Table) -> int | None:
    """The rows of a table that is not read whole: Parquet says it; of others it is not known."""
    if table.format != "parquet":
        return None
    row = connection().execute(f"SELECT count(*) FROM {source}").fetchone()
    return int(row[0]) if row else None


def _column(name: str, type_: str, rows: int, found: Sequence[Any]) -> Column:
    present, least, greatest, distinct, is_bool = found
    return Column(
        name,
        "bool" if is_bool else family(type_),
        rows - present,
        _plain(least),
        _plain(greatest),
        int(distinct) if distinct is not None and distinct <= 2 * MANY else None,
    )


def _with_distinct(columns: Sequence[Column], source: str, sampled: bool) -> list[Column]:
    """The columns with their few distinct values counted exactly: the quick count is off by one in twenty."""
    few = [column.name for column in columns if column.distinct]
    if not few:
        return list(columns)
    counts = _rows_of([[f"count(DISTINCT {quoted(name)})"] for name in few], source, sampled)
    exact = {name: int(count) if count <= MANY else None for name, (count,) in zip(few, counts, strict=True)}
    return [replace(one, distinct=exact.get(one.name, one.distinct)) for one in columns]


def _plain(value: Any) -> float | str | None:
    """A value as JSON knows it: numbers as they are, dates in ISO form."""
    if value is None or isinstance(value, (int, float)):
        return None if value != value else value  # NaN, which DuckDB holds for the greatest of all
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return value if isinstance(value, str) else float(value)  # a day that Python has not; a Decimal


def _broken(names: Sequence[str], counts: Sequence[Sequence[Any]]) -> dict[str, Broken]:
    """What was counted of each of these columns, six numbers for one."""
    return {name: Broken(*(int(n or 0) for n in six)) for name, six in zip(names, counts, strict=True)}
