"""What a schema cannot say of declared columns and rows: limits that no value, or no table, can meet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from pipetest.file_marks import Faults, Node, named_items, short

MEANT = {"int": "a number", "float": "a number", "bool": "true or false", "date": "a date"}
MEANT["datetime"] = "a date or a time"
EXAMPLES = {"date": '"2024-01-31"', "datetime": '"2024-01-31 12:00:00"', "bool": "[true, false]"}


def check(ends: Node | None, where: str, faults: Faults) -> None:
    """Add a fault for each limit of the inputs or outputs of a step that can never be met."""
    for name, end in named_items(ends):
        columns, rows = end.get("columns"), end.get("rows")
        for column, body in named_items(columns):
            if isinstance(body.value, dict):
                _column(body, f"{where}.{name}.columns.{column}", faults)
        rows = rows.get("expect") if rows is not None and isinstance(rows.value, dict) else rows
        if rows is not None and isinstance(rows.value, str):
            _rows(rows, f"{where}.{name}.rows", faults)


def _rows(node: Node, where: str, faults: Faults) -> None:
    least, dots, most = node.value.partition("..")
    if dots and least.strip().isdecimal() and most.strip().isdecimal() and int(least) > int(most):
        message = f'{where} is "{node.value}", which no number of rows is'
        faults.add(message, "Write the smaller number first.", node.line)


def _column(body: Node, where: str, faults: Faults) -> None:
    type_ = body.get("type")
    kind = str(type_.value) if type_ is not None else "any"
    limits: dict[str, Any] = {}
    for key, node in _values(body):
        is_number = kind == "any" and key in ("min", "max")
        measure = _measure("float" if is_number else kind, node.value)
        if measure is None:
            message = f"{where}.{key} is {short(node.text)}, and the column is {kind}"
            example = f", such as {EXAMPLES[kind]}" if kind in EXAMPLES else ""
            hint = f"Write {MEANT[kind]}{example}." if kind in MEANT else "Give the column a type, too."
            faults.add(message, hint, node.line)
        limits[key] = measure
    low, high = limits.get("min"), limits.get("max")
    if low is not None and high is not None and type(low) is type(high) and low > high:
        node = body.get("min") or body
        faults.add(f"{where} has a min above its max", "Swap them, or mend one.", node.line)


def _values(body: Node) -> Iterator[tuple[str, Node]]:
    """The values that are declared of a column, each with where it stands."""
    for key in ("min", "max"):
        node = body.get(key)
        if node is not None:
            yield key, node
    choices = body.get("choices")
    for number, node in enumerate(choices.value if choices is not None else ()):
        yield f"choices[{number}]", node


def _measure(kind: str, value: Any) -> Any:
    """What a value of a column of this type is compared by; None for one that is none of it."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind in ("int", "float"):
        return Decimal(str(value)) if is_number or _is_number(value) else None
    if kind == "bool":
        return value in (0, 1) or str(value).lower() in ("true", "false", "0", "1") or None
    if kind in ("date", "datetime"):
        return _moment(str(value))
    return Decimal(str(value)) if is_number else str(value)


def _is_number(value: Any) -> bool:
    return (
        isinstance(value, str) and re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", value) is not None
    )


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None
