"""The value expressions of a SageMaker pipeline definition: ``Get``, ``Std:Join``, ``Std:JsonGet``.

They may stand wherever a value may. One resolves to a plain value, or, where it takes something of another
step, to a ``Text``: literal parts and ``Ref``s in a row. What leads nowhere is a fault of the definition.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pipetest.conditions import PATH
from pipetest.pipeline import Fault, Value

Scalar = str | int | float | bool | None
Tokens = list[str | int]


@dataclass(frozen=True, slots=True)
class Ref:
    """What an expression takes of another step: a place in S3, a name, or a value that it will write."""

    step: str
    text: str = ""  # as it could be in production
    output: str | None = None  # the step's output that lies at this place in S3
    value: Value | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A text in which something is taken of another step."""

    parts: tuple[str | Ref, ...]


Resolved = Scalar | Text


@dataclass(frozen=True, slots=True)
class Declared:
    """One step as the definition has it."""

    name: str
    type: str
    body: dict[str, Any]
    arguments: dict[str, Any]
    only_if: Mapping[str, bool] = field(default_factory=dict)


@dataclass(slots=True)
class Definition:
    """A definition while it is read: what its expressions can name, and what was found wrong with it."""

    pipeline: str
    parameters: dict[str, Scalar] = field(default_factory=dict)
    steps: dict[str, Declared] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    file: str | None = None
    uris: dict[str, dict[str, Resolved]] = field(default_factory=dict)  # step -> its outputs in S3
    unknowable: dict[str, str] = field(default_factory=dict)  # step -> why a value of it cannot be known here

    def fault(self, message: str, hint: str) -> None:
        """Note a fault, once."""
        self.add(Fault(message, hint, self.file))

    def add(self, fault: Fault) -> None:
        """Note a fault, once, and in which file it is, where it says nothing of that."""
        fault = fault if fault.file else replace(fault, file=self.file)
        if fault not in self.faults:
            self.faults.append(fault)

    def mapping(self, value: Any, what: str) -> dict[str, Any]:
        """The value, if it is a mapping; null is an empty one, and anything else a fault."""
        if value is not None and not isinstance(value, dict):
            message = f"{what} is {shape(value)}, where a mapping is needed."
            self.fault(message, "Write {...} there, or leave it out.")
        return value if isinstance(value, dict) else {}

    def list(self, value: Any, what: str) -> Sequence[Any]:
        """The value, if it is a list; null is an empty one, and anything else a fault."""
        if value is not None and not isinstance(value, list):
            message = f"{what} is {shape(value)}, where a list is needed."
            self.fault(message, "Write [...] there, or leave it out.")
        return value if isinstance(value, list) else []

    def mappings(self, value: Any, what: str) -> Sequence[dict[str, Any]]:
        """The mappings of a list."""
        listed = self.list(value, what)
        return [self.mapping(one, f"{what}[{index}]") for index, one in enumerate(listed) if one is not None]


def shape(value: Any) -> str:
    """A value in a message: what it is, and how it begins."""
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    try:
        shown = json.dumps(value)
    except (TypeError, ValueError):
        shown = type(value).__name__
    return shown if len(shown) <= 60 else shown[:57] + '..."'


# ---- what is an expression, and what it names


def operator(value: Any) -> str | None:
    """The function of an expression, "Get" or "Std:..."; None: the value is no expression."""
    if not isinstance(value, dict) or len(value) != 1:
        return None
    key = next(iter(value))
    return key if isinstance(key, str) and (key == "Get" or key.startswith("Std:")) else None


def expressions(tree: Any, leave_out: Sequence[str] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each expression in a tree with the keys that lead to it, but those below a key of ``leave_out``."""
    waiting: list[tuple[tuple[str, ...], Any]] = [((), tree)]
    while waiting:
        keys, node = waiting.pop()
        if operator(node) is not None:
            yield keys, node
        elif isinstance(node, dict):
            kept = [(key, value) for key, value in node.items() if key not in leave_out]
            waiting += [((*keys, str(key)), value) for key, value in reversed(kept)]
        elif isinstance(node, list):
            waiting += [(keys, value) for value in reversed(node)]


def names_of_steps(tree: Any, leave_out: Sequence[str] = ()) -> list[str]:
    """The steps that the expressions in a tree take something of, in their order."""
    found: dict[str, None] = {}
    for _, expression in expressions(tree, leave_out):
        waiting = [expression]
        while waiting:
            node = waiting.pop()
            if isinstance(node, dict):
                got = node.get("Get")
                if isinstance(got, str) and got.startswith("Steps."):
                    found[step_of(got)] = None
                waiting += node.values()
            elif isinstance(node, list):
                waiting += node
    return list(found)


def step_of(got: str) -> str:
    """The step that ``Steps.NAME.path`` names."""
    return re.split(r"[.\[]", got.removeprefix("Steps."), maxsplit=1)[0]


def tokens_of(path: str) -> Tokens:
    """The names and indices of ``.A.B['c'].D[0]``; none where it cannot be read."""
    tokens: Tokens = []
    end = 0
    while end < len(path):
        match = PATH.match(path, end)
        if match is None:
            return []
        name = match["name"] if match["name"] is not None else match["key"]
        tokens.append(name if name is not None else int(match["index"]))
        end = match.end()
    return tokens


# ---- what an expression stands for


def as_text(value: Scalar) -> str:
    """A plain value as it stands in a text."""
    if value is None:
        return ""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if isinstance(value, str) else json.dumps(value)


def joined(parts: Sequence[Resolved], on: str = "") -> Resolved:
    """Resolved values in a row; literal parts that touch become one."""
    row: list[str | Ref] = []
    for index, part in enumerate(parts):
        pieces = part.parts if isinstance(part, Text) else (as_text(part),)
        for piece in (on, *pieces) if index else pieces:
            if isinstance(piece, str) and row and isinstance(row[-1], str):
                row[-1] += piece
            else:
                row.append(piece)
    text = Text(tuple(piece for piece in row if piece != ""))
    return text if refs_of(text) else plain(text)


def refs_of(value: Resolved) -> tuple[Ref, ...]:
    """What a resolved value takes of other steps."""
    return tuple(part for part in value.parts if isinstance(part, Ref)) if isinstance(value, Text) else ()


def plain(value: Resolved) -> str:
    """A resolved value as it could be in production."""
    if not isinstance(value, Text):
        return as_text(value)
    return "".join(part.text if isinstance(part, Ref) else part for part in value.parts)


def is_known_later(value: Resolved) -> bool:
    """Whether a value is known in part only once a step has run."""
    return any(ref.value is not None for ref in refs_of(value))
