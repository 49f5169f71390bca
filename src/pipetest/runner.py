"""Walk the graph: ready steps to the pool, outputs to inputs, skip below a failure; yields StepResults.

judge   what the sources say; a step that is certain to break is not started
run     lay out ── attempt ── collect ── judge, step by step along the graph, side by side
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, Protocol

from pipetest import (
    attempts,
    checks,
    containers,
    decisions,
    endings,
    fit,
    given_data,
    sandbox,
    sandbox_files,
    survey,
    traces,
)
from pipetest.conditions import ConditionError
from pipetest.data.client import Reader
from pipetest.decisions import Known, described, facts_of, source
from pipetest.given_data import GivenError
from pipetest.isolate import Attempt, Outcome, Pool
from pipetest.pipeline import Output, Pipeline, Step, Take, with_findings
from pipetest.planning import RunOptions
from pipetest.results import BAD, Finding, Severity, Status, StepResult, masked
from pipetest.source import Import, read
from pipetest.survey import Script

RUN_SECONDS = 600.0
# Findings of an importer after which a step cannot be started as it would be there.
UNSTARTABLE = ("open-input", "ambiguous-link", "local-path", "script-not-shipped", "unnamed-script")


class Attempts(Protocol):
    """What runs attempts: ``isolate.Pool``, or a written history in a test."""

    def submit(self, key: str, attempt: Attempt) -> None:
        """Start it when there is room."""

    def next(self) -> tuple[Any, Outcome]:
        """Wait for one to end."""


@dataclass(frozen=True, slots=True)
class Engine:
    """What runs the steps of a pipeline, once or time after time."""

    pool: Pool
    scripts: Mapping[str, Script]
    is_missing: Callable[[Script, Import], bool]
    base: Mapping[str, Mapping[str, str]]  # the environment that each interpreter starts with
    why_fresh: Callable[[Script, list[str]], str | None]


@dataclass(slots=True)
class Run:
    """What is known so far of one run. The one thing here that changes."""

    pipeline: Pipeline
    options: RunOptions
    folder: Path
    engine: Engine
    fitting: fit.Fitting
    boxes: dict[str, sandbox.Sandbox] = field(default_factory=dict)  # of the steps that are under way
    known: Known = field(default_factory=Known)
    notes: dict[str, list[Finding]] = field(default_factory=dict)
    inputs: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)  # what steps were given
    written: dict[str, dict[str, Path]] = field(default_factory=dict)  # outputs that were not looked into yet


def run(
    pipeline: Pipeline, options: RunOptions, folder: Path, note: Callable[[Finding], object]
) -> Iterator[StepResult]:
    """Run what was planned, in ``folder``; yields results as they come.

    ``note`` is called with what concerns no step. Raises SandboxError when the disk refuses.
    """
    boxes: dict[str, sandbox.Sandbox] = {}
    try:
        with engine(pipeline, options, folder / ".workers") as ours, Reader() as reader:
            if fit.is_wanted(pipeline):
                reader.begin()
            unmet = survey.judge_requirements(ours.pool, pipeline.steps)
            pipeline = with_findings(pipeline, unmet)
            whole = given_data.is_whole(pipeline, options.take)
            fitting = fit.Fitting(pipeline, reader, whole, folder, ours.base)
            yield from walk(Run(pipeline, options, folder, ours, fitting, boxes), ours.pool)
            for refusal in ours.pool.refusals:
                note(checks.preload_skipped(refusal.module, refusal.reason))
    finally:  # also when interrupted: what was under way has been ended, and has left its logs
        for name, box in boxes.items():
            sandbox.trim_log(box.log, sandbox.secrets_of(pipeline.step(name)))


@contextmanager
def engine(pipeline: Pipeline, options: RunOptions, folder: Path) -> Iterator[Engine]:
    """Workers for the steps of a pipeline, in a folder that is removed in the end."""
    survey.modules_in.cache_clear()  # files may have come since the last call
    scripts = scripts_of(pipeline)
    base = survey.environments({survey.interpreter(step.python) for step in pipeline.steps}, options.jobs)
    readable = [script for script in scripts.values() if not script.source.problem]
    roots = {} if options.fresh else survey.shared_roots(readable)
    try:
        with Pool(options.jobs, base, folder, roots) as pool:
            is_missing = survey.missing(pool, readable)
            yield Engine(pool, scripts, is_missing, base, partial(survey.fresh_reason, pool))
    finally:
        sandbox_files.remove(folder)


def scripts_of(pipeline: Pipeline) -> dict[str, Script]:
    """The scripts of the steps that have one, read."""
    scripts = {}
    for step in pipeline.steps:
        if step.kind == "script" and step.script_path and not step.stub and not isinstance(step.entry, tuple):
            scripts[step.name] = survey.script_of(step.name, read(step.script_path), step)
    return scripts


def walk(run: Run, pool: Attempts) -> Iterator[StepResult]:
    """Run every step once what it needs has passed; go on after a failure, unless told to stop."""
    names = {step.name for step in run.pipeline.steps}
    sorter = TopologicalSorter({step.name: step.upstream() & names for step in run.pipeline.steps})
    sorter.prepare()
    ready: list[str] = []
    started: set[str] = set()
    unread: list[StepResult] = []  # passed; what they wrote is looked into while others run
    while sorter.is_active():
        ready += sorter.get_ready()
        if ready and len(started) < run.options.jobs:
            name = ready.pop(0)
            result = _start(run, run.pipeline.step(name), pool)
            if result is None:
                started.add(name)
                continue
        elif unread:
            yield _with_data(run, unread.pop(0))
            continue
        else:
            name, outcome = pool.next()
            started.remove(name)
            result = _finish(run, run.pipeline.step(name), outcome)
        run.known.statuses[name] = result.status
        sorter.done(name)
        if name in run.written:
            unread.append(result)
            continue
        while unread:  # they ended before
            yield _with_data(run, unread.pop(0))
        yield result
        if run.options.fail_fast and result.status in BAD:
            break
    yield from (_with_data(run, result) for result in unread)


def _start(run: Run, step: Step, pool: Attempts) -> StepResult | None:
    """Start a step; or its result, where it need not or cannot be started."""
    result = decisions.decide(step, run.known) or _judged(run, step)
    if result:
        if result.status is not Status.STUBBED:
            return result
        places = {one.name: run.known.outputs.get((step.name, one.name)) for one in step.outputs}
        run.written[step.name] = {name: place for name, place in places.items() if place}
        return _with_data(run, result)
    sources = {one.name: place for one in step.inputs if (place := source(one, run.known))}
    script = run.engine.scripts.get(step.name)
    root = run.folder / step.name
    try:
        sources, notes = given_data.prepare(step, sources, root, run.options.take, run.fitting.reader)
    except GivenError as error:
        return _unstarted(step, error.finding)
    run.fitting.sources[step.name] = sources
    misfits = [*notes, *fit.judge_inputs(run.fitting, step)]
    if any(finding.severity is Severity.ERROR for finding in misfits):
        run.inputs[step.name] = sandbox.describe_inputs(sources)
        unstarted = _unstarted(step, *misfits, entry=str(script.entry) if script else None)
        return replace(unstarted, inputs=_given(run, step))
    run.notes.setdefault(step.name, []).extend(misfits)
    python = script.python if script else survey.interpreter(step.python)
    try:
        values = decisions.values_of(step, run.known)
        step = decisions.with_values(step, values)
        box = sandbox.lay_out(step, root, sources, run.engine.base[python], values)
    except ConditionError as error:
        return _unstarted(step, checks.condition_error(step.name, str(error)))
    except FileNotFoundError as error:
        return _unstarted(step, endings.missing_input(step.name, str(error.filename)))
    except PermissionError as error:
        return _unstarted(step, endings.unreadable_input(step.name, str(error.filename)))
    run.boxes[step.name] = box
    run.inputs[step.name] = sandbox.describe_inputs(box.inputs)  # now: a step may change them
    pool.submit(step.name, _attempt(run, step, script, python, box))
    return None


def _with_data(run: Run, result: StepResult) -> StepResult:
    """The result with facts of what was given and written, and what is found in them."""
    step = run.pipeline.step(result.name)
    findings, facts = fit.judge_outputs(run.fitting, step, run.written.pop(step.name))
    outputs = {name: one | facts_of(facts.get(name, ())) for name, one in result.outputs.items()}
    has_error = any(finding.severity is Severity.ERROR for finding in findings)
    status = Status.FAILED if has_error else result.status
    inputs = _given(run, step) if step.name in run.inputs else result.inputs
    found = replace(
        result, status=status, inputs=inputs, outputs=outputs, findings=(*findings, *result.findings)
    )
    return masked(found, sandbox.secrets_of(step))


def _unstarted(step: Step, *findings: Finding, entry: str | None = None) -> StepResult:
    path = str(step.script_path) if step.script_path else None
    return StepResult(step.name, Status.FAILED, path, entry=entry, findings=(*findings, *step.findings))


def _judged(run: Run, step: Step) -> StepResult | None:
    """The result of a step that is certain to break; None where it is to be started."""
    fed = {one.name for one in step.inputs if one.synthetic or source(one, run.known)}
    unfed = endings.missing_inputs(step, fed)
    unbound = any(one.code in UNSTARTABLE and one.severity is Severity.ERROR for one in step.findings)
    if unbound or (unfed and isinstance(step.entry, tuple)):
        return _unstarted(step, *unfed)
    if isinstance(step.entry, tuple):
        return None
    script = run.engine.scripts.get(step.name)
    if script is None and step.code_uri and step.findings:
        return _unstarted(step)  # what the importer found says it better
    if script is None:
        return _unstarted(step, checks.missing_script(step.name, step.looked_for))
    findings = checks.judge_source(
        step.name, script.source, script.entry, lambda one: run.engine.is_missing(script, one), running=True
    )
    findings += [*survey.judge_words(step, script), *unfed]
    if any(finding.severity is Severity.ERROR for finding in findings):
        return _unstarted(step, *findings, entry=script.entry)
    run.notes.setdefault(step.name, []).extend(findings)
    return None


def _attempt(run: Run, step: Step, script: Script | None, python: str, box: sandbox.Sandbox) -> Attempt:
    around = [run.folder, *([run.pipeline.path.parent] if run.pipeline.path else [])]
    attempt = replace(
        attempts.of_step(step, script, python, box, around),
        timeout=run.options.timeout or step.timeout or RUN_SECONDS,
        network=run.options.network or step.network,
        fresh=run.options.fresh,
    )
    if script is None or run.options.fresh:
        return attempt
    reason = run.engine.why_fresh(script, attempts.differing(box, run.engine.base[python]))
    if reason:
        run.notes[step.name].append(checks.started_fresh(step.name, reason))
    return replace(attempt, fresh=reason is not None)


def _finish(run: Run, step: Step, outcome: Outcome) -> StepResult:
    """Judge an attempt that has ended, and hand its outputs on."""
    box, script = run.boxes.pop(step.name), run.engine.scripts.get(step.name)
    sandbox.trim_log(box.log, sandbox.secrets_of(step))
    is_well = outcome.exit_code == 0 and not outcome.timed_out
    inputs = run.inputs[step.name] if is_well else _given(run, step)
    path = script.source.path if script else None
    log = sandbox.read_tail(box.log)
    if box.tree:
        places = containers.code_places(step)
        outcome, log = traces.localized(outcome, *places), traces.localized_log(log, *places)
    status, findings = endings.judge_run(step, path, outcome, log, endings.inputs_text(inputs))
    findings = _explained(run, step, path, outcome, log, findings)
    handed = containers.pack(step, box.tree, box.root) if box.tree and status is Status.PASSED else {}
    outputs = {one.name: sandbox.collect(one, _collected_from(one, box, handed)) for one in step.outputs}
    if status is Status.PASSED:
        strays = containers.strays(step, box.tree) if box.tree else []
        findings += endings.judge_outputs(step, outputs, strays)
    if box.tree:
        findings += traces.judge_last_words(step.name, *containers.last_words(box.tree), status)
    findings += traces.judge_space(step.name, box.root, status)
    network = run.options.network or step.network
    findings += traces.judge_record(step.name, path or Path(), outcome, status, log, network=network)
    if status is Status.PASSED and any(f.severity is Severity.ERROR for f in (*findings, *step.findings)):
        status = Status.FAILED
    run.known.outputs.update(
        {
            (step.name, one.name): handed.get(one.name, box.outputs[one.name])
            for one in step.outputs
            if outputs[one.name]["files"]
        }
    )
    result = StepResult(
        step.name,
        status,
        str(path) if path else None,
        outcome.seconds,
        outcome.cpu_seconds,
        outcome.max_rss_mb,
        "fresh" if outcome.fresh else "fork",
        str(script.entry) if script else "command",
        outcome.exit_code,
        outcome.signal,
        (*findings, *step.findings, *run.notes.get(step.name, ())),
        inputs,
        described(outputs),
        str(box.log),
        rerun_command(run, step),
    )
    run.written[step.name] = {
        one.name: box.outputs[one.name] for one in step.outputs if outputs[one.name]["files"]
    }
    # What nothing is declared of cannot fail any more: it can wait until the next steps have been started.
    can_wait = status is Status.PASSED and not fit.is_declared(step)
    return result if can_wait else _with_data(run, result)


def _explained(
    run: Run, step: Step, path: Path | None, outcome: Outcome, log: str, findings: list[Finding]
) -> list[Finding]:
    """The findings, with a failure put in the words of the data that it comes from, where it does."""
    if not findings or findings[0].code not in ("exception", "exit-code"):
        return findings
    why = fit.explained(run.fitting, step, path, outcome.answer or {}, log)
    if why is None:
        return findings
    return [replace(findings[0], code=why.code, message=why.message, hint=why.hint), *findings[1:]]


def _given(run: Run, step: Step) -> dict[str, dict[str, Any]]:
    """What a step was given, for the report: files, where they come from, and the facts of their tables."""
    inputs = run.inputs[step.name]
    facts = fit.given(run.fitting, step)
    return {
        one.name: inputs[one.name]
        | {"from": fit.origin(run.pipeline, one)}
        | ({"synthetic": True} if one.synthetic else {})
        | facts_of(facts.get(one.name, ()))
        for one in step.inputs
        if one.name in inputs
    }


def _collected_from(one: Output, box: sandbox.Sandbox, handed: Mapping[str, Path]) -> Path:
    """Where to look for an output: what is handed on, where that is not what was written."""
    return handed[one.name] if containers.is_bundle(one) and one.name in handed else box.outputs[one.name]


def rerun_command(run: Run, step: Step) -> str:
    """One line that runs just this step again, on the data that it had."""
    words = ["pipetest", "run", str(run.pipeline.path or ""), "--step", step.name]
    for one in step.inputs:
        place = source(one, run.known)
        if place and (one.from_step or (step.name, one.name) in run.options.data):
            words += ["--data", f"{step.name}.{one.name}={place}"]
    words += take_words(run.options.take)
    return shlex.join([*words, *run.pipeline.asked])


def take_words(take: Take | None) -> list[str]:
    """The options that ask for some of the rows."""
    if take is None:
        return []
    stratify = ["--stratify", take.stratify] if take.stratify else []
    return ["--rows", str(take.count), *(["--spread"] if take.spread else []), *stratify]
