"""Facts of tables as text: rows and columns in a few words, and with -v each link, column by column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipetest.reporters import Look, cells, column, count
from pipetest.results import Report

Facts = Mapping[str, Any]
MOST_COLUMNS = 200  # of a table, that are listed


def brief(facts: Sequence[Facts], look: Look) -> str:
    """The tables of an output in a few words: "90 rows × 12 columns", "3 tables, 900 rows"; "" for none."""
    tables = [table for table in facts if table.get("columns") or "rows" in table]
    if len(tables) > 1:
        known = [table["rows"] for table in tables if table.get("rows") is not None]
        return f"{len(tables)} tables, {count(sum(known), 'row')}"
    return _extent(tables[0], look) if tables else ""


def _extent(table: Facts, look: Look) -> str:
    rows = table.get("rows")
    said = count(rows, "row") if rows is not None else "rows not counted"
    return f"{said} {look.sign('by')} {count(len(table.get('columns', ())), 'column')}"


def links(report: Report, look: Look) -> str:
    """Every link and every other input, with its tables and their columns; "" where none is known."""
    lines = []
    for step in report.steps:
        for name, given in step.inputs.items():
            facts = given.get("facts") if isinstance(given, Mapping) else None
            if facts:
                origin = look.line(str(given.get("from", "")))
                lines.append(f"{look.line(f'{step.name}.{name}')} {look.sign('from')} {origin}")
                lines += [line for table in facts for line in _table(table, look)]
    return "\n".join([look.paint("data", "bold"), *(f"  {line}".rstrip() for line in lines)]) if lines else ""


def _table(table: Facts, look: Look) -> Iterator[str]:
    """A table, and a line for each of its columns."""
    is_table = table.get("columns") or "rows" in table
    sampled = ", of the first rows" if table.get("sampled") else ""
    shards = f", {count(table['files'], 'file')}" if "files" in table else ""
    extent = f": {_extent(table, look)}{sampled}" if is_table else ""
    yield f"  {look.line(table['name'])} ({look.line(table['format'])}{shards}){extent}"
    if table.get("problem"):
        yield f"    {look.line(table['problem'])}"
    columns = table.get("columns", ())[:MOST_COLUMNS]
    room = column((look.line(one["name"]) for one in columns), look.width // 3)
    for one in columns:
        name = look.line(one["name"])
        pad = " " * (room - cells(name))
        yield f"    {name}{pad}  {look.line(one['type']):8}  {_values(one, look)}".rstrip()
    left = len(table.get("columns", ())) - len(columns)
    if left > 0:
        yield f"    {look.sign('more')} {count(left, 'more column')}"


def _values(one: Facts, look: Look) -> str:
    """What is known of the values of a column."""
    said = []
    if one.get("min") is not None:
        said.append(look.line(f"{_number(one['min'])} to {_number(one['max'])}"))
    if one.get("nulls"):
        said.append(count(one["nulls"], "null"))
    if one.get("distinct") is not None:
        said.append(f"{one['distinct']} distinct")
    return ", ".join(said)


def _number(value: Any) -> str:
    return (
        f"{value:,.6g}"
        if isinstance(value, float)
        else f"{value:,}"
        if isinstance(value, int)
        else str(value)
    )
