"""Values of a pipeline file that know their line and their own text, and the faults found among them.

YAML, TOML and JSON all become the same tree of ``Node``. What no pipeline file needs and what would
harm its reader is refused here: deep nesting, too many values, duplicate keys, NaN, characters that
no path can hold.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, cast

from pipetest.pipeline import Fault, PipelineError

MOST_VALUES = 1_000_000
DEEPEST = 50
MOST_COMPARISONS = 100_000  # of words, in search of the nearest: about a second
SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(slots=True)
class Node:
    """One value of the file: a scalar, a dict of nodes or a list of nodes."""

    value: Any
    line: int | None = None
    text: str = ""  # a scalar as it was written: 1.10 is not 1.1
    size: int = 1  # how many values it holds, itself included, aliases written out

    def get(self, key: str | int) -> Node | None:
        """The node under that key or index; None where there is none."""
        value = self.value
        if type(value) is dict:
            return value.get(key)
        if type(value) is list and type(key) is int and key < len(value):
            return cast(Node, value[key])
        return None

    def plain(self) -> Any:
        """The value as ordinary dicts, lists and scalars."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


@dataclass(slots=True)
class Faults:
    """Collects the faults of one file, and finds the nearest spelling of a name that was missed."""

    file: str | None
    found: list[Fault] = field(default_factory=list)
    comparisons: int = 0

    def add(self, message: str, hint: str, line: int | None = None) -> None:
        """Note one fault."""
        self.found.append(Fault(message, hint, self.file, line))

    def stop(self, message: str, hint: str, line: int | None = None) -> NoReturn:
        """Note a fault after which nothing more can be read. Raises PipelineError."""
        self.add(message, hint, line)
        raise PipelineError(self.found)

    def nearest(self, word: str, names: Collection[str], cutoff: float = 0.6) -> str | None:
        """The name most like the word. None where none is near, or after so many that it would take long."""
        import difflib

        if len(word) > 200 or self.comparisons + len(names) > MOST_COMPARISONS:
            return None
        self.comparisons += len(names)
        close = difflib.get_close_matches(word, names, n=1, cutoff=cutoff)
        return close[0] if close else None


def scalar(value: Any, text: str, line: int | None, faults: Faults) -> Node:
    """A node of a single value. What neither JSON nor a system call can hold is a fault."""
    if isinstance(value, str):
        value = text = clean(value, line, faults)
    elif isinstance(value, float) and not math.isfinite(value):
        faults.add(f"{short(text)} is not a finite number", "Put it in quotes if text is meant.", line)
        value = 1.0
    elif isinstance(value, int) and value.bit_length() > 1024:
        faults.add(f"the number {short(text)} is too large", "Put it in quotes if text is meant.", line)
        value = 1
    return Node(value, line, text)


def clean(text: str, line: int | None, faults: Faults) -> str:
    """The text without characters that no path, argument or variable can hold; each is a fault."""
    if "\0" not in text and (text.isascii() or not SURROGATE.search(text)):
        return text
    kind = "a NUL character" if "\0" in text else "half a character (a surrogate)"
    faults.add(f'the text "{short(text)}" holds {kind}', "Remove it.", line)
    return SURROGATE.sub("?", text.replace("\0", "?"))


def duplicate(key: str, first: int | None, line: int | None, faults: Faults) -> None:
    """Note that a mapping has the same key twice."""
    where = f"on lines {first} and {line}" if first != line else f"on line {line}"
    faults.add(f'the key "{short(key)}" is there twice, {where}', "Remove or rename one of them.", line)


def check_size(size: int, depth: int, line: int | None, faults: Faults) -> None:
    """Raises PipelineError where that many values, or values nested that deep, are too much."""
    if depth > DEEPEST:
        too_deep(line, faults)
    if size > MOST_VALUES:
        faults.stop(
            f"the file holds more than {MOST_VALUES:,} values, its aliases written out",
            "Use fewer aliases, or split the pipeline.",
            line,
        )


def too_deep(line: int | None, faults: Faults) -> NoReturn:
    """Raises PipelineError: values inside values inside values."""
    faults.stop(f"the values are nested more than {DEEPEST} deep", "Write a flatter file.", line)


def short(text: str) -> str:
    """The text for a message: on one line, and only its beginning where it is long."""
    text = text if len(text) <= 60 else text[:57] + "..."
    return text if text.isprintable() else json.dumps(text)[1:-1]


def names_in(folder: Path) -> list[str]:
    """The names of what lies in a folder; none where it cannot be listed."""
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208 - no Path for each of what may be many
    except (OSError, ValueError):
        return []


def check_path(path: Path, what: str, advice: str, line: int | None, faults: Faults) -> None:
    """A fault where nothing lies at the path that can be read, with the nearest name in its folder."""
    if os.path.exists(path):  # noqa: PTH110 - Path.exists raises where a name is too long
        if not os.path.isfile(path) and not os.path.isdir(path):  # noqa: PTH112, PTH113
            faults.add(f'{what} is neither a file nor a folder: "{path}"', f"Name a file.{advice}", line)
        elif not os.access(path, os.R_OK):
            hint = f"Look at its owner and its mode: ls -ld.{advice}"
            faults.add(f'{what} cannot be read by this user: "{path}"', hint, line)
        return
    near = faults.nearest(path.name, names_in(path.parent))
    hint = f'Did you mean "{near}", in the same folder?' if near else "Put it there, or mend the path."
    faults.add(f'{what} is not there: "{path}"', hint + advice, line)


def named_items(node: Node | None) -> list[tuple[str, Node]]:
    """Names and bodies of inputs or outputs, which may also be a list of names."""
    if node is None or not node.value:
        return []
    if isinstance(node.value, list):
        return [(item.value, item) for item in node.value]
    return list(node.value.items())


def names_of(node: Node | None) -> list[str]:
    """The names of inputs or outputs."""
    return [name for name, _ in named_items(node)]


def items_of(node: Node | None) -> list[Node]:
    """The items of a list, or of one text that stands for a list of one."""
    if node is None or node.value is None:
        return []
    return node.value if isinstance(node.value, list) else [node]


def texts(node: Node | None) -> list[str]:
    """The items of a list as they were written."""
    return [item.text for item in items_of(node)]
