"""Rows of Parquet and Arrow files by their numbers, for ``samples``: by pyarrow, or Parquet by DuckDB."""

from __future__ import annotations

import gzip
import re
import shutil
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import repeat
from pathlib import Path
from typing import Any

from pipetest.data.formats import Kind
from pipetest.data.table_sql import literal, quoted
from pipetest.data.tables import connection

BATCH = 65_536  # rows that are read at once
# How LZ4 frames and zstd frames begin: Arrow's reader does not say how a file is compressed
FRAMES = re.compile(rb"(?s)\x04\x22\x4d\x18|\x28\xb5\x2f\xfd")
HEAD = 1_000_000  # bytes in which they are looked for


@cache
def has_pyarrow() -> bool:
    """Whether pyarrow can be imported."""
    try:
        import pyarrow.ipc
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        return False
    return True


def unpacked(path: Path, kind: Kind, room: Path) -> Path:
    """The file itself; or, where it is gzipped or DuckDB takes its name for a pattern, one in ``room``."""
    if kind.gzipped:
        with gzip.open(path) as file, room.open("wb") as plain:
            shutil.copyfileobj(file, plain)
        return room
    if not has_pyarrow():
        room.symlink_to(path.absolute())
        return room
    return path


def names(path: Path, kind: Kind) -> list[str]:
    """The names of the columns."""
    if _by_duckdb(kind):
        return [str(row[0]) for row in _rows(f"DESCRIBE SELECT * FROM {_source(path)}")]
    with _opened(path, kind) as file:
        return list((file.schema_arrow if kind.format == "parquet" else file.schema).names)


def count(path: Path, kind: Kind) -> int:
    """The number of rows."""
    if _by_duckdb(kind):
        return int(next(_rows(f"SELECT count(*) FROM {_source(path)}"))[0])
    if kind.format == "arrow":
        return sum(batch.num_rows for batch in _batches(path, kind, names(path, kind)[0]))
    with _opened(path, kind) as file:
        return int(file.metadata.num_rows)


def values(path: Path, kind: Kind, column: str | None) -> Iterator[str]:
    """The value of each row in a column, as a text; the same for all without a column."""
    if column is None:
        yield from repeat("", count(path, kind))
    elif _by_duckdb(kind):
        yield from (repr(row[0]) for row in _rows(f"SELECT {quoted(column)} FROM {_source(path)}"))
    else:
        for batch in _batches(path, kind, column):
            yield from map(repr, batch.column(0).to_pylist())


def write(path: Path, kind: Kind, target: Path, numbers: Sequence[int]) -> None:
    """Write the rows of these numbers, which are in order."""
    plain = path.with_name(f"{path.name} sample") if kind.gzipped else target  # beside what was unpacked
    if _by_duckdb(kind):
        _copy(path, plain, numbers)
    else:
        _write(path, kind, plain, numbers)
    if kind.gzipped:
        with (
            plain.open("rb") as file,
            target.open("wb") as raw,
            gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as out,
        ):
            shutil.copyfileobj(file, out)
        plain.unlink()


# --- pyarrow


def _opened(path: Path, kind: Kind, column: int | None = None) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if kind.format == "parquet":
        return pq.ParquetFile(str(path), memory_map=True)
    options = pa.ipc.IpcReadOptions(included_fields=None if column is None else [column])
    return pa.ipc.open_file(pa.memory_map(str(path)), options=options)


def _batches(path: Path, kind: Kind, column: str | None = None) -> Iterator[Any]:
    """The rows in batches; of all columns or of one."""
    if kind.format == "parquet":
        with _opened(path, kind) as file:
            yield from file.iter_batches(BATCH, columns=None if column is None else [column])
        return
    at = None if column is None else names(path, kind).index(column)
    with _opened(path, kind, at) as file:
        yield from map(file.get_batch, range(file.num_record_batches))


