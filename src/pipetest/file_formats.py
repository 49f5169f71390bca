"""YAML, TOML and JSON text into a tree of nodes, each of which knows its line."""

from __future__ import annotations

import json
import re
import stat
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipetest.file_marks import (
    DEEPEST,
    Faults,
    Node,
    check_size,
    clean,
    duplicate,
    names_in,
    scalar,
    short,
    too_deep,
)
from pipetest.pipeline import PipelineError

LARGEST_FILE = 10_000_000  # bytes; 5,000 steps are two million


def read(path: Path, faults: Faults, least: str = "steps: {NAME: {}}") -> Node:
    """The tree of a file, read by its suffix. Faults that leave a tree are added to ``faults``.

    ``least`` is what an empty file should hold. Raises PipelineError where there is no tree to go on with.
    """
    data = _read_bytes(path, faults)
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        message = f'the name "{path.name}" does not say whether this is YAML, TOML or JSON'
        faults.stop(message, "Let it end in .yaml, .yml, .toml or .json.")
    text = _decode(data, faults)
    if not text.strip():
        faults.stop("the file is empty", f"Write at least: {least}")
    try:
        return reader(text, faults)
    except RecursionError:
        too_deep(None, faults)


def _read_bytes(path: Path, faults: Faults) -> bytes:
    try:
        info = path.stat()
        if stat.S_ISDIR(info.st_mode):
            faults.stop(f'"{path}" is a folder', "Name the pipeline file inside it.")
        if not stat.S_ISREG(info.st_mode):
            faults.stop(f'"{path}" is not an ordinary file', "Name a file of YAML, TOML or JSON.")
        if info.st_size > LARGEST_FILE:
            message = f"the file has {info.st_size:,} bytes; a pipeline file has at most {LARGEST_FILE:,}"
            faults.stop(message, "Name the pipeline file, not data; or split the pipeline.")
        return path.read_bytes()
    except FileNotFoundError:
        near = faults.nearest(path.name, names_in(path.parent))
        faults.stop(f'there is no file "{path}"', f'Did you mean "{near}"?' if near else "Check the path.")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        faults.stop(f'"{path}" cannot be read: {reason}', "Check the path and its permissions.")


def _decode(data: bytes, faults: Faults) -> str:
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = f"0x{data[error.start]:02x}" if error.start < len(data) else "the last"
        faults.stop(f"the file is not UTF-8 text: byte {byte}", "Save the file as UTF-8.", line)


class _Number(str):
    """A number of a JSON or TOML file, as it was written."""

    __slots__ = ()


# ---- JSON

JSON_ODD = re.compile(r"\\u(0000|[dD][89a-fA-F])")  # NUL and surrogates, alone or in pairs
JSON_TEXT = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"')


class _Pairs(list[tuple[str, Any]]):
    """A JSON object before its duplicate keys are found."""


@dataclass(slots=True)
class _Walk:
    """Where a walk through a JSON file is. It meets keys and texts in the order of the file."""

    faults: Faults
    lines: Iterator[int]  # of each key and text that is still to come
    pure: bool  # no text of the file can hold a character that must be refused
    line: int = 1  # of the last one; the line of a value that is not a text, near enough
    values: int = 0


def _read_json(text: str, faults: Faults) -> Node:
    try:
        value = json.loads(
            text, object_pairs_hook=_Pairs, parse_int=_Number, parse_float=_Number, parse_constant=_Number
        )
    except json.JSONDecodeError as error:
        message = f"this is not JSON: {_lower(error.msg)}, at column {error.colno}"
        faults.stop(message, "Mend the line, or the end of the one above it.", error.lineno)
    breaks = [match.start() for match in re.finditer("\n", text)]
    lines = (bisect_left(breaks, match.start()) + 1 for match in JSON_TEXT.finditer(text))
    return _json_node(value, 0, _Walk(faults, lines, JSON_ODD.search(text) is None))


def _json_node(value: Any, depth: int, walk: _Walk) -> Node:
    kind = type(value)
    if kind is str:
        walk.line = line = next(walk.lines, walk.line)
        return Node(value, line, value) if walk.pure else scalar(value, value, line, walk.faults)
    if kind is _Number:
        return scalar(_json_number(value, walk), str(value), walk.line, walk.faults)
    if kind is not list and kind is not _Pairs:
        return Node(value, walk.line, json.dumps(value))
    walk.values += len(value)
    check_size(walk.values, depth, walk.line, walk.faults)
    line = walk.line
    if kind is list:
        return Node([_json_node(item, depth + 1, walk) for item in value], line)
    return Node(_json_mapping(value, depth, walk), line)


