"""The parameters of a SageMaker pipeline: their defaults, and what the user says instead."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from typing import Any

from pipetest.importers.expressions import Definition, Scalar, shape
from pipetest.pipeline import unknown_name

TRUTH = {"true": True, "false": False}


def _integer(value: Any) -> Scalar:
    if isinstance(value, bool) or (isinstance(value, float) and value != int(value)):
        raise ValueError
    return int(value)


def _float(value: Any) -> Scalar:
    if isinstance(value, bool):
        raise ValueError
    return float(value)


def _boolean(value: Any) -> Scalar:
    return value if isinstance(value, bool) else TRUTH[value.strip().lower()]


def _string(value: Any) -> Scalar:
    if not isinstance(value, str):
        raise ValueError
    return value


TYPES: dict[str, tuple[Callable[[Any], Scalar], str]] = {
    "String": (_string, "a text"),
    "Integer": (_integer, "a whole number"),
    "Float": (_float, "a number"),
    "Boolean": (_boolean, "true or false"),
}


def read_parameters(definition: Definition, document: dict[str, Any], given: Mapping[str, str]) -> None:
    """Put the value of each parameter into the definition: what the user gave, or else the default."""
    declared: dict[str, dict[str, Any]] = {}
    for index, one in enumerate(definition.mappings(document.get("Parameters"), "Parameters")):
        name = one.get("Name")
        if not isinstance(name, str) or not name:
            definition.fault(f"The parameter {index + 1} has no Name.", "Name it.")
        elif name in declared:
            definition.fault(f"There are two parameters of the name {name}.", "Take one away.")
        else:
            declared[name] = one
    for name in given:
        if name not in declared:
            definition.add(unknown_name("--param", name, list(declared), "the pipeline"))
    for name, one in declared.items():
        definition.parameters[name] = _value(definition, name, one, given.get(name))


def _value(definition: Definition, name: str, declared: dict[str, Any], given: str | None) -> Scalar:
    convert, needed = _type(definition, name, declared.get("Type"))
    value = declared.get("DefaultValue") if given is None else given
    if value is None:
        definition.fault(
            f"The parameter {name} has no default, and no value was given.",
            f"Give it one: --param {name}=VALUE",
        )
        return None
    try:
        found = convert(value)
    except (ValueError, TypeError, AttributeError, KeyError, OverflowError):
        where = "--param" if given is not None else "The DefaultValue of"
        definition.fault(f"{where} {name} is {shape(value)}, where {needed} is needed.", _advice(name, given))
        return None
    _check_choice(definition, name, declared, found, given)
    return found


def _type(definition: Definition, name: str, kind: Any) -> tuple[Callable[[Any], Scalar], str]:
    if kind is None:
        return TYPES["String"]
    if isinstance(kind, str) and kind in TYPES:
        return TYPES[kind]
    near = difflib.get_close_matches(str(kind), TYPES, 1)
    hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(TYPES)}."
    definition.fault(f"The parameter {name} has the Type {shape(kind)}, which SageMaker does not have.", hint)
    return (lambda value: value), "a value"


def _check_choice(
    definition: Definition, name: str, declared: dict[str, Any], value: Scalar, given: str | None
) -> None:
    choices = definition.list(declared.get("EnumValues"), f"EnumValues of the parameter {name}")
    if choices and value not in choices:
        listed = ", ".join(str(choice) for choice in choices[:20])
        definition.fault(
            f"The parameter {name} is {shape(value)}, which is none of: {listed}.", _advice(name, given)
        )


def _advice(name: str, given: str | None) -> str:
    return f"Give it another: --param {name}=VALUE" + (
        "" if given is not None else ", or mend the definition."
    )
