"""What needs no process: steps that are skipped, stubbed, recorded or decided, and values that steps left.

``decide`` gives the result of such a step, or None for one that has a script to run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pipetest import checks, endings
from pipetest.conditions import ConditionError, evaluate, json_value
from pipetest.data.facts import Table, told
from pipetest.pipeline import Input, Output, Step, Value, fill
from pipetest.results import BAD, Finding, Severity, Status, StepResult
from pipetest.sandbox import collect


@dataclass(slots=True)
class Known:
    """What the steps that are done came to."""

    statuses: dict[str, Status] = field(default_factory=dict)
    outputs: dict[tuple[str, str], Path] = field(default_factory=dict)  # (step, output) -> what is handed on
    branches: dict[str, bool] = field(default_factory=dict)  # condition -> how it came out
    not_here: set[str] = field(default_factory=set)  # steps that need a container of their own


def source(one: Input, known: Known) -> Path | None:
    """Where an input lies; None where there is nothing to hand on."""
    if one.from_step is None:
        return one.path if one.path and one.path.exists() else None
    handed = known.outputs.get((one.from_step, one.from_output or ""))
    if handed is None or not one.below:
        return handed
    # An output that is one file has nothing below it: SageMaker names that file itself.
    below = handed if handed.is_file() and handed.name == one.below else handed / one.below
    return below if below.exists() else None


def decide(step: Step, known: Known) -> StepResult | None:
    """The result of a step that need not, or cannot, be run; None where there is something to run."""
    path = str(step.script_path) if step.script_path else None
    closed = [name for name, wanted in step.only_if.items() if known.branches.get(name, wanted) != wanted]
    if closed:
        return _skipped(step, path, checks.branch_not_taken(step.name, closed[0], step.only_if[closed[0]]))
    blocked = _blocked(step, known)
    if blocked:
        return _skipped(step, path, checks.upstream_failed(step.name, blocked))
    if step.stub:
        return _stubbed(step, step.stub, known)
    if step.kind == "container":
        known.not_here.add(step.name)
        return _skipped(step, path, checks.needs_container(step.name, step.says))
    if step.kind in DECIDE:
        return DECIDE[step.kind](step, known)
    return None


def _skipped(step: Step, path: str | None, finding: Finding) -> StepResult:
    """A step that is not run; what is known to be wrong with it is wrong all the same."""
    status = Status.FAILED if _has_error(step) else Status.SKIPPED
    return StepResult(step.name, status, path, findings=(finding, *step.findings))


def _has_error(step: Step) -> bool:
    return any(finding.severity is Severity.ERROR for finding in step.findings)


def _blocked(step: Step, known: Known) -> list[str]:
    """The steps that this one cannot do without, and that did not pass.

    What cannot run here hinders only those that want something of it: order alone is no reason.
    """
    wanted = {one.from_step for one in step.inputs if one.from_step and not one.optional}
    wanted |= {value.step for value in step.values.values()} | set(step.only_if)
    return [
        name
        for name in sorted(step.upstream())
        if known.statuses.get(name) in BAD | {Status.SKIPPED}
        and (name in wanted or name not in known.not_here)
    ]


def _stubbed(step: Step, stub: Path, known: Known) -> StepResult:
    """The files of the stub stand in for the outputs."""
    places = {one.name: _stub_of(one, stub) for one in step.outputs}
    only = step.outputs[0] if len(step.outputs) == 1 else None
    if only and not places[only.name].exists() and stub.is_file() == only.is_file:
        places = {only.name: stub}
    absent = [one.name for one in step.outputs if not places[one.name].exists() and not one.optional]
    findings = (endings.bad_stub(step.name, str(stub), absent),) if absent else ()
    known.outputs.update({(step.name, name): path for name, path in places.items() if path.exists()})
    found = {one.name: collect(one, places[one.name]) for one in step.outputs}
    status = Status.FAILED if absent or _has_error(step) else Status.STUBBED
    return StepResult(step.name, status, findings=(*findings, *step.findings), outputs=described(found))


def _stub_of(output: Output, stub: Path) -> Path:
    """Where the files of an output lie in a stub: under its name, or as the archive that is handed on."""
    named = stub / output.name
    if output.archive is None:
        return named
    alone = stub if stub.name == output.archive else stub / output.archive
    return next((path for path in (named / output.archive, alone) if path.is_file()), named)


def described(found: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What the report says of outputs, of all that ``sandbox.collect`` saw."""
    return {name: {key: facts[key] for key in ("path", "files", "bytes")} for name, facts in found.items()}


