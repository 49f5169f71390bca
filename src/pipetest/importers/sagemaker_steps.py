"""The steps of a definition, each by its type: what is run, evaluated, recorded, or left to its container."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any

from pipetest import conditions
from pipetest.importers.declarations import PROCESSING, RECORDED, answers_of, outputs_of, property_files
from pipetest.importers.expressions import Text, expressions, is_known_later, plain, shape
from pipetest.importers.judgements import Place, judge_step, property_file
from pipetest.importers.references import ANSWERS, place_below
from pipetest.importers.sagemaker_jobs import given_of, processing, processing_in_image, training, tuning
from pipetest.importers.sagemaker_reading import Reading, unused
from pipetest.pipeline import Input, Output, Step

DEPTH = 60  # of conditions in conditions
REASONS = {
    "Lambda": "a Lambda function runs in AWS only",
    "Callback": "a message to a queue is answered by something outside the pipeline",
    "Transform": "a batch transform runs in the container of its model",
    "QualityCheck": "a quality check runs in the image of Model Monitor",
    "ClarifyCheck": "a Clarify check runs in the image of Clarify",
    "EMR": "it runs on an EMR cluster",
    "EMRServerless": "it runs on EMR Serverless",
    "AutoML": "an AutoML job runs in AWS only",
}


def step_of_type(reading: Reading) -> Step:
    """The step that a declared one makes, without order and links that the whole pipeline decides."""
    declared = reading.declared
    cache = reading.section("CacheConfig", declared.body)
    reading.findings += judge_step(declared.name, cache.get("ExpireAfter"))
    _check_property_files(reading)
    makers: dict[str, Callable[[Reading], Step]] = {
        "Processing": processing,
        "Training": training,
        "Tuning": tuning,
        "Condition": _condition,
        "Fail": _fail,
    }
    if declared.type in RECORDED:
        return _record(reading)
    return makers.get(declared.type, _in_container)(reading)


def _check_property_files(reading: Reading) -> None:
    if reading.declared.type not in PROCESSING:
        return
    outputs = list(outputs_of(reading.definition, reading.declared))
    for name, one in property_files(reading.definition, reading.declared).items():
        output = reading.plain(one.get("OutputName"))
        if output not in outputs:
            reading.findings.append(property_file(reading.name, name, output, outputs))


# ---- conditions


def _condition(reading: Reading) -> Step:
    listed = reading.declared.arguments.get("Conditions")
    listed = reading.definition.mappings(listed, f"Conditions of {reading.name}")
    resolved = tuple(_resolved(reading, one) for one in listed)
    return Step(name=reading.name, kind="condition", condition=resolved)


def _resolved(reading: Reading, condition: dict[str, Any], depth: int = 0) -> dict[str, Any]:
    """A condition of the definition with its operands resolved."""
    kind = condition.get("Type")
    if depth > DEPTH:
        message = f"{reading.name} has conditions nested more than {DEPTH} deep."
        reading.definition.fault(message, "Nest them less.")
        return {"Type": kind}
    if kind not in conditions.TYPES:
        near = difflib.get_close_matches(str(kind), conditions.TYPES, 1)
        hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(conditions.TYPES)}."
        reading.definition.fault(f"{reading.name} has a condition of the Type {shape(kind)}.", hint)
        return {"Type": kind}
    if kind == "Not":
        inner = reading.section("Condition", condition)
        return {"Type": kind, "Condition": _resolved(reading, inner, depth + 1)}
    if kind == "Or":
        listed = reading.definition.mappings(condition.get("Conditions"), f"Conditions of {reading.name}")
        return {"Type": kind, "Conditions": [_resolved(reading, one, depth + 1) for one in listed]}
    if kind == "In":
        values = reading.definition.list(condition.get("Values"), f"Values of {reading.name}")
        asked = _operand(reading, condition.get("QueryValue"))
        return {"Type": kind, "QueryValue": asked, "Values": [_operand(reading, one) for one in values]}
    sides = {side: _operand(reading, condition.get(side)) for side in ("LeftValue", "RightValue")}
    return {"Type": kind, **sides}


def _operand(reading: Reading, expression: Any) -> Any:
    """A literal, ``{"value": NAME}`` for a run-time value, ``{"text": [...]}`` where it is part of a text."""
    value = reading.resolve(expression)
    if value is None:
        message = f"A condition of {reading.name} compares nothing (null)."
        reading.definition.fault(message, "Give both of its sides a value.")
    if not isinstance(value, Text):
        return value
    if not is_known_later(value):
        return plain(value)
    parts = [
        part if isinstance(part, str) else {"value": reading.name_of(part.value)} if part.value else part.text
        for part in value.parts
    ]
    return parts[0] if len(parts) == 1 else {"text": parts}


def _fail(reading: Reading) -> Step:
    message = reading.text(reading.declared.arguments.get("ErrorMessage"))
    return Step(name=reading.name, kind="fail", says=message)


# ---- what is recorded, and what needs its container


def _record(reading: Reading) -> Step:
    return Step(
        name=reading.name, kind="record", says=reading.declared.type, inputs=tuple(_named_places(reading))
    )


def _named_places(reading: Reading) -> list[Input]:
    """What a request names in S3, under the key that has it; what is no output of a step is dropped later."""
    found: dict[str, Input] = {}
    for keys, value in _leaves(reading.declared.arguments):
        resolved = reading.resolve(value)
        uri = plain(resolved)
        if uri.startswith("s3://") and keys and not is_known_later(resolved):
            name = next((key for key in reversed(keys) if key not in ("S3Uri", "S3Url")), keys[-1])
            unique = unused(name, found)
            found[unique] = given_of(Place(unique, None, uri, place_below(resolved)), "record")
    return list(found.values())


def _leaves(tree: Any) -> list[tuple[tuple[str, ...], Any]]:
    """The texts and expressions in a tree, with the keys that lead to them."""
    texts: list[tuple[tuple[str, ...], Any]] = []
    waiting: list[tuple[tuple[str, ...], Any]] = [((), tree)]
    known = {id(value) for _, value in expressions(tree)}
    while waiting:
        keys, node = waiting.pop()
        if isinstance(node, str) or id(node) in known:
            texts.append((keys, node))
        elif isinstance(node, dict):
            waiting += [((*keys, str(key)), value) for key, value in reversed(node.items())]
        elif isinstance(node, list):
            waiting += [(keys, value) for value in reversed(node)]
    return texts


def _transformed(reading: Reading) -> list[Input]:
    source = reading.section("DataSource", reading.section("TransformInput"))
    uri = reading.resolve(reading.section("S3DataSource", source).get("S3Uri"))
    if uri is None or is_known_later(uri):
        return []
    return [given_of(Place("TransformInput", None, plain(uri), place_below(uri)), "container")]


def _in_container(reading: Reading) -> Step:
    kind = reading.declared.type
    says = REASONS.get(kind, f"a step of the type {kind} runs in AWS only")
    if kind in PROCESSING:
        return processing_in_image(reading, says)
    outputs: tuple[Output, ...] = ()
    if answers_of(reading.definition, reading.declared):
        outputs = (Output(ANSWERS),)
    elif kind in ("Transform", "AutoML"):
        outputs = (Output("transform" if kind == "Transform" else "job"),)
    inputs = tuple(_transformed(reading) if kind == "Transform" else ())
    return Step(name=reading.name, kind="container", says=says, inputs=inputs, outputs=outputs)
