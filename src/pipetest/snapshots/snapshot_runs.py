"""Snapshots in a run: what steps wrote is held against the snapshot as it comes, or becomes the new one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipetest.data.client import is_available
from pipetest.data.facts import Table, table_from
from pipetest.pipeline import Fault, Pipeline, PipelineError
from pipetest.planning import RunOptions
from pipetest.results import Finding, Severity, Status, StepResult
from pipetest.snapshots import snapshot_files
from pipetest.snapshots.snapshot_files import Snapshot, SnapshotError
from pipetest.workspace import write_whole

WROTE = frozenset({Status.PASSED, Status.STUBBED})  # what they wrote is all that they write


@dataclass(slots=True)
class Keeper:
    """What is to be done with the facts of one run. ``found`` grows with the results."""

    pipeline: Pipeline
    path: Path
    snapshot: Snapshot | None  # to compare with
    made_with: dict[str, str]
    findings: list[Finding] = field(default_factory=list)
    found: dict[tuple[str, str], tuple[Table, ...]] = field(default_factory=dict)

    def judged(self, results: Iterator[StepResult]) -> Iterator[StepResult]:
        """The results, each with what has changed since the snapshot. Later steps run all the same."""
        for result in results:
            if result.status not in WROTE:
                yield result
                continue
            tables = {name: _tables(output) for name, output in result.outputs.items()}
            self.found |= {(result.name, name): of for name, of in tables.items()}
            changes = (
                snapshot_files.compare(result.name, self.snapshot, tables, str(self.path))
                if self.snapshot
                else []
            )
            failed = any(one.severity is Severity.ERROR for one in changes)
            status = Status.FAILED if failed else result.status
            yield replace(result, status=status, findings=(*changes, *result.findings))

    def update(self) -> None:
        """Write the snapshot anew. Raises PipelineError where that would mix data, or cannot be written."""
        known = [(step.name, one.name) for step in self.pipeline.steps for one in step.outputs]
        try:
            previous = snapshot_files.read(self.path)
            text = snapshot_files.write_text(self.pipeline.name, self.found, previous, self.made_with, known)
        except SnapshotError as error:
            raise PipelineError([error.fault]) from error
        try:
            write_whole(self.path, text)
        except OSError as error:
            message = f"{self.path} could not be written: {error.strerror}. It is as it was"
            raise PipelineError(
                [Fault(message, "Free space, or look at its mode; then run again.")]
            ) from error


def keeper(pipeline: Pipeline, options: RunOptions, update: bool) -> Keeper | None:
    """What to do with the facts of a run; None where there is nothing. Raises PipelineError.

    A snapshot is compared with unless it is to be written anew, or was made with other data.
    """
    if pipeline.path is None:
        return None
    path = snapshot_files.path_of(pipeline.path)
    if not is_available():
        return _without_tables(pipeline, path, update)
    kept = Keeper(pipeline, path, None, made_with(options))
    if update:
        _check_writable(path)
        return kept
    try:
        snapshot = snapshot_files.read(path)
    except SnapshotError as error:
        return replace(kept, findings=[snapshot_files.unreadable(error)])
    other = snapshot_files.not_compared(snapshot, kept.made_with, str(path)) if snapshot else None
    return replace(kept, findings=[other]) if other else replace(kept, snapshot=snapshot)


def _check_writable(path: Path) -> None:
    """Raises PipelineError where the snapshot could not be written: before the run, and not after it."""
    if not os.access(path.resolve().parent, os.W_OK):
        message = f"{path} cannot be written: {path.parent} is not writable for this user"
        raise PipelineError([Fault(message, "Copy the pipeline to a folder of yours, or change its mode.")])


def _without_tables(pipeline: Pipeline, path: Path, update: bool) -> Keeper:
    message = f"{path.name} holds facts of tables; DuckDB, which reads tables, is not installed."
    hint = "Install it: pip install 'pipetest[data]'."
    if update:
        raise PipelineError([Fault(message, hint)])
    finding = Finding("snapshot-not-compared", Severity.WARNING, "", message, hint, str(path))
    return Keeper(pipeline, path, None, {}, [finding])


def made_with(options: RunOptions) -> dict[str, str]:
    """The options of a run that change its data."""
    said = {}
    if options.take:
        said["rows"] = str(options.take.count)
        said |= {"spread": ""} if options.take.spread else {}
        said |= {"stratify": options.take.stratify} if options.take.stratify else {}
    if options.data:
        said["data"] = ", ".join(sorted(f"{step}.{name}" for step, name in options.data))
    return said


def _tables(output: object) -> tuple[Table, ...]:
    facts = output.get("facts", ()) if isinstance(output, dict) else ()
    return tuple(table_from(one) for one in facts)
