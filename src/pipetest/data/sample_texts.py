"""Rows of CSV, TSV, JSON and JSON Lines as they are written, for ``samples``."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, TextIO, cast

from pipetest.data.formats import Dialect, Kind, kind_of

BOM = "\ufeff"
CHUNK = 1_000_000  # characters of a JSON list that are read at once
LARGEST_FIELD = 16_000_000  # characters; a quote that is not closed takes up all that follows
OPENING = re.compile(r"\s*\[(\s*)(?=[\]{])")
BETWEEN = re.compile(r"[\s,]*")


@contextmanager
def opened(path: Path, kind: Kind) -> Iterator[tuple[str, TextIO]]:
    """A text after its byte order mark, and that mark or nothing. Line ends are as they are."""
    newline = "\n" if kind.format == "jsonl" else ""
    with (gzip.open if kind.gzipped else open)(path, "rt", encoding="utf-8", newline=newline) as either:
        file = cast(TextIO, either)
        mark = BOM if file.read(1) == BOM else ""
        if not mark:
            file.seek(0)
        yield mark, file


def rows(path: Path, kind: Kind, dialect: Dialect | None, column: str | None) -> Iterator[tuple[str, str]]:
    """Each row as it is written, with its value in a column as a text: the same for all without a column."""
    with opened(path, kind) as (_, file):
        if dialect:
            found = _records(file, dialect)
            if dialect.header:
                next(found, None)
            at = dialect.names.index(column) if column in dialect.names else len(dialect.first)
            yield from ((raw, cells[at] if at < len(cells) else "") for raw, cells in found)
        else:
            yield from ((raw, _value(row, column)) for raw, row in _objects(file, kind, column is not None))


def about(path: Path, kind: Kind, dialect: Dialect | None, enough: int) -> int:
    """How many rows there are: exactly below ``enough``, else judged by the size of the file."""
    seen = characters = 0
    for raw, _ in islice(rows(path, kind, dialect, None), enough):
        seen, characters = seen + 1, characters + len(raw)
    return seen if seen < enough else max(seen, path.stat().st_size * seen // max(characters, 1))


def write(path: Path, kind: Kind, dialect: Dialect | None, target: Path, kept: Iterable[str]) -> None:
    """Write rows as they are, with what stands before and between them in ``path``."""
    with opened(path, kind) as (mark, file), _packed(target, kind) as out:
        out.write(mark)
        if kind.format == "json":
            _write_list(file, out, kept)
            return
        if dialect and dialect.header:
            out.write(next(_records(file, dialect), ("", []))[0])
        out.writelines(kept)


def _write_list(file: TextIO, out: TextIO, kept: Iterable[str]) -> None:
    opening = OPENING.match(file.read(CHUNK))
    assert opening  # it is known for a list of objects
    out.write(opening[0])
    for number, raw in enumerate(kept):
        out.write(("," + opening[1] if number else "") + raw)
    out.write(opening[1].rstrip(" \t") + "]")


@contextmanager
def _packed(target: Path, kind: Kind) -> Iterator[TextIO]:
    """A new file, gzipped where the kind says so; without the time, so that the same makes the same."""
    with target.open("wb") as file:
        packed = gzip.GzipFile("", "wb", fileobj=file, mtime=0) if kind.gzipped else file
        with io.TextIOWrapper(cast(BinaryIO, packed), encoding="utf-8", newline="") as out:
            yield out


def _records(file: Iterable[str], dialect: Dialect) -> Iterator[tuple[str, list[str]]]:
    """The records of a delimited text, as written and as cells. Blank lines belong to the next."""
    lines: list[str] = []

    def noted() -> Iterator[str]:
        for line in file:
            lines.append(line)
            yield line

    csv.field_size_limit(LARGEST_FIELD)
    reader = csv.reader(noted(), delimiter=dialect.delimiter)
    try:
        for cells in reader:
            if cells:
                yield "".join(lines), cells
                lines.clear()
    except csv.Error as error:
        raise ValueError(f"line {reader.line_num:,}: {error}; is a quote before it not closed?") from error


def _objects(file: TextIO, kind: Kind, parsed: bool) -> Iterator[tuple[str, Any]]:
    """Objects as they are written, and what they hold; lines are only parsed where that is wanted."""
    if kind.format == "json":
        yield from _list(file)
        return
    for number, line in enumerate(file, 1):
        if line.strip():
            yield line, _object(line, f"line {number:,}") if parsed else None


def _object(text: str, place: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ValueError(f"{place} is no JSON object")
    return found


def _list(file: TextIO) -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects of a JSON list, of which no more is held than a chunk, or one object."""
    text, number = file.read(CHUNK), 1
    opening = OPENING.match(text)
    at = opening.end() if opening else 0
    decode = json.JSONDecoder().raw_decode
    while True:
        at = BETWEEN.match(text, at).end()  # type: ignore[union-attr] # it matches nothing, too
        if text.startswith("]", at):
            return
        try:
            row, end = decode(text, at)
        except ValueError as error:  # also where the chunk ends
            more = file.read(CHUNK + len(text) - at)
            if not more:
                raise ValueError(f"entry {number:,} of the list is no JSON object") from error
            text, at = text[at:] + more, 0
            continue
        if not isinstance(row, dict):
            raise ValueError(f"entry {number:,} of the list is no JSON object")
        yield text[at:end], row
        at, number = end, number + 1


def _value(row: Mapping[str, Any] | None, column: str | None) -> str:
    return repr(row.get(column)) if row and column is not None else ""


def keys(path: Path, kind: Kind, wanted: str) -> list[str]:
    """The keys of objects, in the order in which they come up, until the wanted one does."""
    found: dict[str, None] = {}
    with opened(path, kind) as (_, file):
        for _, row in _objects(file, kind, True):
            found.update(dict.fromkeys(row))
            if wanted in found:
                break
    return list(found)


def is_list_of_objects(path: Path, kind: Kind) -> bool:
    """Whether a JSON document is a list of objects, by its beginning."""
    with opened(path, kind) as (_, file):
        text = file.read(1_000)
        opening = OPENING.match(text)
        return opening is not None and text.startswith("{", opening.end())


def bad_byte(path: Path) -> str:
    """Where a text is not UTF-8: the error of a decoder counts from wherever it was."""
    before = 0
    with (gzip.open if kind_of(path).gzipped else open)(path, "rb") as file:
        for line in file:
            try:
                line.decode()
            except UnicodeDecodeError as error:
                return f"byte {before + error.start:,} (0x{line[error.start]:02x}) is not UTF-8"
            before += len(line)
    return "it is not UTF-8"
