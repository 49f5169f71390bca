"""YAML text into a tree of nodes.

Built from the parser's events, not its own composer, which calls itself once for each level of nesting
and in C runs off the stack. Scalars are resolved as YAML 1.1 says, except keys, which are always text
(a step may be called ``on``), dates, and numbers to base 60 (``12:30``), which stay text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from pipetest.file_marks import Faults, Node, check_size, clean, duplicate, scalar, short
from pipetest.pipeline import PipelineError

TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "timestamp")}
TEXT = "tag:yaml.org,2002:str"
QUOTES = "Put it in quotes if text is meant."
Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class _Walk:
    loader: Any
    faults: Faults
    anchors: dict[str, Node] = field(default_factory=dict)


def read_yaml(text: str, faults: Faults) -> Node:
    """The tree of one YAML document. Raises PipelineError where it is none."""
    loader = None
    try:
        loader = Loader(text)
        return _document(_Walk(loader, faults))
    except yaml.YAMLError as error:
        _syntax_fault(error, text, faults)
        raise PipelineError(faults.found) from None
    finally:
        if loader is not None:
            loader.dispose()


def _syntax_fault(error: yaml.YAMLError, text: str, faults: Faults) -> None:
    hint = "Mend the line, or the one above it: a bracket, a quote or the indentation."
    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    position = getattr(error, "position", None)
    line = mark.line + 1 if mark is not None else None
    if line is None and isinstance(position, int):
        line = text.count("\n", 0, position) + 1
        reason, hint = "a control character", "Remove the character."
    elif mark is not None and "\t" in _line(text, mark.line)[: mark.column + 1]:
        reason, hint = "a tab where none may be", "Indent with spaces."
    faults.add(f"this is not YAML: {reason}", hint, line)


def _line(text: str, number: int) -> str:
    rows = text.split("\n", number + 1)
    return rows[number] if number < len(rows) else ""


def _document(walk: _Walk) -> Node:
    loader = walk.loader
    loader.get_event()  # the start of the stream
    if loader.check_event(yaml.StreamEndEvent):
        return Node(None, 1, "null")
    loader.get_event()  # the start of the document
    node = _node(walk, 0)
    loader.get_event()  # its end
    if not loader.check_event(yaml.StreamEndEvent):
        line = loader.peek_event().start_mark.line + 1
        walk.faults.add("a second document begins here", "Keep one pipeline in a file, without ---.", line)
    return node


def _node(walk: _Walk, depth: int) -> Node:
    event = walk.loader.get_event()
    line = event.start_mark.line + 1
    if isinstance(event, yaml.AliasEvent):
        return _alias(event.anchor or "", line, walk)
    check_size(0, depth, line, walk.faults)
    if isinstance(event, yaml.ScalarEvent):
        node = _scalar(event, line, walk)
    else:
        is_list = isinstance(event, yaml.SequenceStartEvent)
        if event.tag not in (None, "!", f"tag:yaml.org,2002:{'seq' if is_list else 'map'}"):
            _tag_fault(event.tag, line, walk.faults)
        node = _list(walk, depth, line) if is_list else _mapping(walk, depth, line)
        check_size(node.size, depth, line, walk.faults)
    if event.anchor:
        walk.anchors[event.anchor] = node
    return node


def _alias(name: str, line: int, walk: _Walk) -> Node:
    known = walk.anchors.get(name)
    if known is None:
        near = walk.faults.nearest(name, walk.anchors)
        hint = f'Did you mean "*{near}"?' if near else f"Write &{name} above it, and not around it."
        walk.faults.add(f'the alias "*{name}" stands for nothing that is complete above it', hint, line)
        return Node(None, line, "null")
    return Node(known.value, line, known.text, known.size)


def _tag_fault(tag: str, line: int, faults: Faults) -> None:
    name = tag.replace("tag:yaml.org,2002:", "!!")
    faults.add(f'the tag "{short(name)}" means nothing here', "Remove it and write a plain value.", line)


def _list(walk: _Walk, depth: int, line: int) -> Node:
    node = Node([], line)
    while not walk.loader.check_event(yaml.SequenceEndEvent):
        item = _node(walk, depth + 1)
        node.value.append(item)
        node.size += item.size
        check_size(node.size, depth, line, walk.faults)
    walk.loader.get_event()
    return node


def _mapping(walk: _Walk, depth: int, line: int) -> Node:
    own: dict[str, Node] = {}
    merged: dict[str, Node] = {}
    while not walk.loader.check_event(yaml.MappingEndEvent):
        event = walk.loader.peek_event()
        at = event.start_mark.line + 1
        key = _key(walk, depth, at)
        value = _node(walk, depth + 1)
        if key is None:
            continue
        if key == "<<" and event.implicit[0]:
            merged = _merge(value, at, walk.faults) | merged
            continue
        if key in own:
            duplicate(key, own[key].line, at, walk.faults)
        own[key] = Node(value.value, at, value.text, value.size)
    walk.loader.get_event()
    nodes = merged | own
    return Node(nodes, line, size=1 + sum(node.size for node in nodes.values()))


def _key(walk: _Walk, depth: int, line: int) -> str | None:
    if isinstance(walk.loader.peek_event(), yaml.ScalarEvent):
        return clean(walk.loader.get_event().value, line, walk.faults)
    key = _node(walk, depth + 1)
    if not isinstance(key.value, dict | list):
        return key.text  # an alias
    walk.faults.add("a key here is a list or a mapping", "Write a name before the colon, or quotes.", line)
    return None


def _merge(value: Node, line: int, faults: Faults) -> dict[str, Node]:
    """What ``<<: *a`` or ``<<: [*a, *b]`` brings; the first to name a key wins."""
    merged: dict[str, Node] = {}
    size = 0
    for source in value.value if isinstance(value.value, list) else [value]:
        size += source.size
        check_size(size, 0, line, faults)
        if isinstance(source.value, dict):
            merged = source.value | merged
        else:
            faults.add('"<<" takes mappings', "Write <<: *NAME, where &NAME is before a mapping.", line)
    return merged


def _scalar(event: Any, line: int, walk: _Walk) -> Node:
    text = event.value
    tag = event.tag
    if tag is None or tag == "!":
        tag = walk.loader.resolve(yaml.ScalarNode, text, event.implicit)
        tag = tag if tag in TAGS else TEXT  # "=" and "<<" as values
    if tag not in TAGS:
        _tag_fault(tag, line, walk.faults)
        return Node(None, line, "null")
    if tag == TEXT or tag.endswith("timestamp") or ":" in text:
        return scalar(text, text, line, walk.faults)
    try:
        value = walk.loader.construct_object(yaml.ScalarNode(tag, text, event.start_mark))
    except (ValueError, LookupError, yaml.YAMLError):
        kind = tag.rpartition(":")[2]
        walk.faults.add(f'"{short(text)}" cannot be read as {kind}', QUOTES, line)
        return Node(1, line, text)
    return scalar(value, text, line, walk.faults)
