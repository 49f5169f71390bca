"""Which variants of a table are worth a run: so many that each input has some, and that it ends soon."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path

from pipetest.data.facts import Column, Table

MOST = 60  # variants of all inputs together
MOST_DROPPED = 10  # columns of one input that are left out, one at a time
FEW = range(2, 21)  # distinct values of a column that may be a class or a category
MOST_CLASSES = 3  # columns of one input that are given one class, each in a variant of its own
CLASS = re.compile(r"(?i)(?:^|_)(?:label|target|class|y)(?:$|_)")

Key = tuple[str, str]  # step and input


@dataclass(frozen=True, slots=True)
class Outside:
    """A file or folder from outside that is varied, and the inputs that are given it."""

    keys: tuple[Key, ...]
    origin: str  # where it comes from, in words
    base: Path  # at most so many rows of each table of it
    tables: tuple[Table, ...]

    @property
    def name(self) -> str:
        """As it is shown."""
        return ", ".join(f"{step}.{name}" for step, name in self.keys) + f" ({self.origin})"


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to make data hard to take: ``kind`` is known to ``edge_data``."""

    kind: str
    columns: tuple[str, ...] = ()
    name: str = ""

    def __str__(self) -> str:
        return self.name or self.kind


def choose(outside: Sequence[Outside], left: list[str]) -> list[tuple[Outside, Variant]]:
    """What is run, by input: some of each where there are many. What is left out is noted in words."""
    found = [[(one, variant) for variant in variants_of(one.tables)] for one in outside]
    rounds = [pair for pair in chain.from_iterable(zip_longest(*found)) if pair]
    left += [f"{variant} of {one.name}" for one, variant in rounds[MOST:]]
    for one in outside:
        more = len(_names(one.tables)) - MOST_DROPPED
        if more > 0:
            left.append(f"{one.name} without one of {more} other column{'s' if more > 1 else ''}")
    place = {one.keys: number for number, one in enumerate(outside)}
    return sorted(rounds[:MOST], key=lambda pair: place[pair[0].keys])


def variants_of(tables: Sequence[Table]) -> list[Variant]:
    """The variants of an input that say something about its tables, the most telling first."""
    columns = [column for table in tables for column in table.columns]
    rows = max(table.rows or 0 for table in tables)
    few = _few(columns) if rows > 1 else []
    categories = tuple(column.name for column in few if column.type == "str")
    texts = _texts(columns)
    named = [table for table in tables if table.header and len(table.columns) > 1]
    return [
        Variant("empty"),
        *([Variant("one row")] if rows > 1 else []),
        Variant("nulls"),
        *_one_class(few),
        *([Variant("unseen category", categories)] if categories else []),
        *([Variant("reordered")] if named else []),
        *([Variant("non-ASCII", texts)] if texts else []),
        *(
            Variant("without", (name,), f"without {_said(name)}")
            for name in _spread(_names(tables), MOST_DROPPED)
        ),
    ]


def _few(columns: Sequence[Column]) -> list[Column]:
    """The columns that may be a class or a category: those named like one first, then by their values."""
    few = {column.name: column for column in columns if column.distinct in FEW}
    return sorted(few.values(), key=lambda one: (not CLASS.search(one.name), one.distinct or 0))


def _one_class(few: Sequence[Column]) -> list[Variant]:
    """One value in some columns each, and in all at once."""
    alone = [
        Variant("one class", (one.name,), f"one class in {_said(one.name)}") for one in few[:MOST_CLASSES]
    ]
    every = Variant("one class", tuple(one.name for one in few), "one class in all")
    return [*alone, every] if len(few) > 1 else alone


def _said(name: str) -> str:
    """The name of a column; where there is no header, it has a number."""
    return f"column {name}" if name.isdecimal() else name


def _texts(columns: Sequence[Column]) -> tuple[str, ...]:
    """Columns of free text; where there are none, those of categories."""
    texts = [column for column in columns if column.type == "str"]
    free = [column.name for column in texts if column.distinct not in FEW]
    return tuple(dict.fromkeys(free or [column.name for column in texts]))


def _names(tables: Sequence[Table]) -> list[str]:
    """The columns that can be left out: of tables with more than one."""
    wide = [table for table in tables if len(table.columns) > 1]
    return list(dict.fromkeys(column.name for table in wide for column in table.columns))


def _spread(names: Sequence[str], most: int) -> list[str]:
    if len(names) <= most:
        return list(names)
    return [names[i * len(names) // most] for i in range(most)]
