"""Does the data fit: the facts of what steps are given and of what they wrote, held against declarations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pipetest import data_checks
from pipetest.data.client import Reader
from pipetest.data.facts import Table
from pipetest.data_checks import Place
from pipetest.pipeline import Input, Output, Pipeline, Step, declared
from pipetest.results import Finding
from pipetest.sandbox_files import walk

if TYPE_CHECKING:
    from pipetest.failures.data_failures import Explained

End = TypeVar("End", Input, Output)


@dataclass(frozen=True, slots=True)
class Fitting:
    """What it takes to judge the data of a run."""

    pipeline: Pipeline
    reader: Reader
    whole: bool  # every step is given all of its data; else the numbers of rows say nothing
    folder: Path  # of the run
    base: Mapping[str, Mapping[str, str]]  # the environment that each interpreter starts with
    sources: dict[str, dict[str, Path]] = field(default_factory=dict)  # what steps were given, as it comes


def is_wanted(pipeline: Pipeline) -> bool:
    """Whether there is, or may well be, a table to be read: then its reader can begin to load."""
    from pipetest.data.formats import named_format

    for step in pipeline.steps:
        if any(one.columns or one.rows for one in _ends(step)):
            return True
        paths = [one.path for one in step.inputs if one.path]
        if any(named_format(path.name) or path.is_dir() for path in paths):
            return True
    return False


def is_declared(step: Step) -> bool:
    """Whether what a step writes may break a promise about its data."""
    return any(one.columns or one.rows or one.schema for one in step.outputs)


def _ends(step: Step) -> list[Input | Output]:
    return [*step.inputs, *step.outputs]


def judge_inputs(fitting: Fitting, step: Step) -> list[Finding]:
    """What the data of a step has against what the step expects of it."""
    findings = []
    sources = fitting.sources[step.name]
    for one in step.inputs:
        if one.name not in sources or one.synthetic:
            continue
        place, path = _place(fitting.pipeline, step, one), sources[one.name]
        if one.files:
            findings += data_checks.missing_files(place, one.files, [name for name, _ in walk(path)])
        if one.columns or one.rows or one.schema:
            tables = fitting.reader.facts(path, declared(one.columns), follow=not one.from_step)
            findings += _judged(fitting, step, one, path, tables)
    return findings


def judge_outputs(
    fitting: Fitting, step: Step, places: Mapping[str, Path]
) -> tuple[list[Finding], dict[str, tuple[Table, ...]]]:
    """What was written has against what was promised; and the facts of it, by output."""
    findings: list[Finding] = []
    facts = {}
    for one in step.outputs:
        if one.name in places:
            path = places[one.name]
            facts[one.name] = fitting.reader.facts(path, declared(one.columns))
            findings += _judged(fitting, step, one, path, facts[one.name])
    return findings, facts


def _judged(fitting: Fitting, step: Step, one: End, path: Path, tables: Sequence[Table]) -> list[Finding]:
    place = _place(fitting.pipeline, step, one)
    asked = one
    if one.rows and not fitting.whole:
        asked = replace(one, rows=None if data_checks.fits(0, one.rows) else ">0")
    findings = [_traced(fitting, one, tables, found) for found in data_checks.judge(place, asked, tables)]
    if one.schema is None:
        return findings
    from pipetest import schemas  # late: most pipelines have none
    from pipetest.survey import interpreter

    python, beside = interpreter(step.python), step.script_path or fitting.pipeline.path
    folder = beside.parent if beside else Path.cwd()
    checker = schemas.Checker(python, fitting.base[python], folder, fitting.folder / step.name / "schema")
    return findings + schemas.judge(place, one, path, tables, checker)


def given(fitting: Fitting, step: Step) -> dict[str, tuple[Table, ...]]:
    """The facts of what a step was given, by input."""
    sources = fitting.sources[step.name]
    return {
        one.name: fitting.reader.facts(sources[one.name], follow=not one.from_step)
        for one in step.inputs
        if one.name in sources
    }


def explained(
    fitting: Fitting, step: Step, path: Path | None, answer: Mapping[str, object], log: str
) -> Explained | None:
    """Why a step failed, where what it was given shows it."""
    from pipetest.failures.data_failures import Given, explain  # late: most steps pass

    facts, sources = given(fitting, step), fitting.sources[step.name]
    inputs = [
        Given(
            one.name,
            origin(fitting.pipeline, one),
            one.from_step,
            facts[one.name],
            tuple(name for name, _ in walk(sources[one.name])),
            sources[one.name],
            one.container_path,
        )
        for one in step.inputs
        if one.name in facts
    ]
    why = explain(step.name, path or Path(), answer, log, inputs)
    if why is None or why.lost is None:
        return why
    return replace(why, message=f"{why.message}{_lost(fitting, *why.lost)}")


def _traced(fitting: Fitting, one: Input | Output, tables: Sequence[Table], found: Finding) -> Finding:
    """A finding that misses a column of a link, with the step that did not hand it on."""
    if found.code != "column-missing" or not isinstance(one, Input) or one.from_step is None:
        return found
    lost = next((name for name in declared(one.columns) if not any(t.column(name) for t in tables)), None)
    return replace(found, message=f"{found.message}{_lost(fitting, lost, one.from_step)}") if lost else found


def _lost(fitting: Fitting, name: str, writer: str) -> str:
    """Where a column that a step did not write was last seen, as one more sentence; "" where it never was."""
    waiting, known = [writer], {writer}
    while waiting:
        step = fitting.pipeline.step(waiting.pop(0))
        if step.name not in fitting.sources:
            continue  # it did not run
        facts = given(fitting, step)
        for one in step.inputs:
            for table in facts.get(one.name, ()):
                if table.column(name):
                    place = Place(step.name, origin(fitting.pipeline, one)).of(table)
                    return f" {step.name} was given `{name}` in {place}, and did not hand it on."
        above = [one.from_step for one in step.inputs if one.from_step and one.from_step not in known]
        waiting += above
        known.update(above)
    return ""


def _place(pipeline: Pipeline, step: Step, one: Input | Output) -> Place:
    """Where an input or output of a step was declared, and what its data is called."""
    file = str(pipeline.path) if pipeline.path else None
    if isinstance(one, Output):
        return Place(step.name, f"{step.name}.{one.name}", None, file, one.line)
    return Place(step.name, origin(pipeline, one), one.from_step, file, one.line)


def origin(pipeline: Pipeline, one: Input) -> str:
    """Where an input comes from, in words: "prepare.clean", or a path from the folder of the pipeline on."""
    if one.from_step is not None:
        return f"{one.from_step}.{one.from_output}"
    if one.path is None:
        return one.uri or "generated data"
    home = pipeline.path.parent if pipeline.path else Path.cwd()
    return one.path.relative_to(home).as_posix() if one.path.is_relative_to(home) else str(one.path)


def judge_promises(pipeline: Pipeline) -> dict[str, list[Finding]]:
    """What the declarations at the two ends of links have against each other, by consumer."""
    outputs = {(step.name, one.name): one for step in pipeline.steps for one in step.outputs}
    found: dict[str, list[Finding]] = {}
    for step in pipeline.steps:
        for one in step.inputs:
            promised = outputs.get((one.from_step or "", one.from_output or ""))
            if promised and one.columns:
                judged = data_checks.judge_promise(_place(pipeline, step, one), one, promised)
                found.setdefault(step.name, []).extend(judged)
    return found
