"""What the expressions of a definition stand for: parameters, the execution, and what other steps give."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pipetest.importers.declarations import (
    ANSWERING,
    PROCESSING,
    TYPES,
    answers_of,
    inputs_of,
    outputs_of,
    property_files,
)
from pipetest.importers.expressions import (
    Declared,
    Definition,
    Ref,
    Resolved,
    Text,
    Tokens,
    joined,
    operator,
    plain,
    refs_of,
    shape,
    step_of,
    tokens_of,
)
from pipetest.pipeline import Value, unknown_name

DEPTH = 60  # of expressions in expressions; more is no pipeline, and would exhaust the stack
ARN = "arn:aws:sagemaker:us-east-1:111122223333:pipeline/"
EXECUTION = {  # what SageMaker knows once an execution has begun; fixed, so that two runs see the same
    "PipelineArn": ARN + "PIPELINE",
    "PipelineName": "PIPELINE",
    "PipelineExecutionId": "pipetest",
    "PipelineExecutionArn": ARN + "PIPELINE/execution/pipetest",
    "StartDateTime": "2025-01-01T00:00:00.000Z",
    "CurrentDateTime": "2025-01-01T00:00:00.000Z",
    "TrainingJobName": "pipetest-STEP",
    "ProcessingJobName": "pipetest-STEP",
}
ANSWERS = "OutputParameters.json"  # the output that stands for the answer of a Lambda or Callback step
PROPERTY_FILE = re.compile(r"Steps\.([^.\[\]]+)\.PropertyFiles\.(.+)")
# Properties that only steps of these types have. Others, known to one API version and not the next, pass.
BELONGS_TO = {
    "ProcessingOutputConfig": PROCESSING,
    "ProcessingInputs": PROCESSING,
    "ModelArtifacts": ("Training",),
    "TransformOutput": ("Transform",),
    "OutputParameters": ANSWERING,
}


def resolve(definition: Definition, step: str, expression: Any, depth: int = 0) -> Resolved:
    """What an expression in a step stands for. What leads nowhere is noted as a fault, and is empty."""
    if expression is None or isinstance(expression, str | int | float | bool):
        return expression
    if depth > DEPTH:
        definition.fault(f"{step} has an expression nested more than {DEPTH} deep.", "Write it flat.")
        return ""
    match operator(expression):
        case "Get":
            return _get(definition, step, expression["Get"], depth)
        case "Std:Join":
            return _join(definition, step, expression["Std:Join"], depth)
        case "Std:JsonGet":
            return _json_get(definition, step, expression["Std:JsonGet"], depth)
        case None:
            message = f"{step} has {shape(expression)} where one value is needed."
            definition.fault(message, "Write a text or a number there.")
        case other:
            near = difflib.get_close_matches(other, ("Std:Join", "Std:JsonGet"), 1) or ["Std:Join"]
            message = f"{step} uses {other}, which SageMaker does not have."
            definition.fault(message, f"Did you mean {near[0]}?")
    return ""


def _join(definition: Definition, step: str, body: Any, depth: int) -> Resolved:
    body = definition.mapping(body, f"Std:Join of {step}")
    if "Values" not in body:
        definition.fault(f"{step} has a Std:Join without Values.", "List what it joins under Values.")
    values = definition.list(body.get("Values"), f"Values of a Std:Join of {step}")
    on = plain(resolve(definition, step, body.get("On"), depth + 1))
    return joined([resolve(definition, step, value, depth + 1) for value in values], on)


def _get(definition: Definition, step: str, path: Any, depth: int) -> Resolved:
    root, _, name = path.partition(".") if isinstance(path, str) else ("", "", "")
    match root:
        case "Parameters":
            _check(definition, step, name, definition.parameters, "Parameters.{}")
            return definition.parameters.get(name, "")
        case "Execution":
            _check(definition, step, name, EXECUTION, "Execution.{}")
            return EXECUTION.get(name, "").replace("STEP", step).replace("PIPELINE", definition.pipeline)
        case "Steps":
            return _of_step(definition, step, path, depth)
    hint = 'Write "Parameters.NAME" or "Steps.NAME.PROPERTY".'
    definition.fault(f"{step} has a Get of {shape(path)}.", hint)
    return ""


def _check(
    definition: Definition, step: str, name: str, known: Iterable[str], form: str, verb: str = "Get"
) -> bool:
    """Whether a name is known; if not, that is a fault, which names the nearest as it would be written."""
    known = list(known)
    if name not in known:
        there = [form.format(one) for one in known]
        definition.add(unknown_name(f"{step}: {verb}", form.format(name), there, "the pipeline"))
    return name in known


# ---- what other steps give


def _of_step(definition: Definition, step: str, path: str, depth: int) -> Resolved:
    name = step_of(path)
    declared = definition.steps.get(name)
    if declared is None:
        _check(definition, step, name, definition.steps, "Steps.{}")
        return ""
    tokens = tokens_of(path.removeprefix("Steps.").removeprefix(name))
    if not tokens:
        message = f'{step} has a Get of "{path}", which names no property.'
        definition.fault(message, f"Write Steps.{name}.PROPERTY.")
        return ""
    if declared.type not in TYPES:  # a later one, or a misspelt one, which is told already
        return Text((Ref(name, f"pipetest-{name}"),))
    types = BELONGS_TO.get(str(tokens[0]))
    if types and declared.type not in types:
        message = f'{step} has a Get of "{path}", but the {declared.type} step {name} has no {tokens[0]}.'
        definition.fault(message, f"Steps of these types have it: {', '.join(types)}.")
        return ""
    return _property(definition, step, declared, tokens, depth)


def _property(definition: Definition, step: str, declared: Declared, tokens: Tokens, depth: int) -> Resolved:
    match tokens:
        case ["ProcessingOutputConfig", "Outputs", key, "S3Output", "S3Uri"]:
            return _place(definition, step, declared, key)
        case ["ModelArtifacts", "S3ModelArtifacts"]:
            return _place(definition, step, declared, "model")
        case ["OutputDataConfig", "S3OutputPath"] if declared.type == "Training":
            return _place(definition, step, declared, "job")
        case ["TransformOutput", "S3OutputPath"]:
            return _place(definition, step, declared, "transform")
        case ["OutputParameters", str(key)]:
            return _answer(definition, step, declared, key)
        case ["ProcessingInputs", key, "S3Input", "S3Uri"]:
            return _same_input(definition, step, declared, key, depth)
    there = _written_there(definition, declared, tokens, depth)
    return there if there is not None else Text((Ref(declared.name, f"pipetest-{declared.name}"),))


def _place(definition: Definition, step: str, declared: Declared, key: str | int) -> Resolved:
    uris = output_uris(definition, declared)
    output = list(uris)[key] if isinstance(key, int) and key < len(uris) else str(key)
    if not _check(definition, step, output, uris, f"{declared.name}.{{}}"):
        return ""
    return Text((Ref(declared.name, plain(uris[output]), output),))


def _answer(definition: Definition, step: str, declared: Declared, key: str) -> Resolved:
    known = answers_of(definition, declared)
    _check(definition, step, key, known, f"{declared.name}.OutputParameters['{{}}']")
    path = key if re.fullmatch(r"[\w-]+", key) else f"['{key}']"
    return Text((Ref(declared.name, value=Value(declared.name, ANSWERS, "", path)),))


def _same_input(
    definition: Definition, step: str, declared: Declared, key: str | int, depth: int
) -> Resolved:
    """The source of another step's input, which is the source here as well."""
    inputs = inputs_of(definition, declared)
    found = [one for index, one in enumerate(inputs) if key in (index, one.get("InputName"))]
    if not found:
        names = [str(one.get("InputName")) for one in inputs]
        _check(definition, step, str(key), names, f"{declared.name}.ProcessingInputs['{{}}']")
        return ""
    source = definition.mapping(found[0].get("S3Input"), f"S3Input of {declared.name}")
    return resolve(definition, declared.name, source.get("S3Uri"), depth + 1)


