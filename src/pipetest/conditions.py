"""Conditions and values of a pipeline, evaluated while it runs.

A condition is the map that SageMaker's definition has for it, with each operand resolved to a literal, to
``{"value": NAME}``, which ``lookup`` knows by now, or to ``{"text": [...]}``, literals and values in a row.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Lookup = Callable[[str], Any]
COMPARISONS: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "GreaterThan": (">", lambda left, right: left > right),
    "GreaterThanOrEqualTo": (">=", lambda left, right: left >= right),
    "LessThan": ("<", lambda left, right: left < right),
    "LessThanOrEqualTo": ("<=", lambda left, right: left <= right),
}
TYPES = (*COMPARISONS, "Equals", "In", "Not", "Or")
# a.b[0].c and a['b.c']: a name, or what stands in brackets.
PATH = re.compile(
    r"""\.?(?P<name>[^.\[\]'"]+)|\[(?P<index>\d{1,9})\]|\[(?P<quote>['"])(?P<key>.*?)(?P=quote)\]"""
)


class ConditionError(Exception):
    """A condition, or a value in it, that cannot be evaluated. The message names what is missing."""


# ---- conditions


def evaluate(conditions: Iterable[Mapping[str, Any]], lookup: Lookup) -> tuple[bool, str]:
    """Whether all conditions hold, and a one-line account of it: ``3.2 <= 6.0 and 'a' == 'b'``.

    All of them are looked at, as SageMaker reads every operand before it decides. Raises ConditionError.
    """
    answers = [_evaluate(condition, lookup) for condition in conditions]
    account = " and ".join(account for _, account in answers)
    return all(holds for holds, _ in answers), account or "no condition"


def _evaluate(condition: Mapping[str, Any], lookup: Lookup) -> tuple[bool, str]:
    kind = condition.get("Type")
    if kind == "Not":
        holds, account = _evaluate(condition.get("Condition") or {}, lookup)
        return not holds, f"not ({account})"
    if kind == "Or":
        answers = [_evaluate(one, lookup) for one in condition.get("Conditions") or ()]
        return any(holds for holds, _ in answers), f"({' or '.join(account for _, account in answers)})"
    if kind == "In":
        return _is_in(condition, lookup)
    left, right = (_operand(condition.get(side), lookup) for side in ("LeftValue", "RightValue"))
    if kind == "Equals":
        return _equal(left, right), f"{left!r} == {right!r}"
    if kind not in COMPARISONS:
        raise ConditionError(f"The condition has the type {kind!r}, which is none of {', '.join(TYPES)}.")
    return _compare(kind, left, right)


def _is_in(condition: Mapping[str, Any], lookup: Lookup) -> tuple[bool, str]:
    asked = _operand(condition.get("QueryValue"), lookup)
    values = [_operand(one, lookup) for one in condition.get("Values") or ()]
    return any(_equal(asked, one) for one in values), f"{asked!r} in {values!r}"


def _compare(kind: str, left: Any, right: Any) -> tuple[bool, str]:
    sign, holds = COMPARISONS[kind]
    account = f"{left!r} {sign} {right!r}"
    if _family(left) != _family(right) or _family(left) == "truth value":
        raise ConditionError(
            f"{account} cannot be decided: {left!r} is a {_family(left)}, {right!r} a {_family(right)}."
        )
    return holds(left, right), account


def _equal(left: Any, right: Any) -> bool:
    return _family(left) == _family(right) and bool(left == right)  # to Python, True == 1


def _family(value: Any) -> str:
    if isinstance(value, bool):
        return "truth value"
    return "number" if isinstance(value, int | float) else "text"


def _operand(operand: Any, lookup: Lookup) -> Any:
    if isinstance(operand, Mapping):
        if "text" in operand:
            return "".join(_text(_operand(part, lookup)) for part in operand["text"])
        operand = _looked_up(operand.get("value"), lookup)
    if not isinstance(operand, str | int | float):
        held = "nothing (null)" if operand is None else f"a whole {_shape(operand)}"
        raise ConditionError(f"A condition compares {held}, where one value is needed.")
    return operand


def _looked_up(name: Any, lookup: Lookup) -> Any:
    try:
        found = lookup(name)
    except KeyError:
        raise ConditionError(f"The value {name} is not there.") from None
    if found is None or isinstance(found, Mapping | list):
        held = "null" if found is None else f"a whole {_shape(found)}"
        raise ConditionError(f"{name} is {held}, where one value is needed.")
    return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


# ---- JsonGet


def json_value(document: Any, path: str) -> Any:
    """What lies at a path of SageMaker's JsonGet in a document: ``a.b[0].c``, ``a['b.c']``.

    Raises ConditionError, which names how far the path leads and the nearest key that is there.
    """
    found, walked = document, ""
    for match in _steps_of(path):
        found = _below(found, match, walked, path)
        walked += match[0]
    return found


def _steps_of(path: str) -> list[re.Match[str]]:
    matches, end = [], 0
    while end < len(path):
        match = PATH.match(path, end)
        if match is None:
            raise ConditionError(
                f'The path "{path}" cannot be read from "{path[end:]}" on: write a.b[0].c or a[\'b.c\'].'
            )
        matches.append(match)
        end = match.end()
    return matches


def _below(found: Any, match: re.Match[str], walked: str, path: str) -> Any:
    place = f'"{walked.lstrip(".")}"' if walked else "the document"
    if match["index"] is not None:
        return _element(found, int(match["index"]), place, path)
    key = match["name"] if match["name"] is not None else match["key"]
    if not isinstance(found, dict):
        raise ConditionError(f'There is no "{path}": {place} is a {_shape(found)}, and has no key "{key}".')
    if key not in found:
        raise ConditionError(f'There is no "{path}": {place} has no key "{key}". {_there(key, found)}')
    return found[key]


def _element(found: Any, index: int, place: str, path: str) -> Any:
    if not isinstance(found, list):
        raise ConditionError(f'There is no "{path}": {place} is a {_shape(found)}, not a list.')
    if index >= len(found):
        raise ConditionError(f'There is no "{path}": {place} has {len(found)} elements, counted from 0.')
    return found[index]


def _there(key: str, found: dict[str, Any]) -> str:
    near = difflib.get_close_matches(key, list(found), 1)
    if near:
        return f'Did you mean "{near[0]}"?'
    return f"It has: {', '.join(list(found)[:10])}." if found else "It is empty."


def _shape(value: Any) -> str:
    if isinstance(value, Mapping):
        return "mapping"
    if isinstance(value, list):
        return "list"
    return "null" if value is None else _family(value)
