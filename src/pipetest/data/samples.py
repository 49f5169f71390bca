"""Samples of tables: fewer rows, and nothing else about the data changes. In the process of ``reader``.

Rows of a text are kept as they are written, those of Parquet and Arrow files with their types, metadata and
compression. All ways of taking rows are one: each value of a column has a quota, and without a column to
stratify by, all rows are of one value.
"""

from __future__ import annotations

import difflib
import heapq
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from pipetest.data import sample_columns, sample_texts
from pipetest.data.formats import TABULAR, Dialect, Kind, dialect_of, kind_of, shards
from pipetest.data.tables import reason
from pipetest.pipeline import Take
from pipetest.sandbox_files import copy_file, copy_folder

MOST_VALUES = 100_000  # of a column that is stratified by: one with more tells rows apart, not classes
NEAREST = 10  # columns that are named where none is near
T = TypeVar("T")


class NotSampledError(Exception):
    """A table cannot be sampled. The text is its name and why."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file with rows: a table, or a shard of one. ``path`` is where it can be read: unpacked, say."""

    name: str
    source: Path
    target: Path
    path: Path
    kind: Kind
    dialect: Dialect | None = None
    columns: tuple[str, ...] = ()  # of JSON only up to the one to stratify by

    @property
    def is_columnar(self) -> bool:
        """Whether it is Parquet or Arrow, and no text."""
        return self.kind.format in ("parquet", "arrow")

    @property
    def schema(self) -> object:
        """What the shards of one table have in common."""
        columns = () if self.kind.format in ("json", "jsonl") else self.columns
        header = self.dialect is None or self.dialect.header
        return self.kind.format, self.kind.gzipped, header, columns


def sample(source: Path, target: Path, take: Take) -> list[str]:
    """Make ``target`` what ``source`` is, a file or a folder, with fewer rows in each table.

    What is no table is copied, and so is a table that cannot be sampled: gives the names of those, each with
    the reason. A table without the column to stratify by is sampled without it, where another table has it.
    """
    places = _laid_out(source, target)
    parts, reasons = [], []
    with TemporaryDirectory(dir=target.parent) as room:  # it goes with the run, if we are killed
        for number, (name, (path, to)) in enumerate(places.items()):
            part = None
            try:
                with _blamed(name, path):
                    part = _part(name, path, to, Path(room, str(number)), take)
            except NotSampledError as error:
                reasons.append(str(error))
            if part:
                parts.append(part)
            else:
                copy_file(path, to)
        anywhere = take.stratify is None or any(take.stratify in part.columns for part in parts)
        for table in _tables(parts):
            try:
                _sample(table, take, anywhere)
            except NotSampledError as error:
                reasons.append(str(error))
                for part in table:
                    copy_file(part.source, part.target)
    return sorted(reasons)


def _laid_out(source: Path, target: Path) -> dict[str, tuple[Path, Path]]:
    """The files of ``source``, by name: where each is, and will be. Makes the folders, and follows links."""
    if not source.is_dir():
        return {source.name: (source, target)}
    copy_folder(source, target, follow=True, largest=-1)  # the folders alone, without circles
    found: dict[str, tuple[Path, Path]] = {}
    for folder in [target, *sorted(path for path in target.rglob("*") if path.is_dir())]:
        below = folder.relative_to(target)
        with os.scandir(source / below) as entries:
            files = sorted(entry.name for entry in entries if os.path.isfile(entry.path))  # noqa: PTH113
        found |= {(below / name).as_posix(): (source / below / name, folder / name) for name in files}
    return found


@contextmanager
def _blamed(name: str, path: Path) -> Iterator[None]:
    """What goes wrong within is told of this file."""
    try:
        yield
    except Exception as error:  # whatever a library says of a broken file
        why = sample_texts.bad_byte(path) if isinstance(error, UnicodeDecodeError) else reason(error)
        raise NotSampledError(f"{name}: {why}") from error


def _part(name: str, path: Path, target: Path, room: Path, take: Take) -> Part | None:
    """A file as a table or a shard; None for what is no table. What must be unpacked is, into ``room``."""
    kind = kind_of(path)
    if kind.format not in TABULAR:
        return None
    if kind.format in ("csv", "tsv"):
        # the name of a column that has none is a number, and no sign of a header
        wanted = [take.stratify] if take.stratify and not take.stratify.isdecimal() else []
        dialect = dialect_of(path, kind.format, kind.gzipped, wanted)
        return Part(name, path, target, path, kind, dialect, dialect.names)
    if kind.format in ("json", "jsonl"):
        if kind.format == "json" and not sample_texts.is_list_of_objects(path, kind):
            return None
        keys = sample_texts.keys(path, kind, take.stratify) if take.stratify else ()
        return Part(name, path, target, path, kind, None, tuple(keys))
    plain = sample_columns.unpacked(path, kind, room)
    return Part(name, path, target, plain, kind, None, tuple(sample_columns.names(plain, kind)))


# --- tables


def _tables(parts: Sequence[Part]) -> list[list[Part]]:
    """The parts of each table: files whose names may be those of shards, and which have one schema."""
    known = {part.name: part for part in parts}
    groups = [[known[name] for name in names] for names in shards(known).values()]
    return [
        table
        for group in groups
        for table in ([group] if len({part.schema for part in group}) == 1 else [[part] for part in group])
    ]


