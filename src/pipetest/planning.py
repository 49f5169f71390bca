"""What is to run: which steps, from which data; all that stands against it, before anything starts."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipetest.pipeline import (
    Fault,
    Input,
    Output,
    Pipeline,
    PipelineError,
    Step,
    Take,
    declared,
    unknown_name,
)
from pipetest.results import Severity

LEND = "Mend what is declared, or lend the input a file: --data STEP.INPUT=PATH."


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to run a pipeline."""

    jobs: int
    timeout: float | None = None  # seconds for each step, instead of what the file says
    fresh: bool = False
    fail_fast: bool = False
    steps: tuple[str, ...] = ()  # empty: all
    upstream: bool = False  # with steps: what they need, too
    data: Mapping[tuple[str, str], Path] = field(default_factory=dict)  # (step, input) -> file or folder
    network: bool = False  # for every step
    take: Take | None = None  # of every input from outside that does not say for itself


def plan(pipeline: Pipeline, options: RunOptions) -> Pipeline:
    """The steps that are to run, with the data that was named for them.

    Raises PipelineError with everything that is wrong with what was asked: unknown names, missing data.
    """
    planned = chosen(pipeline, options)
    selected = frozenset(step.name for step in planned.steps)
    from pipetest.pipeline_file import missing_paths

    faults = [*missing_paths(planned, selected), *_not_here(planned), *_unfed(planned, pipeline)]
    faults += [*_unverifiable(planned), *_unmakeable(planned)]
    if faults:
        raise PipelineError([*_refused(planned), *faults])
    return planned


def _refused(planned: Pipeline) -> list[Fault]:
    """What is known to be wrong with steps, to be told with what keeps them from running: a place in S3 that
    is ill-formed is not to be lent data before that is seen."""
    file = str(planned.path) if planned.path else None
    return [
        Fault(one.message, one.hint, file, step.line)
        for step in planned.steps
        for one in step.findings
        if one.severity is Severity.ERROR
    ]


def chosen(pipeline: Pipeline, options: RunOptions) -> Pipeline:
    """The pipeline narrowed to the steps that were asked for. Raises PipelineError for unknown names."""
    faults = [*_unknown_steps(pipeline, options), *_unknown_data(pipeline, options)]
    if faults:
        raise PipelineError(faults)
    fed = replace(pipeline, steps=tuple(_with_data(step, options) for step in pipeline.steps))
    selected = _selected(fed, options)
    return replace(fed, steps=tuple(step for step in fed.steps if step.name in selected))


def _unknown_steps(pipeline: Pipeline, options: RunOptions) -> list[Fault]:
    known = [step.name for step in pipeline.steps]
    named = [("--step", name) for name in options.steps] + [("--data", step) for step, _ in options.data]
    return [unknown_name(option, name, known, pipeline.name) for option, name in named if name not in known]


def _unknown_data(pipeline: Pipeline, options: RunOptions) -> list[Fault]:
    faults = []
    for (owner, name), path in options.data.items():
        known = next(
            ([one.name for one in step.inputs] for step in pipeline.steps if step.name == owner), None
        )
        if known is not None and name not in known:
            faults.append(unknown_name("--data", name, known, owner))
        elif not path.exists():
            faults.append(
                Fault(f"--data {owner}.{name}: there is no {path}.", "Name a file or a folder that exists.")
            )
    return faults


def _selected(pipeline: Pipeline, options: RunOptions) -> frozenset[str]:
    if not options.steps:
        return frozenset(step.name for step in pipeline.steps)
    selected, waiting = set(options.steps), list(options.steps)
    while waiting and options.upstream:
        needed = pipeline.step(waiting.pop()).upstream() - selected
        selected |= needed
        waiting += needed
    return frozenset(selected)


def _with_data(step: Step, options: RunOptions) -> Step:
    """The step with the inputs that ``--data`` names in the place of its own."""
    given = {name: path.absolute() for (owner, name), path in options.data.items() if owner == step.name}
    inputs = tuple(
        replace(one, path=given[one.name], from_step=None, from_output=None, synthetic=None)
        if one.name in given
        else one
        for one in step.inputs
    )
    return replace(step, inputs=inputs)


