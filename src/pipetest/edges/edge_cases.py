"""Hard cases by one switch: a run that passed is done again with each input from outside made hard to take.

choose   which inputs hold tables, and which variants of each are worth a run
run      one variant after the other, on the same engine, up to the first step that does not pass
judge    the answer of each: fine, an error that its author thought of, or a crash, and where
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from pipetest import fit
from pipetest.data.client import DataError, Reader, is_available
from pipetest.edges import edge_answers
from pipetest.edges.edge_runs import Run, engine
from pipetest.edges.edge_variants import Key, Outside, Variant, choose
from pipetest.given_data import FOLDER
from pipetest.pipeline import Input, Pipeline, Step, Take
from pipetest.planning import RunOptions
from pipetest.results import EdgeCase, Finding, Report, Severity, StepResult
from pipetest.sandbox_files import remove, walk

ROWS = (200, 5_000)  # of each table; the second where the pipeline does not pass with the first
SLOWER, AT_LEAST = 10, 30.0  # a step of a variant has so many times the slowest's time, or so many seconds

Watcher = Callable[[int, int, EdgeCase], None]  # number, of how many, and what came of it
Why = tuple[str, str]  # why there is nothing to run, and what to do


@dataclass(frozen=True, slots=True)
class _Runs:
    """What all runs of one exploration have in common."""

    pipeline: Pipeline
    options: RunOptions
    folder: Path  # of the run that passed
    own: Path  # below it, for the edge cases
    reader: Reader
    run: Run
    limit: float  # seconds for each step
    left: list[str] = field(default_factory=list)  # what was left out, in words


def explored(
    report: Report, pipeline: Pipeline, options: RunOptions, folder: Path, watch: Watcher | None = None
) -> Report:
    """The report of a run with what came of its edge cases. ``folder`` is that of the run."""
    cases: list[EdgeCase] = []
    left: list[str] = []
    own = folder / ".edge-cases"
    limit = max(AT_LEAST, SLOWER * max((step.seconds for step in report.steps), default=0.0))
    plain = replace(options, take=None, timeout=min(options.timeout or limit, limit))
    why = _unfit(report)
    try:
        if why is None:
            with Reader() as reader, engine(pipeline, plain, own / "workers", reader) as run:
                runs = _Runs(pipeline, options, folder, own, reader, run, limit, left)
                outside, why = _bases(runs)
                for case in _tried(runs, outside, watch):
                    cases.append(case)
    except KeyboardInterrupt:
        report = replace(report, interrupted=True)
    findings = _not_run(*why) if why else [*edge_answers.judge(cases), *_left_out(left)]
    return replace(report, edge_cases=tuple(cases), findings=(*report.findings, *findings))


def _unfit(report: Report) -> Why | None:
    if not report.ok:
        return "they need a run that passes", "Mend what the run found, and ask again."
    if not is_available():
        return "DuckDB, which reads tables, is not installed", "Install it: pip install 'pipetest[data]'."
    return None


def _not_run(why: str, hint: str) -> list[Finding]:
    """``edge-cases-not-run``: there is nothing to vary, or nothing to compare with."""
    message = f"No edge cases were run: {why}."
    return [Finding("edge-cases-not-run", Severity.NOTE, "", message, hint)]


def _left_out(left: Sequence[str]) -> list[Finding]:
    """``edge-cases-left-out``: variants that were not run."""
    if not left:
        return []
    message = f"Edge cases were left out: {'; '.join(left[:10])}{'; ...' if left[10:] else ''}."
    hint = "Write the file that you have in mind, and lend it: --data STEP.INPUT=PATH."
    return [Finding("edge-cases-left-out", Severity.NOTE, "", message, hint)]


# --- what is varied


def _bases(runs: _Runs) -> tuple[Sequence[Outside], Why | None]:
    """The inputs from outside that hold tables, with few rows each; or why nothing can be varied.

    Few rows may be too few for the pipeline: it is run with them first.
    """
    sources = _sources(runs)
    bad: StepResult | None = None
    for rows in ROWS:
        places = runs.own / f"{rows} rows"
        found = [
            (source, _base(runs, source, keys, places / str(number), rows))
            for number, (source, keys) in enumerate(sources)
        ]
        outside = [one for _, one in found if one]
        if not outside:
            hint = "Edge cases are made of the CSV, TSV, JSON, Parquet and Arrow files that steps are given."
            return [], ("no input from outside holds a table with rows", hint)
        if all(_size(source) == _size(one.base) for source, one in found if one):
            return outside, None  # it is what the run had
        bad = _run(runs, places / "run", _lent(outside))
        remove(places / "run" if bad is None else places)
        if bad is None:
            return outside, None
    assert bad
    why = f"with {ROWS[-1]:,} rows of each table from outside, {bad.name} does not pass, with nothing varied"
    return [], (why, f"See what it lacks: --rows {ROWS[-1]} --spread.")


def _sources(runs: _Runs) -> list[tuple[Path, list[Key]]]:
    """What the run was given from outside, each with the inputs that were given it: it is varied for all."""
    found: dict[Path, tuple[Path, list[Key]]] = {}
    for step in runs.pipeline.steps:
        if step.stub or step.kind != "script":
            continue
        for one in step.inputs:
            given = runs.folder / step.name / FOLDER / one.name  # some rows of it, or generated
            made = sorted(given.iterdir()) if given.is_dir() else []
            place = made[0] if made else one.path
            if one.from_step is None and place and place.exists():
                found.setdefault(place.resolve(), (place, []))[1].append((step.name, one.name))
    return list(found.values())


def _base(runs: _Runs, source: Path, keys: Sequence[Key], folder: Path, rows: int) -> Outside | None:
    """So many rows of each table of an input; None where it holds none, or cannot be read."""
    folder.mkdir(parents=True)
    base, take = folder / source.name, asdict(Take(rows, spread=True))
    try:
        runs.reader.ask("sample", source=str(source), target=str(base), take=take)
    except DataError:
        return None
    tables = tuple(table for table in runs.reader.facts(base) if table.is_table and not table.problem)
    step, name = keys[0]
    one = next(one for one in runs.pipeline.step(step).inputs if one.name == name)
    origin = fit.origin(runs.pipeline, one)
    return Outside(tuple(keys), origin, base, tables) if any(table.rows for table in tables) else None


def _size(path: Path) -> int:
    return sum(status.st_size for _, status in walk(path.resolve()))


# --- the runs


def _tried(runs: _Runs, outside: Sequence[Outside], watch: Watcher | None) -> Iterator[EdgeCase]:
    """What comes of the variants, as it comes."""
    chosen = choose(outside, runs.left)
    for number, (one, variant) in enumerate(chosen, 1):
        case = _answered(runs, outside, one, variant, runs.own / f"{number:02}")
        if case:
            yield case  # first: it is known also when what watches is interrupted
        if case and watch:
            watch(number, len(chosen), case)


def _answered(
    runs: _Runs, outside: Sequence[Outside], one: Outside, variant: Variant, own: Path
) -> EdgeCase | None:
    """What comes of one variant; None where it cannot be made.

    Of a variant that is fine nothing is kept; of others the data, and the log of the step.
    """
    data = own / one.base.name
    own.mkdir(parents=True)
    request = {"source": str(one.base), "target": str(data), "variant": variant.kind}
    try:
        runs.reader.ask("vary", **request, columns=list(variant.columns))
    except DataError as error:
        runs.left.append(f"{variant} of {one.name} could not be made: {error}")
        remove(own)
        return None
    bad = _run(runs, own / "run", _lent(outside) | dict.fromkeys(one.keys, data))
    if bad is None:
        remove(own)
        return EdgeCase(one.name, str(variant), "fine")
    case = edge_answers.answered(runs.pipeline, one, str(variant), bad)
    if bad.log and Path(bad.log).exists():
        Path(bad.log).replace(own / "log.txt")
    remove(own / "run")
    message = case.message.replace(fit.origin(runs.pipeline, Input("", path=data)), one.origin)
    rerun = _rerun(runs.pipeline, runs.options, dict.fromkeys(one.keys, data))
    return replace(case, message=message, rerun=rerun)


def _lent(outside: Sequence[Outside]) -> dict[Key, Path]:
    return {key: one.base for one in outside for key in one.keys}


def _run(runs: _Runs, folder: Path, lent: Mapping[Key, Path]) -> StepResult | None:
    """Run the pipeline with some inputs lent, up to the first step that does not pass: gives that."""
    folder.mkdir(parents=True)
    steps = tuple(_step(step, lent, runs.limit) for step in runs.pipeline.steps)
    return runs.run(replace(runs.pipeline, steps=steps), folder)


def _step(step: Step, lent: Mapping[Key, Path], limit: float) -> Step:
    """The step with what is lent to it."""
    inputs = tuple(
        replace(one, path=lent[step.name, one.name], synthetic=None, take=None)
        if (step.name, one.name) in lent
        else one
        for one in step.inputs
    )
    return replace(step, inputs=inputs, timeout=min(step.timeout or limit, limit))


def _rerun(pipeline: Pipeline, options: RunOptions, varied: Mapping[Key, Path]) -> str:
    """The command that runs the same steps once more with that data."""
    words = [word for name in options.steps for word in ("--step", name)]
    words += ["--upstream"] if options.upstream else []
    for (step, name), path in {**options.data, **varied}.items():
        words += ["--data", f"{step}.{name}={path}"]
    return shlex.join(["pipetest", "run", str(pipeline.path or ""), *words, *pipeline.asked])