def _json_mapping(pairs: _Pairs, depth: int, walk: _Walk) -> dict[str, Node]:
    nodes: dict[str, Node] = {}
    for key, value in pairs:
        walk.line = line = next(walk.lines, walk.line)
        node = _json_node(value, depth + 1, walk)
        node.line = line
        name = key if walk.pure else clean(key, line, walk.faults)
        if name in nodes:
            duplicate(name, nodes[name].line, line, walk.faults)
        nodes[name] = node
    return nodes


def _json_number(text: str, walk: _Walk) -> int | float:
    try:
        return int(text) if text.removeprefix("-").isdigit() else float(text)
    except ValueError:  # Python reads no whole number of more than 4,300 digits
        hint = "Put it in quotes if text is meant."
        walk.faults.add(f"the number {short(text)} has too many digits", hint, walk.line)
        return 1


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]


# ---- TOML

TOML_PART = re.compile(r'"((?:[^"\\]|\\.)*)"|\'([^\']*)\'|([^.\s"\']+)')
TOML_HEADER = re.compile(r"""\s*+\[((?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\[\]"'])+)\]\s*+(?:#.*)?$""")
TOML_KEY = re.compile(r'\s*+((?:"(?:[^"\\]|\\.)*"|\'[^\']*\'|[\w. \t-])+)=')
TOML_TWICE = re.compile("overwrite|twice|mutate|uplicate")


@dataclass(slots=True)
class _Places:
    """Where the headers and keys of a TOML file stand.

    Found by a search, not a parse: a text of several lines that looks like a key can fool it, and
    costs no more than a wrong line.
    """

    lines: dict[tuple[str, ...], int] = field(default_factory=dict)
    twice: list[tuple[str, int, int]] = field(default_factory=list)


def _read_toml(text: str, faults: Faults) -> Node:
    import tomllib

    places = _toml_places(text)
    try:
        value = tomllib.loads(text, parse_float=_Number)
    except ValueError as error:  # TOMLDecodeError, but also a date that is none and a number without end
        _toml_fault(str(error), places, faults)
        raise PipelineError(faults.found) from None
    return _toml_node(value, (), 1, places, faults)


def _toml_fault(error: str, places: _Places, faults: Faults) -> None:
    if TOML_TWICE.search(error) and places.twice:
        for key, first, line in places.twice:
            duplicate(key, first, line, faults)
        return
    where = re.search(r" \(at line (\d+), column \d+\)$", error)
    reason = re.sub(r" \(at [^()]*\)$", "", error)
    hint = "Mend the line, or the end of the one above it."
    faults.add(f"this is not TOML: {short(_lower(reason))}", hint, int(where[1]) if where else None)


def _toml_places(text: str) -> _Places:
    places = _Places()
    whole: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, row in enumerate(text.split("\n"), 1):
        path: tuple[str, ...] = ()
        if row.lstrip().startswith("[["):
            table = (f"[[{number}]]",)  # may be there many times, each with the same keys
        elif header := TOML_HEADER.match(row):
            path = table = _toml_path(header[1])
        elif key := TOML_KEY.match(row):
            path = table + _toml_path(key[1])
        if not path:
            continue
        if path in whole:
            places.twice.append((path[-1], whole[path], number))
        whole[path] = number
        for end in range(1, len(path) + 1):
            places.lines.setdefault(path[:end], number)
    return places


def _toml_path(key: str) -> tuple[str, ...]:
    parts = (match[1] or match[2] or match[3] or "" for match in TOML_PART.finditer(key))
    return tuple(parts)[:DEEPEST]


def _toml_node(value: Any, path: tuple[str, ...], above: int, places: _Places, faults: Faults) -> Node:
    line = places.lines.get(path, above)
    check_size(0, len(path), line, faults)
    if isinstance(value, dict):
        nodes = {
            clean(key, line, faults): _toml_node(item, (*path, key), line, places, faults)
            for key, item in value.items()
        }
        return Node(nodes, line)
    if isinstance(value, list):
        items = (_toml_node(item, (*path, str(at)), line, places, faults) for at, item in enumerate(value))
        return Node(list(items), line)
    if isinstance(value, _Number):
        return scalar(float(value), str(value), line, faults)
    if isinstance(value, bool):
        return Node(value, line, str(value).lower())
    if isinstance(value, int):
        return scalar(value, hex(value) if value.bit_length() > 64 else str(value), line, faults)
    text = value if isinstance(value, str) else value.isoformat()  # a date or a time
    return scalar(text, text, line, faults)


def _read_yaml(text: str, faults: Faults) -> Node:
    from pipetest.file_yaml import read_yaml

    return read_yaml(text, faults)


READERS = {".yaml": _read_yaml, ".yml": _read_yaml, ".toml": _read_toml, ".json": _read_json}