def _sample(parts: Sequence[Part], take: Take, anywhere: bool) -> None:
    """Write the sample of one table. ``anywhere``: some table has the column to stratify by."""
    column = take.stratify if any(take.stratify in part.columns for part in parts) else None
    if not anywhere and take.stratify:
        columns = list(dict.fromkeys(name for part in parts for name in part.columns))
        raise NotSampledError(f"{parts[0].name}: {_missing(take.stratify, columns)}")
    sizes = [_sizes(part, column, take) for part in parts]
    for part, size, quota in zip(parts, sizes, quotas(sizes, take.count), strict=True):
        if sum(quota.values()) == size.total():
            copy_file(part.source, part.target)
            continue
        with _blamed(part.name, part.source):
            _write(part, column, size, quota, take.spread)


def _missing(column: str, columns: Sequence[str]) -> str:
    near = difflib.get_close_matches(column, columns, 1)
    if near:
        return f"it has no column `{column}`; the nearest is `{near[0]}`"
    some = ", ".join(f"`{name}`" for name in columns[:NEAREST]) + ", ..." * (len(columns) > NEAREST)
    return f"it has no column `{column}`; its columns are {some or 'none'}"


def _sizes(part: Part, column: str | None, take: Take) -> Counter[str]:
    """How many rows there are of each value. Where the first are taken of a text, its size says about."""
    with _blamed(part.name, part.source):
        if column is None and not take.spread:
            if part.is_columnar:
                return Counter({"": sample_columns.count(part.path, part.kind)})
            return Counter({"": sample_texts.about(part.path, part.kind, part.dialect, take.count + 1)})
        counts: Counter[str] = Counter()
        values = _values(part, column)
        while some := list(islice(values, MOST_VALUES)):
            counts.update(some)
            if len(counts) > MOST_VALUES:
                raise ValueError(
                    f"`{column}` has more than {MOST_VALUES:,} values: stratify by one that has few"
                )
        return counts


def _values(part: Part, column: str | None) -> Iterator[str]:
    """The value of each row in a column, as a text; the same for all without a column."""
    if part.is_columnar:
        return sample_columns.values(part.path, part.kind, column)
    return (value for _, value in sample_texts.rows(part.path, part.kind, part.dialect, column))


def _write(
    part: Part, column: str | None, size: Mapping[str, int], quota: Mapping[str, int], spread: bool
) -> None:
    if part.is_columnar:
        numbers = list(picked(enumerate(_values(part, column)), size, quota, spread))
        sample_columns.write(part.path, part.kind, part.target, numbers)
    else:
        rows = sample_texts.rows(part.path, part.kind, part.dialect, column)
        kept = picked(rows, size, quota, spread)
        sample_texts.write(part.path, part.kind, part.dialect, part.target, kept)


# --- which rows


def picked(
    rows: Iterable[tuple[T, str]], size: Mapping[str, int], quota: Mapping[str, int], spread: bool
) -> Iterator[T]:
    """Of rows with their values, so many of each value as its quota says: the first, or at even distances."""
    left = sum(quota.values())
    seen: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    if not left:
        return
    for row, value in rows:
        number, so_far, wanted = seen[value], taken[value], quota.get(value, 0)
        seen[value] = number + 1
        if so_far == wanted or (spread and number < so_far * size[value] // wanted):
            continue
        yield row
        taken[value] = so_far + 1
        left -= 1
        if not left:
            return


def quotas(sizes: Sequence[Counter[str]], count: int) -> list[dict[str, int]]:
    """How many rows of each value are taken of each shard, from how many there are: ``count`` altogether.

    Each value keeps its share, and each shard of it; none comes away empty while the count allows.
    """
    whole: Counter[str] = Counter()
    for size in sizes:
        whole.update(size)
    found: list[dict[str, int]] = [{} for _ in sizes]
    for value, of_value in zip(whole, shares(count, list(whole.values())), strict=True):
        for quota, of_shard in zip(found, shares(of_value, [size[value] for size in sizes]), strict=True):
            quota[value] = of_shard
    _fill(found, sizes)
    return found


def _fill(found: Sequence[dict[str, int]], sizes: Sequence[Counter[str]]) -> None:
    """Give shards that came away empty a row of another's, of the same value."""
    totals = [sum(quota.values()) for quota in found]
    for empty in [i for i, size in enumerate(sizes) if size.total() and not totals[i]]:
        for value, _ in sizes[empty].most_common():
            rich = max(range(len(found)), key=lambda i: totals[i] if found[i].get(value) else 0)
            if totals[rich] > 1 and found[rich].get(value):
                found[rich][value] -= 1
                found[empty][value] = 1
                totals[rich], totals[empty] = totals[rich] - 1, 1
                break


def shares(count: int, sizes: Sequence[int]) -> list[int]:
    """``count`` in proportion to the sizes, by largest remainders; at least one for each that has any."""
    whole = sum(sizes)
    count = min(count, whole)
    some = [i for i, size in enumerate(sizes) if size]
    if count <= len(some):
        largest = set(heapq.nsmallest(count, some, key=lambda i: (-sizes[i], i)))
        return [int(i in largest) for i in range(len(sizes))]
    found = [max(int(size > 0), count * size // whole) for size in sizes]
    step = 1 if sum(found) < count else -1
    # by how much each has too little (or, for a step down, too much): the most at the top
    heap = [(-step * (count * sizes[i] - found[i] * whole), i) for i in some if step > 0 or found[i] > 1]
    heapq.heapify(heap)
    for _ in range(abs(count - sum(found))):
        error, i = heapq.heappop(heap)
        found[i] += step
        if step > 0 or found[i] > 1:
            heapq.heappush(heap, (error + whole, i))
    return found
