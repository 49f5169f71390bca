"""Does the data fit: the facts of what steps are given and of what they wrote, held against declarations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from pipetest import data_checks
from pipetest.data import Reader
from pipetest.data_checks import Place
from pipetest.facts import Table
from pipetest.pipeline import Input, Output, Pipeline, Step, declared
from pipetest.results import Finding
from pipetest.sandbox_files import walk

End = TypeVar("End", Input, Output)


def _ends(step: Step) -> list[Input | Output]:
    return [*step.inputs, *step.outputs]


def is_wanted(pipeline: Pipeline) -> bool:
    """Whether there is, or may well be, a table to be read: then its reader can begin to load."""
    from pipetest.formats import named_format

    for step in pipeline.steps:
        if any(one.columns or one.rows for one in _ends(step)):
            return True
        paths = [one.path for one in step.inputs if one.path]
        if any(named_format(path.name) or path.is_dir() for path in paths):
            return True
    return False


def judge_inputs(
    pipeline: Pipeline, step: Step, sources: Mapping[str, Path], reader: Reader, *, whole: bool
) -> list[Finding]:
    """What the data of a step has against what the step expects of it.

    Where steps are not given all of their data (not ``whole``), it is asked only whether there are rows.
    """
    findings = []
    for one in step.inputs:
        if one.name not in sources or not (one.columns or one.rows or one.files) or one.synthetic:
            continue
        place = _place(pipeline, step, one)
        names = [name for name, _ in walk(sources[one.name])]
        findings += data_checks.missing_files(place, one.files, names)
        if one.columns or one.rows:
            tables = reader.facts(sources[one.name], declared(one.columns), follow=not one.from_step)
            findings += data_checks.judge(place, _asked(one, whole), tables)
    return findings


def given(step: Step, sources: Mapping[str, Path], reader: Reader) -> dict[str, tuple[Table, ...]]:
    """The facts of what a step was given, by input."""
    return {
        one.name: reader.facts(sources[one.name], follow=not one.from_step)
        for one in step.inputs
        if one.name in sources
    }


def _asked(one: End, whole: bool) -> End:
    """What is asked of data that may be a part of it: how many rows there are says nothing then."""
    if whole or not one.rows:
        return one
    return replace(one, rows=None if data_checks.fits(0, one.rows) else ">0")


def _place(pipeline: Pipeline, step: Step, one: Input | Output) -> Place:
    """Where an input or output of a step was declared, and what its data is called."""
    file = str(pipeline.path) if pipeline.path else None
    if isinstance(one, Input) and one.from_step is not None:
        return Place(step.name, f"{one.from_step}.{one.from_output}", one.from_step, file, one.line)
    if isinstance(one, Input):
        return Place(step.name, origin(pipeline, step, one.name), None, file, one.line)
    return Place(step.name, f"{step.name}.{one.name}", None, file, one.line)


def origin(pipeline: Pipeline, step: Step, name: str) -> str:
    """Where an input comes from, in words: "prepare.clean", or a path from the folder of the pipeline on."""
    one = next(one for one in step.inputs if one.name == name)
    if one.from_step is not None:
        return f"{one.from_step}.{one.from_output}"
    home = pipeline.path.parent if pipeline.path else Path.cwd()
    path = one.path
    if path is None:
        return one.uri or "generated"
    return path.relative_to(home).as_posix() if path.is_relative_to(home) else str(path)


def judge_outputs(
    pipeline: Pipeline, step: Step, places: Mapping[str, Path], reader: Reader, *, whole: bool
) -> tuple[list[Finding], dict[str, tuple[Table, ...]]]:
    """What was written has against what was promised; and the facts of it, by output. ``whole`` as above."""
    findings: list[Finding] = []
    facts = {}
    for one in step.outputs:
        if one.name not in places:
            continue
        tables = reader.facts(places[one.name], declared(one.columns))
        facts[one.name] = tables
        findings += data_checks.judge(_place(pipeline, step, one), _asked(one, whole), tables)
    return findings, facts


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
