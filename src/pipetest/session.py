"""A call from beginning to end: what was asked in, a report out. What the command and the library share."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipetest import __version__, checks
from pipetest.pipeline import SNAPSHOT, Fault, Local, Pipeline, PipelineError, Take
from pipetest.results import EdgeCase, Finding, Report, Status, StepResult

if TYPE_CHECKING:
    from pipetest.planning import RunOptions
    from pipetest.snapshots.snapshot_runs import Keeper

Watcher = Callable[[StepResult], None]


def load(
    path: str | os.PathLike[str],
    local: Local | None = None,
    local_file: str | os.PathLike[str] | None = None,
) -> Pipeline:
    """Read a pipeline file, or a definition for the cloud. Raises PipelineError with all of its faults.

    ``local`` says what is here of what a definition names there, and so does ``local_file``, a file (by
    default ``NAME.local.yaml`` beside the definition), over which ``local`` wins.
    """
    from pipetest import reading

    return reading.load(path, local, local_file)


def check(
    targets: Sequence[str | os.PathLike[str] | Pipeline],
    *,
    steps: Sequence[str] = (),
    jobs: int | None = None,
    timeout: float | None = None,
    fresh: bool = False,
    fail_fast: bool = False,
    local: Local | None = None,
    local_file: str | os.PathLike[str] | None = None,
    watch: Watcher | None = None,
) -> Report:
    """Check scripts, folders of scripts and pipelines: their sources, and whether they load.

    ``steps`` narrows pipeline files to some of their steps, ``jobs`` is how many loads go side by side,
    ``timeout`` the seconds for one load, ``fresh`` starts an interpreter each, ``fail_fast`` stops at the
    first failure, ``local`` and ``local_file`` are as for ``load``, and ``watch`` is called with each result
    as it comes. Raises PipelineError.
    """
    from pipetest import loading

    read = [_target(target, local, local_file) for target in targets]
    if (local is not None or local_file is not None) and not any(isinstance(one, Pipeline) for one in read):
        message = "The options say what is local of a pipeline, and no pipeline is named."
        raise PipelineError([Fault(message, "Name a definition or a pipeline file.")])
    found = loading.find_targets(read, steps)
    refusals: list[Finding] = [checks.passed_over(file) for file in found.passed_over]
    refusals += [finding for one in read if isinstance(one, Pipeline) for finding in one.findings]
    options = loading.CheckOptions(jobs or cores(), timeout, fresh, fail_fast)
    results = loading.check(found.targets, options, refusals.append)
    label = ", ".join(one.name if isinstance(one, Pipeline) else str(one) for one in targets)
    return _collected(results, "check", label, refusals, [target.name for target in found.targets], watch)


def _target(
    target: str | os.PathLike[str] | Pipeline,
    local: Local | None,
    local_file: str | os.PathLike[str] | None,
) -> Path | Pipeline:
    from pipetest.loading import PIPELINE_SUFFIXES

    if isinstance(target, Pipeline):
        return target
    path = Path(target)
    is_pipeline = path.suffix.lower() in PIPELINE_SUFFIXES and not path.is_dir()
    return load(path, local, local_file) if is_pipeline else path


def run(
    pipeline: Pipeline | str | os.PathLike[str],
    *,
    steps: Sequence[str] = (),
    upstream: bool = False,
    data: Mapping[str, str | os.PathLike[str]] | None = None,
    jobs: int | None = None,
    timeout: float | None = None,
    fresh: bool = False,
    fail_fast: bool = False,
    network: bool = False,
    take: Take | None = None,
    update_snapshot: bool = False,
    edge_cases: bool = False,
    workspace: str | os.PathLike[str] | None = None,
    local: Local | None = None,
    local_file: str | os.PathLike[str] | None = None,
    begin: Callable[[Pipeline], None] | None = None,
    watch: Watcher | None = None,
    watch_edges: Callable[[int, int, EdgeCase], None] | None = None,
) -> Report:
    """Run a pipeline along its graph, each step in a sandbox of its own.

    ``steps`` narrows the run to some steps (with ``upstream``, and what they need), ``data`` maps
    ``STEP.INPUT`` or ``s3://...`` to a file or folder, ``timeout`` is the seconds for each step, ``network``
    lets every step use the network, ``take`` gives the steps only some rows of what comes from outside,
    ``update_snapshot`` writes what was found of the outputs beside the file, ``edge_cases`` runs
    it again with data that is hard to take (and calls ``watch_edges`` with each), ``workspace`` is the folder
    for what runs leave (default: ``.pipetest`` beside the pipeline file); ``begin`` is called with what is
    to run, once nothing stands against it. ``local`` and ``local_file`` are for a pipeline that has yet to
    be read. The others are as for ``check``. Raises PipelineError, and SandboxError when the disk refuses.
    """
    from pipetest import planning, runner
    from pipetest import workspace as places

    lent = {key: Path(path).absolute() for key, path in (data or {}).items()}
    whole = _lent(pipeline, lent, local, local_file)
    of_inputs = parse_data(whole, {key: path for key, path in (data or {}).items() if "://" not in key})
    options = planning.RunOptions(
        jobs or cores(),
        timeout,
        fresh,
        fail_fast,
        steps=tuple(steps),
        upstream=upstream,
        data=of_inputs,
        network=network,
        take=take,
    )
    planned = planning.plan(whole, options)
    keeper = _keeper(whole, options, update_snapshot)
    if begin:
        begin(planned)
    home = whole.path.parent if whole.path else Path.cwd()
    folder, lock = places.new_run(Path(workspace).absolute() if workspace else home / ".pipetest")
    with lock:
        refusals: list[Finding] = [*whole.findings, *(keeper.findings if keeper else ())]
        results = runner.run(planned, options, folder, refusals.append)
        results = keeper.judged(results) if keeper else results
        names = [step.name for step in planned.steps]
        report = _collected(results, "run", str(whole.path or whole.name), refusals, names, watch)
        if edge_cases:
            from pipetest.edges.edge_cases import explored  # late: few ask for it

            report = explored(report, planned, options, folder, watch_edges)
        report = replace(report, steps=(*report.steps, *_not_selected(whole, planned)))
        _keep(report, folder)
    if keeper and update_snapshot and not report.interrupted:  # what was not finished is no new normal
        keeper.update()
    return report


def _keeper(pipeline: Pipeline, options: RunOptions, update: bool) -> Keeper | None:
    """What to do with the facts of the run: compare them with the snapshot, or write it anew."""
    path = pipeline.path
    if path is None or not (update or path.with_name(f"{path.stem}{SNAPSHOT}").exists()):
        return None
    from pipetest.snapshots.snapshot_runs import keeper  # late: with what it takes to read YAML

    return keeper(pipeline, options, update)


def _lent(
    pipeline: Pipeline | str | os.PathLike[str],
    data: Mapping[str, Path],
    local: Local | None,
    local_file: str | os.PathLike[str] | None,
) -> Pipeline:
    """The pipeline, read where it has yet to be, with the data that was lent to it."""
    from pipetest import local_files

    if not isinstance(pipeline, Pipeline):
        return load(pipeline, local_files.merged(local or Local(), Local(data=data)), local_file)
    of_places = {key: path for key, path in data.items() if "://" in key}
    return local_files.apply(pipeline, Local(data=of_places)) if of_places else pipeline


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def parse_data(pipeline: Pipeline, data: Mapping[str, str | os.PathLike[str]]) -> dict[tuple[str, str], Path]:
    """``STEP.INPUT`` to path, split where a step's name ends. Raises PipelineError where there is no dot."""
    from pipetest.local_files import split_input

    parsed = {}
    for key, path in data.items():
        step, name = split_input(pipeline, key)
        if not name:
            raise PipelineError(
                [Fault(f"--data {key}={path} names no input.", "Write --data STEP.INPUT=PATH.")]
            )
        parsed[step, name] = Path(path)
    return parsed


