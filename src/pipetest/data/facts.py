"""Facts: what was observed of files; never a verdict. What ``tables`` reads and ``data`` hands on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

TYPES = ("int", "float", "bool", "str", "date", "datetime")  # others are named as the library names them
MANY = 100  # distinct values are counted up to here


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table. ``min`` and ``max`` are numbers, or ISO dates; None where there is no value."""

    name: str
    type: str
    nulls: int = 0
    min: float | str | None = None
    max: float | str | None = None
    distinct: int | None = None  # None: more than MANY, or not counted


@dataclass(frozen=True, slots=True)
class Broken:
    """How many values of a declared column break which part of its declaration."""

    wrong: int = 0  # are not of the type
    nulls: int = 0
    below: int = 0
    above: int = 0
    outside: int = 0  # are none of the choices
    repeated: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """One file, or the shards of one table. ``columns`` is empty for what is no table."""

    name: str  # below the input or output; with shards, what they have in common: part-*.csv
    format: str  # see ``formats.Kind``
    files: int = 1
    bytes: int = 0
    named: str | None = None  # the format that the name promises
    gzipped: bool = False
    rows: int | None = None
    columns: tuple[Column, ...] = ()
    header: bool = True  # whether a delimited text has one; without, its columns are named 0, 1, 2
    sampled: bool = False  # ``rows`` may be exact all the same; all else is of the first rows only
    keys: tuple[str, ...] = ()  # of a JSON document that is one object
    bad_rows: int = 0
    problem: str | None = None  # why it could not be read, in the words of the library
    broken: Mapping[str, Broken] | None = None  # per declared column that is there; None: not asked

    @property
    def is_table(self) -> bool:
        """Whether it has rows and columns."""
        return bool(self.columns) or self.rows is not None

    def column(self, name: str) -> Column | None:
        """The column of that name."""
        return next((one for one in self.columns if one.name == name), None)


def table_from(data: Mapping[str, Any]) -> Table:
    """A table from what ``as_dict`` made of it."""
    broken = data.get("broken")
    return Table(
        **{
            **data,
            "columns": tuple(Column(**one) for one in data.get("columns", ())),
            "keys": tuple(data.get("keys", ())),
            "broken": None if broken is None else {name: Broken(**one) for name, one in broken.items()},
        }
    )


def as_dict(table: Table) -> dict[str, Any]:
    """A table as plain data, without what is as it mostly is."""
    columns = [_told(one) for one in table.columns]
    return _told(table) | ({"columns": columns} if columns else {})


def told(tables: Sequence[Table]) -> list[dict[str, Any]]:
    """Facts as the report has them: without what was counted for a declaration."""
    return [as_dict(replace(table, broken=None)) for table in tables]


def _told(one: Table | Column) -> dict[str, Any]:
    body = asdict(one)
    usual = {field.name: field.default for field in fields(one)}
    return {key: value for key, value in body.items() if value != usual[key]}