def facts_of(tables: Sequence[Table]) -> dict[str, Any]:
    """The facts of an output, as an entry of its part of the report; none where there are none."""
    return {"facts": told(tables)} if tables else {}


# --- steps that run nothing --------------------------------------------------------------------------------


def _condition(step: Step, known: Known) -> StepResult:
    """A condition is evaluated on what its steps really left."""
    try:
        holds, account = evaluate(step.condition, lambda name: value(step.values[name], known))
    except ConditionError as error:
        finding = checks.condition_error(step.name, str(error))
        return StepResult(step.name, Status.FAILED, findings=(finding, *step.findings))
    known.branches[step.name] = holds
    finding = checks.condition_result(step.name, holds, account)
    status = Status.FAILED if _has_error(step) else Status.PASSED
    return StepResult(step.name, status, entry="condition", findings=(finding, *step.findings))


def _fail(step: Step, known: Known) -> StepResult:
    try:
        says = fill(step.says, {"values": values_of(step, known)})
    except ConditionError as error:
        says = f"{step.says} ({error})"
    finding = checks.fail_reached(step.name, says, list(step.only_if))
    return StepResult(step.name, Status.FAILED, entry="fail", findings=(finding, *step.findings))


def _record(step: Step, known: Known) -> StepResult:
    """A model that is registered, say: nothing runs, but what it names must be there."""
    unfed = endings.missing_inputs(step, {one.name for one in step.inputs if source(one, known)})
    if unfed:
        return StepResult(step.name, Status.FAILED, findings=(*unfed, *step.findings))
    status = Status.FAILED if _has_error(step) else Status.STUBBED
    note = checks.recorded(step.name, step.says)
    return StepResult(step.name, status, entry="record", findings=(note, *step.findings))


DECIDE = {"condition": _condition, "fail": _fail, "record": _record}


# --- values ------------------------------------------------------------------------------------------------


def values_of(step: Step, known: Known) -> dict[str, str]:
    """The values of a step, as they stand in a command line. Raises ConditionError."""
    return {name: as_text(value(one, known)) for name, one in step.values.items()}


def with_values(step: Step, values: Mapping[str, str]) -> Step:
    """The step with the values in its hyperparameters: those stand in files and variables, too."""
    filled = {
        name: fill(one, {"values": values}) if isinstance(one, str) else one
        for name, one in step.hyperparameters.items()
    }
    return replace(step, hyperparameters=filled)


def as_text(found: object) -> str:
    """A value of a JSON file as SageMaker puts it into a text."""
    return found if isinstance(found, str) else json.dumps(found)


def value(one: Value, known: Known) -> Any:
    """What a JSON file that a step wrote says in one place. Raises ConditionError."""
    folder = known.outputs.get((one.step, one.output))
    path = folder / one.file if folder and one.file else folder
    if path is None or not path.is_file():
        raise ConditionError(
            f"{one.step} left no file {one.file or one.output} in its output {one.output}{_left(folder)}."
        )
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise ConditionError(f"{one.file or path.name} of {one.step} is not JSON: {error}.") from error
    return json_value(document, one.path)


def _left(folder: Path | None) -> str:
    """What lies in an output, as the end of a sentence on what does not."""
    if folder is None or not folder.is_dir():
        return ""
    there = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return f", but {', '.join(there[:5])}{', ...' if there[5:] else ''}" if there else ", which is empty"