def _collected(
    results: Iterator[StepResult],
    command: str,
    pipeline: str,
    findings: list[Finding],
    names: Iterable[str],
    watch: Watcher | None,
) -> Report:
    """Drain the results into a report; an interruption ends it with what was finished."""
    started, clock = datetime.now(UTC), time.perf_counter()
    done: list[StepResult] = []
    interrupted = False
    try:
        for result in results:
            done.append(result)
            if watch:
                watch(result)
    except KeyboardInterrupt:
        interrupted = True
    why = "the run was interrupted" if interrupted else "the first failure stopped the run"
    finished = {result.name for result in done}
    left = [_skipped(name, checks.stopped_early(name, why)) for name in names if name not in finished]
    return Report(
        __version__,
        command,
        pipeline,
        started.isoformat(timespec="seconds"),
        time.perf_counter() - clock,
        tuple(_in_order(done, names)) + tuple(left),
        tuple(findings),
        interrupted,
    )


def _in_order(results: list[StepResult], names: Iterable[str]) -> list[StepResult]:
    """The results in the order in which the steps were named, whatever order they ended in."""
    place = {name: index for index, name in enumerate(names)}
    return sorted(results, key=lambda result: place.get(result.name, len(place)))


def _skipped(name: str, finding: Finding) -> StepResult:
    return StepResult(name, Status.SKIPPED, findings=(finding,))


def _not_selected(whole: Pipeline, planned: Pipeline) -> list[StepResult]:
    selected = {step.name for step in planned.steps}
    names = [step.name for step in whole.steps if step.name not in selected]
    return [_skipped(name, checks.not_selected(name)) for name in names]


def _keep(report: Report, folder: Path) -> None:
    """Leave the report beside what the run left."""
    from pipetest.reporters import render
    from pipetest.workspace import write_whole

    write_whole(folder / ".report.json", render("json", report))