def _unmakeable(planned: Pipeline) -> list[Fault]:
    """Inputs whose declaration no generated data can meet."""
    made = [(step, one) for step in planned.steps for one in step.inputs if one.synthetic]
    if not made:
        return []
    from pipetest.data.synthetic import refused

    file = str(planned.path) if planned.path else None
    return [
        Fault(f"{step.name}.{one.name} cannot be generated: {said}", LEND, file, one.line)
        for step, one in made
        if one.synthetic and not one.synthetic.like and not step.stub
        for said in refused(declared(one.columns), one.synthetic.rows)
    ]


def _unverifiable(planned: Pipeline) -> list[Fault]:
    """Declarations of tables, where there is nothing to read tables with: they would pass unseen."""
    ends: list[tuple[Step, Input | Output]] = [
        *((step, one) for step in planned.steps for one in step.inputs if not one.synthetic),
        *((step, one) for step in planned.steps for one in step.outputs),
    ]
    named = [(f"{step.name}.{one.name}", one.line) for step, one in ends if one.columns or one.rows]
    if not named:
        return []
    from pipetest.data.client import is_available

    names = ", ".join(name for name, _ in named[:5]) + (", ..." if named[5:] else "")
    message = f"`columns` or `rows` are declared of {names}; DuckDB, which reads tables, is not installed."
    file = str(planned.path) if planned.path else None
    fault = Fault(message, "Install it: pip install 'pipetest[data]'.", file, named[0][1])
    return [] if is_available() else [fault]


def pipeline_is_ours(pipeline: Pipeline) -> bool:
    """Whether a pipeline was read from a file of our own: there, code is named in the file itself."""
    return any(step.line is not None for step in pipeline.steps)


def _not_here(planned: Pipeline) -> list[Fault]:
    """Code and data that lie in S3, and of which nobody said where they are here: each place once."""
    file = str(planned.path) if planned.path else None
    faults: dict[str, Fault] = {}
    for step in planned.steps:
        if step.stub or step.kind != "script":
            continue
        is_sought = not step.script_path and not isinstance(step.entry, tuple)
        if step.code_uri and is_sought and not _lacks_script(step):
            message, hint = _lost_code(step, step.code_uri, pipeline_is_ours(planned))
            faults.setdefault(message, Fault(message, hint, file, step.line))
        for one in step.inputs:
            if one.uri and not (one.path or one.from_step or one.synthetic or one.optional):
                message = f"The input `{one.name}` of {step.name} lies at {one.uri}."
                hint = f"Lend it a file or folder: --data {shlex.quote(f'{step.name}.{one.name}')}=PATH."
                faults.setdefault(one.uri, Fault(message, hint, file, one.line))
    return list(faults.values())


def _lacks_script(step: Step) -> bool:
    """Whether its code is here, but for the script: the step fails for it, and the others can run."""
    return step.source_dir is not None and step.source_dir.is_dir() and bool(step.looked_for)


def _lost_code(step: Step, uri: str, ours: bool) -> tuple[str, str]:
    """What to say of code that is in S3 and not here: nobody said where, or it is not where they said."""
    hint = f"Say where it is here: --code {shlex.quote(uri)}=PATH."
    if ours:
        hint = "Say where it is here: write script_path (and source_dir, for a folder) in the file."
    if not step.looked_for:
        return f"The code of {step.name} lies at {uri}.", hint
    tried = ", ".join(map(str, step.looked_for[:5]))
    return f"The code of {step.name} lies at {uri}, and here not at {tried}.", hint


def _unfed(planned: Pipeline, whole: Pipeline) -> list[Fault]:
    """Links that come from steps which are not to run."""
    running = {step.name for step in planned.steps}
    file = str(whole.path) if whole.path else None
    return [
        Fault(
            f"{step.name} takes `{one.name}` from {one.from_step}.{one.from_output}, which is not to run.",
            f"Add --upstream, or name the data: --data {shlex.quote(f'{step.name}.{one.name}')}=PATH.",
            file,
            one.line,
        )
        for step in planned.steps
        for one in step.inputs
        if one.from_step
        and one.from_step not in running
        and not one.optional
        and not step.stub
        and step.kind == "script"
    ]
