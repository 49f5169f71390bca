"""What a failure is explained by: the error, the code, what the step was given; and how it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from pipetest.data.facts import Column, Table
from pipetest.failures.error_texts import Complaint
from pipetest.failures.failing_code import Code
from pipetest.failures.failure_traces import Raised

MOST_TABLES, MOST_NAMES = 3, 6  # that are named in a message
SAID = {  # in words
    "parquet": "Parquet",
    "arrow": "Arrow",
    "json": "JSON",
    "jsonl": "JSON Lines, an object a line",
    "csv": "CSV",
    "tsv": "TSV",
    "numpy": "an array of NumPy",
}
NAMING = ("column", "attribute", "key", "place")  # errors of which the text has names, and no values


@dataclass(frozen=True, slots=True)
class Given:
    """One input of the failed step, as it was before the step ran."""

    name: str
    origin: str  # "prepare.clean" for a link, or the user's path as text
    writer: str | None  # the step that wrote it; None for the user's own data
    tables: tuple[Table, ...]  # facts, each under its name below the input
    files: tuple[str, ...]  # all names below it
    source: Path | None = None  # the folder or file itself, which a step cannot have changed
    container_path: str | None = None  # where the step saw it, in a container

    def holds(self, path: PurePath) -> bool:
        """Whether a path that the step used lies below this input."""
        if self.container_path and path.is_relative_to(self.container_path):
            return True
        return self.name in path.parts[:-1]

    @property
    def origin_text(self) -> str:
        """``prepare.clean (written by prepare)``."""
        return f"{self.origin} (written by {self.writer})" if self.writer else self.origin


@dataclass(frozen=True, slots=True)
class Explained:
    """A failure in words that name the cause: what a finding is made of."""

    code: str
    message: str
    hint: str
    lost: tuple[str, str] | None = None  # a column that is in no input, and who wrote where it was looked for


@dataclass(frozen=True, slots=True)
class Seen:
    """A table, or another file, and the input that it came with."""

    given: Given
    table: Table

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(column.name for column in self.table.columns)

    @property
    def file(self) -> str:
        """Its own name, without the folders above it."""
        return PurePath(self.table.name).name

    @property
    def place(self) -> str:
        """``clean.csv of prepare.clean (written by prepare)``."""
        name, origin = self.table.name, self.given.origin
        if origin == name or origin.endswith((f".{name}", f"/{name}")):
            return self.given.origin_text
        return f"{name} of {self.given.origin_text}"

    @property
    def place_of_source(self) -> Path | None:
        """Where the file itself lies; None where that is not known, or where there are several."""
        source = self.given.source
        if source is None or self.table.files > 1:
            return None
        place = source if source.is_file() else source / self.table.name
        return place if place.is_file() else None

    @property
    def is_empty(self) -> bool:
        """Whether it has no rows, or nothing at all."""
        return self.table.rows == 0 or self.table.format == "empty"


@dataclass(frozen=True, slots=True)
class Case:
    """One failure: the error, the code that it comes from, and what there was."""

    script: str
    said: Raised
    complaint: Complaint
    code: Code
    given: Sequence[Given]

    @property
    def seen(self) -> list[Seen]:
        """All that was given, file by file."""
        return [Seen(one, table) for one in self.given for table in one.tables]

    @property
    def tables(self) -> list[Seen]:
        """What has columns."""
        return [one for one in self.seen if one.names]

    def told(self, code: str, message: str, hint: str) -> Explained:
        """The explanation, with the error and its line at the end."""
        first = self.said.message.partition("\n")[0]
        is_shown = first and self.complaint.about in NAMING and len(first) < 60
        text = f"{self.said.error}: {first}" if is_shown else self.said.error
        where = f", line {self.said.line}" if self.said.line else ""
        return Explained(code, f"{message} ({text}{where})", hint)

    def mend(self, here: str, seen: Given, there: str, data: str) -> str:
        """A hint: what to do in the script, or have done where the data comes from."""
        return f"{here} in {self.script}, or {f'have {seen.writer} {there}' if seen.writer else data}."

    def blamed(self, is_wrong: Callable[[Column], bool]) -> list[tuple[Seen, list[Column]]]:
        """The columns that may be to blame: those that the error or the code names, else all that are wrong.

        Code without a library in between may work with anything: there it must name the column.
        """
        named, others = [], []
        for seen in self.tables:
            names = self.complaint.names or self.named(seen)
            wrong = [one for one in seen.table.columns if is_wrong(one)]
            if by_name := [one for one in wrong if one.name in names]:
                named.append((seen, by_name))
            elif (
                wrong
                and not names
                and self.complaint.sure
                and (self.said.inner or "reader" in self.code.used)
            ):
                others.append((seen, wrong))
        return named or _odd(others, self.tables) or others

    def named(self, seen: Seen) -> list[str]:
        """The columns of a table that the failed statement names, or counts."""
        words = self.code.strings | self.code.attributes
        by_name = [name for name in seen.names if name in words]
        if not seen.table.header:
            by_name += [
                name for name, given in zip(seen.names, self.code.names, strict=False) if given in words
            ]
        if by_name or self.said.inner:
            return by_name
        return [seen.names[i] for i in self.code.places if 0 <= i < len(seen.names)]


def _odd(wrong: list[tuple[Seen, list[Column]]], tables: list[Seen]) -> list[tuple[Seen, list[Column]]]:
    """Of the columns that may be to blame, those that are right in another table that has them."""
    suspects = {(id(seen.table), column.name) for seen, columns in wrong for column in columns}
    right = {name for one in tables for name in one.names if (id(one.table), name) not in suspects}
    odd = [(seen, [column for column in columns if column.name in right]) for seen, columns in wrong]
    return [(seen, columns) for seen, columns in odd if columns]


def quoted(name: str) -> str:
    """A name for a message; what cannot be seen in it is escaped."""
    return f"`{name if name.isprintable() else ascii(name)[1:-1]}`"


def listed(names: Iterable[str]) -> str:
    """Names for a message."""
    names = list(names)
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(map(quoted, names[:MOST_NAMES])) + more


def kinds(columns: Sequence[Column]) -> str:
    """Columns with their types, for a message."""
    more = f" and {len(columns) - MOST_NAMES} more" if len(columns) > MOST_NAMES else ""
    return ", ".join(f"{quoted(one.name)} ({one.type})" for one in columns[:MOST_NAMES]) + more
