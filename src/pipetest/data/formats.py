"""What kind of file something is, by its content first and by its name where that says nothing; and shards.

Observation only, with nothing but the standard library: at most ``HEAD`` bytes of a file are read. Tables
are read in ``tables``, by a library made for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from pathlib import Path

HEAD = 64 * 1024  # bytes of a file that are looked at
GLANCE = 2 * 1024  # of what is no text; there may be thousands of images
WIDEST = 16_000_000  # and more of them where they are no whole line
TABULAR = frozenset({"csv", "tsv", "json", "jsonl", "parquet", "arrow"})
NAMED = {  # suffix -> format
    "csv": "csv",
    "tsv": "tsv",
    "tab": "tsv",
    "json": "json",
    "jsonl": "jsonl",
    "ndjson": "jsonl",
    "parquet": "parquet",
    "pq": "parquet",
    "arrow": "arrow",
    "feather": "arrow",
    "ipc": "arrow",
}
MAGIC = (  # first bytes -> format; the first match counts
    (b"PAR1", "parquet"),
    (b"ARROW1", "arrow"),
    (b"FEA1", "feather 1"),
    (b"ORC", "orc"),
    (b"Obj\x01", "avro"),
    (b"\x93NUMPY", "npy"),
    (b"\x89HDF\r\n\x1a\n", "hdf5"),
    (b"SQLite format 3\x00", "sqlite"),
    (b"PK\x03\x04", "zip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"%PDF-", "pdf"),
    (b"\x89PNG\r\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
    (b"\x7fELF", "program"),
)
PICKLE = re.compile(rb"\x80[\x02-\x05]")
DELIMITERS = {"csv": ",;|\t", "tsv": "\t"}  # the first that serves is taken
NO_VALUE = frozenset({"na", "nan", "null", "none", "inf", "infinity"})  # words, and no names
PROSE = "txt text md rst log py sh yaml yml toml ini cfg html xml svg libsvm svmlight"  # suffixes
# What counts shards: part-00000-of-00010, part-aa, a UUID, a partition such as year=2024.
COUNTER = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=part-)[a-z]{2,3}\b|\d+|(?<==)[^/]+", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file is. ``format`` is by its content; ``named`` is what its name says, None for nothing."""

    format: str  # one of TABULAR, "text", "binary", "empty", or another kind: "pickle", "tar", ...
    named: str | None = None
    gzipped: bool = False


def kind_of(path: Path) -> Kind:
    """The kind of a file. Raises OSError for a file that cannot be read."""
    with path.open("rb") as file:
        head = file.read(GLANCE)
        gzipped = head.startswith(b"\x1f\x8b")
        if gzipped or (b"\x00" not in head and not any(head.startswith(magic) for magic, _ in MAGIC)):
            head += file.read(HEAD - GLANCE)  # a text: only more of it tells CSV from JSON Lines
    if gzipped:
        head = _unzipped(head)
    named = named_format(path.name)
    suffix = re.sub(r"\.gz$", "", path.name.lower()).rpartition(".")[2]
    return Kind(_format(head, named, suffix), named, gzipped)


def named_format(name: str) -> str | None:
    """The format that a file's name promises: ``data.csv.gz`` is "csv"; None where it promises none."""
    return NAMED.get(re.sub(r"\.gz$", "", name.lower()).rpartition(".")[2])


def _unzipped(head: bytes) -> bytes:
    import zlib

    try:
        return zlib.decompressobj(wbits=31).decompress(head, HEAD)
    except zlib.error:
        return b""


def _format(head: bytes, named: str | None, suffix: str) -> str:
    for magic, name in MAGIC:
        if head.startswith(magic):
            return name
    if not head:
        return "empty"
    if PICKLE.match(head):
        return "pickle"
    if head[257:262] == b"ustar":
        return "tar"
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "binary"
    return _text_format(head, named, suffix)


