"""The JSON definition of a SageMaker pipeline.

``declarations`` and ``parameters`` read what it declares, ``references`` what its expressions stand for,
``sagemaker_steps`` makes each step by its type, and ``sagemaker_links`` decides what is the output of what.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipetest.importers.declarations import read_parameters, read_steps
from pipetest.importers.expressions import Definition, expressions
from pipetest.importers.references import resolve
from pipetest.importers.sagemaker_links import LATER, check_cycles, linked, ordered
from pipetest.importers.sagemaker_reading import Reading
from pipetest.importers.sagemaker_steps import step_of_type
from pipetest.pipeline import Local, Output, Pipeline, PipelineError, Step, unknown_name

OF_CURSUS = {  # what of a Local does nothing here
    "links": ("--link", "Give the input data: --data STEP.INPUT=PATH; a definition has its own links."),
    "script_dirs": ("--script-dir", "Say where the code of a step lies: --code s3://...=PATH."),
    "interfaces": ("--interfaces", "Leave it out: the definition itself names inputs and outputs."),
}


def recognizes(document: Any) -> bool:
    """Whether a document is a pipeline definition: it has Steps, or is the answer that holds one."""
    if not isinstance(document, dict):
        return False
    if isinstance(document.get("Steps"), list) or {"Steps", "Version"} <= document.keys():
        return True
    return isinstance(document.get("PipelineDefinition"), str | dict)


def read(document: dict[str, Any], path: Path, local: Local) -> Pipeline:
    """The pipeline that a definition describes. Raises PipelineError with all that makes it unreadable."""
    definition = Definition(path.stem, file=str(path))
    body = _body(definition, document)
    read_parameters(definition, body, local.params)
    read_steps(definition, body.get("Steps"))
    steps = ordered(definition, [_step(definition, name, local) for name in definition.steps])
    _check_expressions(definition)
    check_cycles(definition, steps)
    _check_told(definition, steps, local)
    if definition.faults:
        raise PipelineError(definition.faults)
    steps = _promised(linked(definition, steps, local))
    return Pipeline(path.stem, steps, path)


def _body(definition: Definition, document: Any) -> dict[str, Any]:
    """The definition itself, which ``aws sagemaker describe-pipeline`` answers as a text within a mapping."""
    if isinstance(document, dict) and "Steps" not in document and "PipelineDefinition" in document:
        document = document["PipelineDefinition"]
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except (ValueError, RecursionError) as error:
            definition.fault(f"PipelineDefinition is no JSON: {error}", "Save the definition itself.")
            return {}
    return definition.mapping(document, "The definition")


def _step(definition: Definition, name: str, local: Local) -> Step:
    reading = Reading(definition, definition.steps[name], local)
    step = step_of_type(reading)
    reason = definition.unknowable.get(name)
    if reason and step.kind not in ("record", "container"):
        step = replace(step, kind="container", says=reason, condition=())
    return replace(
        step,
        stub=local.stubs.get(name),
        only_if=reading.declared.only_if,
        values=reading.values,
        findings=tuple(reading.findings),
    )


def _check_expressions(definition: Definition) -> None:
    """Resolve every expression of every step, those too that no job reads: each must lead somewhere."""
    for name, declared in definition.steps.items():
        for _, expression in expressions(declared.body, LATER):
            resolve(definition, name, expression)


def _check_told(definition: Definition, steps: Sequence[Step], local: Local) -> None:
    """What the user says of this machine names inputs that are there, and is of use here."""
    for key, (option, hint) in OF_CURSUS.items():
        if getattr(local, key):
            name = Path(definition.file or "").name
            definition.fault(f"{option} is for a DAG of Cursus, which {name} is not.", hint)
    inputs = [f"{step.name}.{given.name}" for step in steps for given in step.inputs]
    for name in local.data:
        if "://" not in name and name not in inputs:
            definition.add(unknown_name("--data", name, inputs, "the pipeline"))


def _promised(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps with every output promised that a later one reads: what is not written is missed at once."""
    read_later = {(one.from_step, one.from_output) for step in steps for one in step.inputs}

    def promised(step: Step, one: Output) -> Output:
        return replace(one, optional=False) if (step.name, one.name) in read_later else one

    return tuple(replace(step, outputs=tuple(promised(step, one) for one in step.outputs)) for step in steps)
