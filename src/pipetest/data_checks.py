"""Judgement of data: what was declared of tables, and their facts, in; findings out. One function a code."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipetest.data.facts import Broken, Table
from pipetest.data.formats import TABULAR
from pipetest.failures.nearest import nearest
from pipetest.pipeline import Input, Output, declared
from pipetest.results import Finding, Severity
from pipetest.sandbox_files import matches, unmatched

LISTED = 12  # columns that a message names
LONGEST = 80  # characters of a name in it
COMPARISONS: Mapping[str, Callable[[int, int], bool]] = {
    "<": lambda rows, limit: rows < limit,
    "<=": lambda rows, limit: rows <= limit,
    ">": lambda rows, limit: rows > limit,
    ">=": lambda rows, limit: rows >= limit,
    "=": lambda rows, limit: rows == limit,
}
SAME = ({"json", "jsonl"}, {"csv", "tsv"})  # formats that go by each other's names


@dataclass(frozen=True, slots=True)
class Place:
    """Whose data is judged, and where what is expected of it was declared."""

    step: str  # that the findings are of
    data: str  # what the data is called: "prepare.clean"
    writer: str | None = None  # the step that wrote it, where that is another one
    file: str | None = None  # of the declaration
    line: int | None = None

    def of(self, table: Table) -> str:
        """A table, in words: "clean.csv of prepare.clean"."""
        return self.data if self.data.endswith(table.name) else f"{table.name} of {self.data}"

    def finding(self, code: str, message: str, hint: str, severity: Severity = Severity.ERROR) -> Finding:
        """A finding about this data."""
        return Finding(code, severity, self.step, message, hint, self.file, self.line)


def judge(place: Place, wanted: Input | Output, tables: Sequence[Table]) -> list[Finding]:
    """All that the facts of an input or output have against what was declared of it."""
    findings = [finding for table in tables for finding in _readable(place, table, wanted)]
    columns = declared(wanted.columns)
    if not columns and not wanted.rows:
        return findings
    meant = [table for table in tables if is_meant(table, wanted.files)]
    whole = [table for table in meant if table.is_table]
    if not whole and not findings:
        return [_no_table(place, meant or tables)]
    similar = [table for table in whole if any(table.column(name) for name in columns)]
    for table in similar if columns and similar else whole:
        findings += [*_columns(place, table, columns), *_rows(place, table, wanted.rows)]
    return findings


def is_meant(table: Table, globs: Sequence[str]) -> bool:
    """Whether a table is one of those that `files` names; without it, all are."""
    return not globs or any(matches(table.name, glob) for glob in globs)


def _readable(place: Place, table: Table, wanted: Input | Output) -> list[Finding]:
    """``unreadable-data`` and ``format-mismatch``: no fault of a step, unless the table was declared."""
    is_declared = bool(wanted.columns or wanted.rows) and is_meant(table, wanted.files)
    severity = Severity.ERROR if is_declared else Severity.WARNING
    misnamed = _misnamed(table)
    if misnamed:
        hint = "Give it the suffix of what it is, or write what its name says: readers choose by the name."
        message = f"{place.of(table)} {misnamed}."
        return [place.finding("format-mismatch", message, hint, Severity.WARNING)]
    if not table.problem:
        return []
    what = f"{_count(table.bad_rows)} of {place.of(table)}" if table.bad_rows else place.of(table)
    message = f"{what} cannot be read: {table.problem}."
    hint = "Look at that place of the file, and at how it is written: its reader may stop there, too."
    return [place.finding("unreadable-data", message, hint, severity)]


def _misnamed(table: Table) -> str | None:
    """What is wrong with the name of a file, for what it holds; None where nothing is."""
    packed = table.name.lower().endswith(".gz")
    if table.format in ("empty", "unreadable"):
        return None
    if packed and table.named and not table.gzipped:
        return f"is named .gz, and is not packed: it is {table.format}"
    if table.gzipped and not packed and table.named:
        return f"is named .{table.named}, and is packed by gzip"
    if table.named in (None, table.format) or any({table.named, table.format} <= pair for pair in SAME):
        return None
    return f"is named as {table.named}, and holds {table.format}"


def _no_table(place: Place, tables: Sequence[Table]) -> Finding:
    """``format-mismatch`` or ``empty-table``: columns are declared of what is no table."""
    if tables and all(table.format == "empty" for table in tables):
        message = f"{place.of(tables[0])} is empty: it has not even a header."
        return place.finding("empty-table", message, "Write the header, too, when there are no rows.")
    held = ", ".join(f"{table.name} ({table.format})" for table in tables[:5]) or "nothing"
    known = ", ".join(sorted(TABULAR))
    message = f"{place.data} has columns declared, and no table: it holds {held}."
    hint = f"Write a table ({known}), or say with `files` which of the files is one."
    return place.finding("format-mismatch", message, hint)


# --- columns


def _columns(place: Place, table: Table, columns: Mapping[str, Mapping[str, Any]]) -> list[Finding]:
    if not columns:
        return []
    missing = [name for name in columns if table.column(name) is None]
    findings = [missing_columns(place, table, missing)] if missing else []
    for name, broken in (table.broken or {}).items():
        findings += _values(place, table, name, columns[name], broken)
    return findings


def missing_columns(place: Place, table: Table, missing: Sequence[str]) -> Finding:
    """``column-missing``: declared, and not there."""
    names = [column.name for column in table.columns]
    free = [name for name in names if name not in missing]
    meant = {name: near(name, free) for name in missing}
    some = [f"`{cut(name)}`" + (f" (nearest: `{one}`)" if one else "") for name, one in meant.items()]
    said = ", ".join(some[:LISTED]) + (f" and {len(some) - LISTED} more" if len(some) > LISTED else "")
    what = "column" if len(missing) == 1 else "columns"
    message = f"{place.of(table)} has no {what} {said}."
    if not table.header:
        hint = f"It has no header: its first line is data, in {len(names)} columns. Write the names first."
        return place.finding("column-missing", message, hint)
    who = place.writer or "the script"
    hint = f"It has {listed(names)}. Have {who} write that name, or mend the declaration."
    return place.finding("column-missing", message, hint)


def near(name: str, names: Iterable[str]) -> str | None:
    """The name that was probably meant; None where none is near."""
    found = nearest(name, names)
    return found[0] if found else None


def listed(names: Sequence[str]) -> str:
    """Some names of columns, for a message."""
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(f"`{cut(name)}`" for name in names[:LISTED]) + more if names else "no columns"


def cut(name: str) -> str:
    """A name of no more than a line."""
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 3]}..."


def _values(place: Place, table: Table, name: str, body: Mapping[str, Any], broken: Broken) -> list[Finding]:
    """``column-type``, ``column-null``, ``column-range``, ``column-unique``: values against a declaration."""
    of = f"`{name}` in {place.of(table)}"
    is_counted = table.rows is not None and not table.sampled
    rows = _count(table.rows or 0) if is_counted else "the rows looked at"
    findings = []
    if broken.wrong:
        column = table.column(name)
        is_typed = table.format in ("parquet", "arrow")
        of_type = f" (the file says {column.type})" if column and is_typed else ""
        message = f"{of} is declared {body['type']}: in {broken.wrong:,} of {rows} it is not{of_type}."
        hint = f"Convert it where it is written, or declare what it is{_as(table, name)}."
        findings.append(place.finding("column-type", message, hint))
    if broken.nulls and body.get("nullable") is False:
        message = f"{of} is declared `nullable: false`, and is null in {broken.nulls:,} of {rows}."
        hint = "Fill or drop them where it is written, or declare `nullable: true`."
        findings.append(place.finding("column-null", message, hint))
    findings += _limits(place, of, rows, body, broken)
    if broken.repeated:
        message = f"{of} is declared unique: {broken.repeated:,} of {rows} repeat a value."
        hint = "Look for a join or a concatenation that doubles rows, or declare `unique: false`."
        findings.append(place.finding("column-unique", message, hint))
    return findings


def _as(table: Table, name: str) -> str:
    column = table.column(name)
    return f" ({column.type})" if column else ""


def _limits(place: Place, of: str, rows: str, body: Mapping[str, Any], broken: Broken) -> list[Finding]:
    """``column-range``: values beyond the least, the greatest or the choices."""
    beyond = [
        (broken.below, f"below its `min` {body.get('min')}"),
        (broken.above, f"above its `max` {body.get('max')}"),
        (broken.outside, "none of its `choices`"),
    ]
    said = [f"{count:,} of {rows} are {what}" for count, what in beyond if count]
    if not said:
        return []
    hint = "Look at what changed the scale or the categories, or mend the declaration; -v shows the range."
    return [place.finding("column-range", f"{of}: {', '.join(said)}.", hint)]


# --- rows


def _rows(place: Place, table: Table, wanted: str | None) -> list[Finding]:
    """``rows-out-of-range`` and ``empty-table``."""
    if not wanted or table.rows is None or fits(table.rows, wanted):
        return []
    if table.rows == 0:
        message = f"{place.of(table)} has a header and no rows; declared are {wanted.strip()}."
        hint = "Look at what filters the rows: a join without a match, or a condition that holds for none."
        return [place.finding("empty-table", message, hint)]
    message = f"{place.of(table)} has {_count(table.rows)}; declared are {wanted.strip()}."
    hint = "Look at what filters or joins the rows, or mend `rows`."
    return [place.finding("rows-out-of-range", message, hint)]


def _count(rows: int) -> str:
    return f"{rows:,} row" if rows == 1 else f"{rows:,} rows"


def fits(rows: int, wanted: str) -> bool:
    """Whether a number of rows is as ``rows`` says: ">=10", "5", "1..10"."""
    least, dots, most = wanted.replace(" ", "").partition("..")
    if dots:
        return int(least) <= rows <= int(most)
    found = re.fullmatch(r"(<=|<|>=|>|==?)?(\d+)", least)
    if found is None:
        raise ValueError(f"not a number of rows: {wanted!r}")
    return COMPARISONS[(found[1] or "=").replace("==", "=")](rows, int(found[2]))


# --- files, and promises held against expectations


def missing_files(place: Place, globs: Sequence[str], names: Sequence[str]) -> list[Finding]:
    """``file-missing``: patterns that match nothing in an input."""
    absent = unmatched(globs, names)
    if not absent:
        return []
    meant = near(absent[0], names)
    message = f"Nothing in {place.data} matches {', '.join(absent)}."
    hint = f"The nearest is {meant}." if meant else f"It holds {', '.join(names[:5]) or 'nothing'}."
    return [place.finding("file-missing", message, f"{hint} Mend the name where it is written, or here.")]


def judge_promise(place: Place, wanted: Input, promised: Output) -> list[Finding]:
    """What two declarations say of one link before anything runs: an error where they exclude each other."""
    promises = declared(promised.columns)
    if not promises:
        return []
    findings = []
    missing = [name for name in declared(wanted.columns) if name not in promises]
    meant = {name: found for name in missing if (found := near(name, promises))}
    if meant:
        said = ", ".join(f"`{name}` (nearest: `{found}`)" for name, found in meant.items())
        message = f"{place.step} expects of {place.data} what {place.writer} does not promise: {said}."
        hint = "Mend one of the two declarations, or add the column to what is promised."
        findings.append(place.finding("column-missing", message, hint, Severity.WARNING))
    for name, body in declared(wanted.columns).items():
        promise = str(promises.get(name, {}).get("type", "any"))
        if not _agree(promise, str(body["type"])):
            expects = f"{place.step} expects `{name}` of {place.data} as {body['type']}"
            message = f"{expects}; {place.writer} promises {promise}."
            hint = "Mend one of the two declarations."
            findings.append(place.finding("column-type", message, hint))
    return findings


def _agree(promised: str, expected: str) -> bool:
    """Whether values of one declared type can be of another; a text may hold anything."""
    both = {promised, expected}
    numbers, times = {"int", "float", "bool"}, {"date", "datetime"}
    return len(both) == 1 or bool(both & {"any", "str"}) or both <= numbers or both <= times