def _text_format(head: bytes, named: str | None, suffix: str) -> str:
    text = head.decode("utf-8-sig", "replace")
    first, _, rest = text.lstrip().partition("\n")
    if first.startswith(("{", "[")) and named in (None, "json", "jsonl", "csv", "parquet", "arrow"):
        if _is_json(first) and first.startswith("{") and (rest.strip().startswith("{") or named == "jsonl"):
            return "jsonl"
        if named != "csv" or first.startswith("[{") or _is_json(text):
            return "json"
    if named in ("csv", "tsv"):
        return named
    if suffix in PROSE.split():
        return "text"
    return _delimited(text)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _delimited(text: str) -> str:
    """ "csv" or "tsv" for text of which the first lines have as many fields each; else "text"."""
    lines = text.splitlines()[:20][:-1] or text.splitlines()[:1]
    for delimiter in DELIMITERS["csv"]:
        counts = {line.count(delimiter) for line in lines if line}
        if len(counts) == 1 and 0 not in counts and len(lines) > 1:
            return "tsv" if delimiter == "\t" else "csv"
    return "text"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a delimited text is written. ``first`` are the cells of its first record."""

    delimiter: str
    header: bool
    first: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, as pandas gives them: by number where there is no header."""
        if not self.header:
            return tuple(str(i) for i in range(len(self.first)))
        names: dict[str, None] = {}
        again: dict[str, int] = {}
        for i, cell in enumerate(self.first):
            name = cell or f"Unnamed: {i}"
            while name in names:
                again[cell] = again.get(cell, 0) + 1
                name = f"{cell}.{again[cell]}"
            names[name] = None
        return tuple(names)


def dialect_of(path: Path, format_: str, gzipped: bool, wanted: Iterable[str] = ()) -> Dialect:
    """The dialect of a delimited text, by its first record. ``wanted`` are names that a header may have.

    A first record is a header when it has one of the wanted names, or when no cell of it is a number; with
    numbers in it, when it counts from 0 as pandas does, or has a word above a column of numbers.
    Raises OSError and ValueError (also UnicodeDecodeError) for what is not such a text.
    """
    import csv  # late, like gzip: most of what is started has no tables
    import gzip

    csv.field_size_limit(WIDEST + HEAD)  # a header that is taken for one field
    opened = gzip.open if gzipped else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
        head = file.read(HEAD)
        if "\n" not in head and "\r" not in head:  # a header of thousands of columns
            head += file.readline(WIDEST)
    try:
        delimiter = max(DELIMITERS[format_], key=lambda one: len(_first(csv.reader, head, one)))
        records = list(islice(csv.reader(StringIO(head, newline=""), delimiter=delimiter), 20)) or [[]]
    except csv.Error as error:
        raise ValueError(str(error)) from error
    known = {
        name for name in wanted if not _is_number(name)
    }  # numbers are the names where there is no header
    first = records[0]
    header = bool(known.intersection(first)) or _names_columns(first, records[1:])
    return Dialect(delimiter, header, tuple(first))


def _first(reader: Callable[..., Iterator[list[str]]], head: str, delimiter: str) -> list[str]:
    """The first record, where that were the delimiter."""
    return next(reader(StringIO(head, newline=""), delimiter=delimiter), [])


def _names_columns(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether a first record is a header, by what it and some records below it hold."""
    numbers = [cell for cell in first if _is_number(cell)]
    if not numbers or (len(numbers) > 2 and numbers == [str(i) for i in range(len(numbers))]):
        return True
    if len(set(first)) < len(first):
        return False
    columns = zip(first, *(record for record in below if len(record) == len(first)), strict=True)
    return any(
        re.fullmatch(r"[^\W\d]\w*", cell) and cell.lower() not in NO_VALUE and all(map(_is_number, values))
        for cell, *values in columns
        if values
    )


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return cell.strip().lower() not in NO_VALUE  # which are words, and may be names


def shards(names: Iterable[str]) -> dict[str, list[str]]:
    """Names of files that may be the shards of one table, under what they have in common.

    ``part-0.csv`` and ``part-1.csv`` are under ``part-*.csv``; a file that has no like is under its own name.
    """
    groups: dict[str, list[str]] = {}
    for name in sorted(names):
        groups.setdefault(COUNTER.sub("*", name), []).append(name)
    return {pattern if len(of) > 1 else of[0]: of for pattern, of in groups.items()}