def _write(path: Path, kind: Kind, target: Path, numbers: Sequence[int]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with _opened(path, kind) as file:
        if kind.format == "parquet":
            table = pa.Table.from_batches(list(_kept(path, kind, numbers)), schema=file.schema_arrow)
            pq.write_table(table, str(target), **_as_written(file))
            return
        table = pa.Table.from_batches(
            list(_kept(path, kind, numbers)), schema=file.schema
        ).unify_dictionaries()
        options = pa.ipc.IpcWriteOptions(compression=_compression(path))
        with pa.ipc.new_file(str(target), table.schema, options=options) as out:
            out.write_table(table)


def _kept(path: Path, kind: Kind, numbers: Sequence[int]) -> Iterator[Any]:
    """The rows of these numbers, batch by batch, and no batch after the last of them."""
    import pyarrow as pa

    start = done = 0
    for batch in _batches(path, kind):
        here = []
        while done < len(numbers) and numbers[done] < start + batch.num_rows:
            here.append(numbers[done] - start)
            done += 1
        yield from _rows_of(batch, pa.array(here, pa.int64()))
        start += batch.num_rows
        if done == len(numbers):
            return


def _rows_of(batch: Any, numbers: Any) -> list[Any]:
    """Rows of a batch, as batches. Views, which polars has, become texts for it: pyarrow takes none."""
    import pyarrow as pa

    table = pa.Table.from_batches([batch])
    plain = pa.schema([field.with_type(_without_views(field.type)) for field in batch.schema])
    if plain == batch.schema:
        return list(table.take(numbers).to_batches())
    return list(table.cast(plain).take(numbers).cast(batch.schema).to_batches())


def _without_views(type_: Any) -> Any:
    import pyarrow as pa

    if str(type_) in ("string_view", "binary_view"):
        return pa.large_string() if str(type_) == "string_view" else pa.large_binary()
    if pa.types.is_struct(type_):
        return pa.struct([field.with_type(_without_views(field.type)) for field in type_])
    for is_one, made in ((pa.types.is_list, pa.list_), (pa.types.is_large_list, pa.large_list)):
        if is_one(type_):
            return made(type_.value_field.with_type(_without_views(type_.value_type)))
    return type_


def _as_written(file: Any) -> dict[str, Any]:
    """How a Parquet file was written, by its first column."""
    codec = file.metadata.row_group(0).column(0).compression
    columns = [file.schema.column(i) for i in range(len(file.schema))]
    found: dict[str, Any] = {"compression": "NONE" if codec == "UNCOMPRESSED" else codec}
    if any(column.physical_type == "INT96" for column in columns):
        found["use_deprecated_int96_timestamps"] = True  # as Spark writes them
    if any(column.logical_type.type == "DECIMAL" and "INT" in column.physical_type for column in columns):
        found["store_decimal_as_integer"] = True
    return found


def _compression(path: Path) -> str | None:
    """How the buffers of an Arrow file are compressed: each begins with its length, of eight bytes."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    found = next((frame for frame in FRAMES.finditer(head) if frame.start() % 8 == 0), None)
    return None if found is None else "lz4" if found[0].startswith(b"\x04") else "zstd"


# --- Parquet without pyarrow


def _by_duckdb(kind: Kind) -> bool:
    if kind.format == "arrow" and not has_pyarrow():
        raise ValueError("pyarrow, which reads Arrow files, is not installed")
    return not has_pyarrow()


def _source(path: Path) -> str:
    return f"read_parquet({literal(str(path))})"


def _rows(query: str) -> Iterator[tuple[Any, ...]]:
    run = connection().cursor().execute(query)
    while some := run.fetchmany(BATCH):
        yield from some


def _copy(path: Path, target: Path, numbers: Sequence[int]) -> None:
    file, wanted = literal(str(path)), literal(list(numbers))
    codec = next(_rows(f"SELECT compression FROM parquet_metadata({file}) LIMIT 1"))[0]
    notes = ", ".join(
        f"{literal(key.decode())}: {literal(value.decode())}"
        for _, key, value in _rows(f"SELECT * FROM parquet_kv_metadata({file})")
    )
    connection().execute(
        f"COPY (SELECT * EXCLUDE (file_row_number) FROM read_parquet({file}, file_row_number=true) "
        f"WHERE file_row_number IN (SELECT unnest({wanted}::BIGINT[])) ORDER BY file_row_number) "
        f"TO {literal(str(target))} (FORMAT parquet, COMPRESSION {literal(codec)}"
        f"{f', KV_METADATA {{{notes}}}' if notes else ''})"
    )