def _written_there(definition: Definition, declared: Declared, tokens: Tokens, depth: int) -> Resolved:
    """A property that the other step's own request has already, as ``HyperParameters['depth']``."""
    node: Any = declared.arguments
    for token in tokens:
        if isinstance(node, dict):
            node = node.get(str(token))
        elif isinstance(node, list) and isinstance(token, int) and token < len(node):
            node = node[token]
        else:
            return None
    if isinstance(node, dict | list) and operator(node) is None:
        return None
    return resolve(definition, declared.name, node, depth + 1)


# ---- where the outputs of a step lie


def output_uris(definition: Definition, declared: Declared) -> Mapping[str, Resolved]:
    """The outputs that a step leaves in S3, each with its place there."""
    if declared.name not in definition.uris:
        definition.uris[declared.name] = {}  # while it is read: one that depends on itself is told elsewhere
        definition.uris[declared.name] = _output_uris(definition, declared)
    return definition.uris[declared.name]


def _output_uris(definition: Definition, declared: Declared) -> dict[str, Resolved]:
    name, arguments = declared.name, declared.arguments
    if declared.type in PROCESSING:
        outputs = outputs_of(definition, declared)
        return {key: resolve(definition, name, place.get("S3Uri")) for key, place in outputs.items()}
    if declared.type == "Tuning":
        job = arguments.get("TrainingJobDefinition")
        arguments = definition.mapping(job, f"TrainingJobDefinition of {name}")
    key = "TransformOutput" if declared.type == "Transform" else "OutputDataConfig"
    config = definition.mapping(arguments.get(key), f"{key} of {name}")
    root = resolve(definition, name, config.get("S3OutputPath"))
    folder = f"{plain(root).rstrip('/')}/pipetest-{name}/output"
    model = f"{folder}/model.tar.gz"
    by_type: dict[str, dict[str, Resolved]] = {
        "Training": {"model": model, "output": f"{folder}/output.tar.gz", "job": root},
        "Tuning": {"model": model},
        "Transform": {"transform": root},
        "AutoML": {"job": root},
    }
    return by_type.get(declared.type, {})


