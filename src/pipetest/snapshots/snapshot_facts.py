"""What was observed of an output, as a snapshot writes it: rounded, in a stable order, and without the data.

A *body* is plain data as it stands in the file: of an output ``{FILE: body}``, of a file its format, rows,
keys and columns, of a column its type, range and share of nulls.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from pipetest.data.facts import Column, Table

Body = dict[str, Any]
MOST_KEYS = 50  # of a JSON object; where there are more they are data, and are counted
FEW = 20  # distinct values that are worth a number
ALL = "100%"


def observed(tables: Iterable[Table]) -> Body:
    """The body of an output, files by their names."""
    return {_file_name(one.name): _table(one) for one in sorted(tables, key=lambda one: one.name)}


def _file_name(name: str) -> str:
    """A name as the file has it; ``tolerance`` is taken there."""
    return "./tolerance" if name == "tolerance" else _text(name)


def _text(name: str) -> str:
    """A name without what YAML cannot hold: NUL, and halves of characters in names of files."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\\x00")


def _table(table: Table) -> Body:
    count = len(table.keys)
    body: Body = {
        "format": table.format + (".gz" if table.gzipped else ""),
        "unreadable": bool(table.problem) and not table.bad_rows,
        "bad_rows": table.bad_rows,
        "header": None if table.header else False,
        "rows": table.rows,
        "sampled": table.sampled,
        "keys": sorted(map(_text, table.keys)) if count <= MOST_KEYS else count,
        "columns": {_text(one.name): _column(one, table) for one in table.columns},
    }
    always = {"rows": table.rows is not None, "header": not table.header}
    return {key: value for key, value in body.items() if always.get(key, value)}


def _column(column: Column, table: Table) -> Body:
    low, high = column.min, column.max
    width = 0.0
    if isinstance(low, (int, float)) and isinstance(high, (int, float)):
        width = float(high) - float(low)
    is_few = column.type in ("str", "bool") and (column.distinct or 0) <= FEW
    body = {
        "type": column.type,
        "min": None if low is None else _rounded(low, width),
        "max": None if high is None else _rounded(high, width),
        "nulls": _share(column.nulls, None if table.sampled else table.rows),
        "distinct": column.distinct if is_few else None,
    }
    return {key: value for key, value in body.items() if value is not None}


def _share(count: int, of: int | None) -> str | None:
    """How many are missing: "3%", or "some" of a table whose rows were not all read; None for none."""
    if not count or of is None:
        return "some" if count else None
    if count >= of:
        return ALL
    share = min(max(100 * count / of, 0.01), 99.9)  # neither none nor all
    return f"{round(share, 1 if share >= 1 else 2):g}%"


def _rounded(value: float | str, width: float) -> float | str:
    """A number to a thousandth of the range, and to two digits of its own at least; a time to the second."""
    if isinstance(value, str):
        moment = moment_of(value)
        return moment.isoformat() if moment and len(value) > len("2024-01-01") else _text(value)
    if not math.isfinite(value) or not value:
        return 0 if not value else str(value)
    own = math.floor(math.log10(abs(value)))
    is_range = 0 < width < math.inf
    places = max(2 - math.floor(math.log10(width)), 1 - own) if is_range else 5 - own
    try:
        short = round(value, places)
    except OverflowError:  # upwards, beyond the largest float
        short = value
    return int(short) if abs(short) < 1e15 and short == int(short) else short


def moment_of(text: str) -> datetime | None:
    """A date or a time, in UTC; None for what is none."""
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        return None
    return moment.replace(tzinfo=None, microsecond=0)
