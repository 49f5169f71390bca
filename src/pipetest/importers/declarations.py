"""What a SageMaker pipeline definition declares: parameters, and steps with their inputs and outputs."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from typing import Any

from pipetest.importers.expressions import Declared, Definition, Scalar, shape
from pipetest.pipeline import unknown_name

PROCESSING = ("Processing", "QualityCheck", "ClarifyCheck")  # these have the request of a processing job
ANSWERING = ("Lambda", "Callback")  # their OutputParameters are all that they give
RECORDED = ("Model", "RegisterModel", "EndpointConfig", "Endpoint", "InferenceComponent", "Lineage")
TYPES = (
    *(*PROCESSING, *ANSWERING, *RECORDED, "Training", "Transform", "Tuning", "Condition", "Fail"),
    *("EMR", "EMRServerless", "AutoML"),
)
DEPTH = 30  # of conditions in the branches of conditions


# ---- steps


def read_steps(definition: Definition, listed: Any) -> None:
    """Put each step into the definition: those of a condition's branches after it, bound to its outcome."""
    _read_steps(definition, listed, "Steps", {})
    if not definition.steps and not definition.faults:
        definition.fault("The pipeline has no steps.", "A definition lists them under Steps.")


def _read_steps(definition: Definition, listed: Any, where: str, only_if: Mapping[str, bool]) -> None:
    if len(only_if) > DEPTH and listed:
        definition.fault(f"{where} lies more than {DEPTH} conditions deep.", "Nest them less.")
        return
    for index, body in enumerate(definition.mappings(listed, where)):
        declared = _step(definition, body, f"{where}[{index}]", only_if)
        if declared is not None and declared.type == "Condition":
            for key, outcome in (("IfSteps", True), ("ElseSteps", False)):
                bound = {**only_if, declared.name: outcome}
                _read_steps(definition, declared.arguments.get(key), f"{key} of {declared.name}", bound)


def _step(
    definition: Definition, body: dict[str, Any], where: str, only_if: Mapping[str, bool]
) -> Declared | None:
    name, kind = body.get("Name"), body.get("Type")
    if not isinstance(name, str) or not name:
        definition.fault(f"The step {where} has no Name.", "Name it.")
        return None
    if name in definition.steps:
        definition.fault(f"Two steps have the name {name}.", "Rename one: SageMaker refuses the definition.")
        return None
    if not isinstance(kind, str):
        definition.fault(f"The step {name} has the Type {shape(kind)}.", f"There are: {', '.join(TYPES)}.")
        return None
    if kind not in TYPES and (near := difflib.get_close_matches(kind, TYPES, 1, 0.8)):
        definition.fault(f"The step {name} has the Type {kind}.", f"Did you mean {near[0]}?")
    arguments = definition.mapping(body.get("Arguments"), f"Arguments of {name}")
    declared = definition.steps[name] = Declared(name, kind, body, arguments, only_if)
    return declared


# ---- what a step declares


def inputs_of(definition: Definition, declared: Declared) -> list[dict[str, Any]]:
    """The inputs of a processing job."""
    listed = declared.arguments.get("ProcessingInputs")
    return list(definition.mappings(listed, f"ProcessingInputs of {declared.name}"))


def outputs_of(definition: Definition, declared: Declared) -> dict[str, dict[str, Any]]:
    """The outputs of a processing job by name, each with its S3Output (empty where it has none)."""
    name = declared.name
    key = "ProcessingOutputConfig"
    config = definition.mapping(declared.arguments.get(key), f"{key} of {name}")
    found: dict[str, dict[str, Any]] = {}
    for index, one in enumerate(definition.mappings(config.get("Outputs"), f"Outputs of {name}")):
        output = one.get("OutputName")
        if not isinstance(output, str) or not output:
            definition.fault(f"The output {index + 1} of {name} has no OutputName.", "Name it.")
        else:
            found[output] = definition.mapping(one.get("S3Output"), f"S3Output of {name}.{output}")
    return found


def answers_of(definition: Definition, declared: Declared) -> list[str]:
    """The names of the OutputParameters of a Lambda or Callback step."""
    listed = declared.body.get("OutputParameters")
    found = definition.mappings(listed, f"OutputParameters of {declared.name}")
    return [name for one in found if isinstance(name := one.get("OutputName"), str)]


def property_files(definition: Definition, declared: Declared) -> dict[str, dict[str, Any]]:
    """The property files that a step declares, by name."""
    listed = declared.body.get("PropertyFiles")
    found = definition.mappings(listed, f"PropertyFiles of {declared.name}")
    return {name: one for one in found if isinstance(name := one.get("PropertyFileName"), str)}


def needs_of(definition: Definition, declared: Declared) -> tuple[str, ...]:
    """The steps that a step names in DependsOn."""
    listed = definition.list(declared.body.get("DependsOn"), f"DependsOn of {declared.name}")
    for name in listed:
        if not isinstance(name, str):
            definition.fault(f"DependsOn of {declared.name} has {shape(name)}.", "It lists names of steps.")
    return tuple(dict.fromkeys(name for name in listed if isinstance(name, str)))


# ---- parameters: their defaults, and what the user says instead

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


KINDS: dict[str, tuple[Callable[[Any], Scalar], str]] = {
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
        message = f"The parameter {name} has no default, and no value was given."
        definition.fault(message, f"Give it one: --param {name}=VALUE")
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
        return KINDS["String"]
    if isinstance(kind, str) and kind in KINDS:
        return KINDS[kind]
    near = difflib.get_close_matches(str(kind), KINDS, 1)
    hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(KINDS)}."
    definition.fault(f"The parameter {name} has the Type {shape(kind)}, which SageMaker does not have.", hint)
    return (lambda value: value), "a value"


def _check_choice(
    definition: Definition, name: str, declared: dict[str, Any], value: Scalar, given: str | None
) -> None:
    choices = definition.list(declared.get("EnumValues"), f"EnumValues of the parameter {name}")
    if choices and value not in choices:
        listed = ", ".join(str(choice) for choice in choices[:20])
        message = f"The parameter {name} is {shape(value)}, which is none of: {listed}."
        definition.fault(message, _advice(name, given))


def _advice(name: str, given: str | None) -> str:
    return f"Give it another: --param {name}=VALUE" + (", or mend the definition." if given is None else "")