# ---- values of a file that a step writes


def _json_get(definition: Definition, step: str, body: Any, depth: int) -> Resolved:
    body = definition.mapping(body, f"Std:JsonGet of {step}")
    path = plain(resolve(definition, step, body.get("Path"), depth + 1))
    if body.get("PropertyFile") is None:
        return _of_place(definition, step, resolve(definition, step, body.get("S3Uri"), depth + 1), path)
    named = body["PropertyFile"]
    named = named.get("Get") if isinstance(named, dict) else named
    found = PROPERTY_FILE.fullmatch(named) if isinstance(named, str) else None
    if found is None:
        message = f"{step} has a Std:JsonGet whose PropertyFile is {shape(named)}."
        definition.fault(message, 'Write {"Get": "Steps.NAME.PropertyFiles.FILE"}.')
        return ""
    return _of_property_file(definition, step, found[1], found[2], path)


def _of_property_file(definition: Definition, step: str, name: str, file: str, path: str) -> Resolved:
    declared = definition.steps.get(name)
    if declared is None:
        _check(definition, step, name, definition.steps, "Steps.{}", "Std:JsonGet")
        return ""
    files = property_files(definition, declared)
    if not _check(definition, step, file, files, f"Steps.{name}.PropertyFiles.{{}}", "Std:JsonGet"):
        return ""
    output = plain(resolve(definition, name, files[file].get("OutputName")))
    below = plain(resolve(definition, name, files[file].get("FilePath"))).strip("/")
    return Text((Ref(name, value=Value(name, output, below, path)),))


def _of_place(definition: Definition, step: str, place: Resolved, path: str) -> Resolved:
    """A value of a JSON file in S3. Only what a step of the pipeline writes can be known here."""
    found = place_below(place)
    if found is None:
        uri = plain(place)
        found = next((one for one in places(definition) if (uri + "/").startswith(one[0] + "/")), None)
        if found is None:
            reason = f"it reads a value of {uri or 'nowhere'}, which no step of the pipeline writes"
            definition.unknowable.setdefault(step, reason)
            return ""
        found = (found[1], found[2], uri.removeprefix(found[0]).strip("/"))
    name, output, below = found
    return Text((Ref(name, value=Value(name, output, below, path)),))


def place_below(place: Resolved) -> tuple[str, str, str] | None:
    """A place that is written as an output and what follows it: step, output, the path below."""
    refs = refs_of(place)
    if not isinstance(place, Text) or not refs or place.parts[0] is not refs[0] or refs[0].output is None:
        return None
    below = plain(place).removeprefix(refs[0].text)
    if below and not below.startswith("/") and not refs[0].text.endswith("/"):
        return None  # OUTPUT-suffix is another folder
    step, output, below = refs[0].step, refs[0].output, below.strip("/")
    for name in ("model", "output") if output == "job" else ():  # what a training job leaves in its folder
        if below == f"pipetest-{step}/output/{name}.tar.gz":
            return step, name, ""
    return step, output, below


def places(definition: Definition) -> list[tuple[str, str, str]]:
    """All places in S3 that steps write to, the deepest first: URI, step, output. Not whole buckets."""
    found = [
        (plain(uri).rstrip("/"), declared.name, output)
        for declared in definition.steps.values()
        for output, uri in output_uris(definition, declared).items()
    ]
    return sorted((one for one in found if one[0].count("/") > 2), key=lambda one: -len(one[0]))
