"""The shape of a pipeline file: the published JSON Schema checks it, this module says it in words.

So it does for the file of what is local, which has a schema of its own.
The schema is the one source of shape. Its descriptions are the hints, and its keys are what an unknown
key is compared with.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from pipetest.file_marks import Faults, Node, short

PIPELINE = "pipeline.schema.json"
LOCAL = "local.schema.json"  # of what is local, for a definition written for the cloud
WORDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "nothing",
}
# what is said of a value after its place, by kind of error
SAYINGS: dict[str, Callable[[Any, str], str]] = {
    "type": lambda kind, value: f"is {value}, not {' or '.join(WORDS[name] for name in _in_order(kind))}",
    "enum": lambda kind, value: f"is {value}, which is none of {', '.join(kind.options)}",
    "minItems": lambda kind, value: "is empty",
    "minLength": lambda kind, value: "is empty",
    "minProperties": lambda kind, value: "is empty",
    "minimum": lambda kind, value: f"is {value}; it must be at least {kind.limit}",
    "maximum": lambda kind, value: f"is {value}; it must be at most {kind.limit}",
    "exclusiveMinimum": lambda kind, value: f"is {value}; it must be more than {kind.limit}",
    "pattern": lambda kind, value: f"is {value}, which {_why_not(kind.pattern)}",
    "uniqueItems": lambda kind, value: "names the same thing twice",
}


def check(root: Node, faults: Faults, schema: str = PIPELINE) -> set[str]:
    """Add a fault for all that the schema refuses, and cut it off the tree, so that the rest can be read.

    Returns the names of the steps whose inputs or outputs are in doubt after that.
    """
    tree = root.plain()
    if _validator(schema).is_valid(tree):
        return set()
    errors = list(_validator(schema).iter_errors(tree))
    for error in errors:
        _say(error, root, faults, _schema(schema))
    for error in errors:
        _cut(error, root)
    return {error.instance_path[1] for error in errors if _loses_names(error)}


def place(path: list[str | int]) -> str:
    """Where a value stands, in words: ``steps.train.args[2]``."""
    words = [f"[{part}]" if isinstance(part, int) else f".{_name(part)}" for part in path]
    return "".join(words).removeprefix(".") or "the file"


@cache
def _schema(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))
    return schema


@cache
def _validator(name: str) -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(_schema(name))


def _loses_names(error: Any) -> bool:
    """Whether the inputs or outputs of a step are not all known, for this error."""
    path = error.instance_path
    if len(path) < 2 or path[0] != "steps":
        return False
    if len(path) == 2 or path[2] == "condition":  # no step, or an unknown key: a misspelt "outputs", perhaps
        return True
    lost = len(path) in (3, 4) and path[2] in ("inputs", "outputs", "values")
    return lost and error.kind.name not in ("additionalProperties", "propertyNames")


def _say(error: Any, root: Node, faults: Faults, schema: dict[str, Any]) -> None:
    """Turn one error of the schema into one sentence and a hint."""
    kind, path = error.kind, error.instance_path
    node = _at(root, path) or root
    where = place(path)
    if kind.name == "additionalProperties":
        _say_unknown(error, node, faults, schema)
    elif kind.name == "propertyNames":
        key = node.get(kind.error.instance) or node
        message = f"{_quote(kind.error.instance)} cannot be a name in {where}"
        faults.add(message, _hint(kind.error, schema), key.line)
    elif kind.name == "required":
        faults.add(f'{where} has no key "{kind.property}"', _hint(error, schema), node.line)
    else:
        say = SAYINGS.get(kind.name, _say_unreadable)
        message = f"{where} {say(kind, _shown(error.instance, node))}"
        faults.add(message, _advice(error, node, faults, schema), node.line)


def _why_not(pattern: str) -> str:
    if pattern.startswith("^/opt/ml/"):
        return "is not below /opt/ml"
    return "does not lead inwards" if pattern.startswith("^(?!/)") else "cannot be read"


def _say_unreadable(_kind: Any, value: str) -> str:
    return f"is {value}, which cannot be read"


def _say_unknown(error: Any, node: Node, faults: Faults, schema: dict[str, Any]) -> None:
    known = list(_at_schema(schema, error.schema_path[:-1])["properties"])
    for key in error.kind.unexpected:
        near = faults.nearest(key, known)
        line = (node.get(key) or node).line
        hint = f'Did you mean "{near}"?' if near else f"Known here: {', '.join(known)}."
        faults.add(f"the key {_quote(key)} is unknown in {place(error.instance_path)}", hint, line)


def _advice(error: Any, node: Node, faults: Faults, schema: dict[str, Any]) -> str:
    hint = _hint(error, schema)
    if error.kind.name == "enum":
        near = faults.nearest(str(error.instance), error.kind.options)
        return f'Did you mean "{near}"? {hint}' if near else hint
    if error.kind.name != "type" or "string" not in error.kind.types:
        return hint
    if isinstance(error.instance, bool):
        other = node.text.lower() if node.text[:1].isupper() else node.text.capitalize()
        return f'Put it in quotes, as the script is to read it: "{node.text}" or "{other}".'
    if error.instance is None:
        return f'Write "" for an empty text, or leave it out. {hint}'
    return f'Put it in quotes: "{node.text}".' if isinstance(error.instance, int | float) else hint


def _hint(error: Any, schema: dict[str, Any]) -> str:
    """The description of the place in the schema that refused, or of the nearest place around it."""
    path = error.schema_path
    for end in range(len(path), -1, -1):
        description = _at_schema(schema, path[:end])
        if isinstance(description, dict) and isinstance(description.get("description"), str):
            return str(description["description"])
    return "See the schema of the pipeline file."


def _at_schema(schema: dict[str, Any], path: list[str | int]) -> Any:
    found: Any = schema
    for part in path:
        found = found[part]
    return found


def _in_order(kind: Any) -> list[str]:
    return [name for name in WORDS if name in kind.types]


def _at(root: Node, path: list[str | int]) -> Node | None:
    node: Node | None = root
    for part in path:
        node = node.get(part) if node is not None else None
    return node


def _cut(error: Any, root: Node) -> None:
    """Remove what is wrong from the tree. An item goes with its list, a step's body leaves an empty one."""
    path = error.instance_path
    if error.kind.name == "additionalProperties":
        for key in error.kind.unexpected:
            _pop(root, [*path, key])
    elif error.kind.name in ("propertyNames", "required"):
        return  # a bad name is said once; what it names can still be read
    elif len(path) == 2 and path[0] == "steps":
        step = _at(root, path)
        if step is not None:
            step.value = {}
    elif path and path != ["steps"]:
        end = next((at for at, part in enumerate(path) if isinstance(part, int)), len(path))
        _pop(root, path[:end])


def _pop(root: Node, path: list[str | int]) -> None:
    holder = _at(root, path[:-1])
    if holder is not None and isinstance(holder.value, dict):
        holder.value.pop(path[-1], None)


def _shown(value: Any, node: Node) -> str:
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    if value is None:
        return "nothing (null)"
    return _quote(value) if isinstance(value, str) else short(node.text)


def _quote(text: str) -> str:
    return f'"{short(text)}"'


def _name(text: str) -> str:
    return short(text) if text.replace("_", "").replace("-", "").isalnum() else _quote(text)
