"""Snapshots: the facts of every output in a file beside the pipeline file, and what has changed since.

The reader of a diff decides the form. The name of an output begins its line, so that ``git diff`` shows it
above each hunk; a column is one line; numbers are rounded. An update leaves a number that is within the
tolerance as it was: so the diff of the file says what the findings said, and a slow drift adds up until
it is told. What is written of a file is said in ``snapshot_facts``, what differs in ``snapshot_changes``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipetest.data.facts import Table
from pipetest.pipeline import SNAPSHOT, Fault, PipelineError
from pipetest.results import Finding, Severity
from pipetest.snapshots.snapshot_changes import TOLERANCE, Change, kept, output_changes, subject
from pipetest.snapshots.snapshot_facts import Body, observed

if TYPE_CHECKING:
    from pipetest.file_marks import Node

FORMAT = "pipetest-snapshot/1"
HEADER = """\
# What the steps of {name} wrote: facts of each output. `pipetest run` reports what has changed since.
# Accept changes with `pipetest run --update-snapshot`; numbers within the tolerance stay as they are then.
# Yours to edit is `tolerance`: the one here, or one in an output, a file or a column. `any`: not compared.
"""
UPDATE = "`pipetest run --update-snapshot`"
META = ("format", "made_with", "tolerance")  # the keys of the file that are no outputs: those have a dot
_SHARE = {"type": "string", "pattern": r"^(any|[0-9]+(\.[0-9]+)?%)$"}
_LIMITS = {
    "type": "object",
    "properties": dict.fromkeys(TOLERANCE, _SHARE),
    "additionalProperties": False,
}
_COUNT = {"type": "integer", "minimum": 0}
_COLUMN = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "min": {"type": ["number", "string"]},
        "max": {"type": ["number", "string"]},
        "nulls": {"type": "string", "pattern": r"^(some|[0-9]+(\.[0-9]+)?%)$"},
        "distinct": _COUNT,
        "tolerance": _LIMITS,
    },
    "required": ["type"],
    "additionalProperties": False,
}
_TABLE = {
    "type": "object",
    "properties": {
        "format": {"type": "string"},
        "unreadable": {"type": "boolean"},
        "bad_rows": _COUNT,
        "header": {"type": "boolean"},
        "rows": _COUNT,
        "sampled": {"type": "boolean"},
        "keys": {"anyOf": [_COUNT, {"type": "array", "items": {"type": "string"}}]},
        "tolerance": _LIMITS,
        "columns": {"type": "object", "additionalProperties": _COLUMN},
    },
    "required": ["format"],
    "additionalProperties": False,
}
SCHEMA = {
    "type": "object",
    "properties": {
        "format": {"const": FORMAT},
        "made_with": {"type": "object", "additionalProperties": {"type": "string"}},
        "tolerance": _LIMITS,
    },
    "patternProperties": {
        r"\.": {"type": "object", "properties": {"tolerance": _LIMITS}, "additionalProperties": _TABLE}
    },
    "required": ["format"],
    "additionalProperties": False,
}


class SnapshotError(Exception):
    """The snapshot cannot be used. ``fault`` says why, on which line, and what to do."""

    def __init__(self, message: str, hint: str, file: str | None = None, line: int | None = None) -> None:
        super().__init__(message)
        self.fault = Fault(message, hint, file, line)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot as it was read. ``outputs`` are by ``STEP.OUTPUT``, and in them files by their names."""

    outputs: Mapping[str, Body] = field(default_factory=dict)
    tolerance: Mapping[str, str] = field(default_factory=dict)
    made_with: Mapping[str, str] = field(default_factory=dict)
    tree: Node | None = None

    def line(self, place: Iterable[str]) -> int | None:
        """The line of the file where this is said, or where the nearest that is there begins."""
        node, line = self.tree, None
        for key in place:
            node = node.get(key) if node else None
            line = node.line if node else line
        return line


def path_of(pipeline_path: Path) -> Path:
    """Where the snapshot of a pipeline file lies: ``pipeline.snapshot.yaml`` beside ``pipeline.yaml``."""
    return pipeline_path.with_name(f"{pipeline_path.stem}{SNAPSHOT}")


# --- reading


def read(path: Path) -> Snapshot | None:
    """The snapshot in a file; None where there is no file. Raises SnapshotError for one that is broken."""
    try:
        return parse(path.read_text("utf-8"), str(path))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        hint = f"Restore it from version control, or delete it and write a new one: {UPDATE}."
        raise SnapshotError(f"{path.name} cannot be read: {reason}", hint, str(path)) from error


def parse(text: str, file: str) -> Snapshot:
    """The snapshot that a text holds. ``file`` is its name for messages. Raises SnapshotError."""
    from pipetest.file_marks import Faults
    from pipetest.file_yaml import read_yaml

    _refuse_conflicts(text, file)
    faults = Faults(file)
    try:
        tree = read_yaml(text, faults)
    except PipelineError:
        tree = None
    if tree is None or faults.found:
        fault = faults.found[0]
        hint = f"Restore the line from version control, or delete the file and write a new one: {UPDATE}."
        raise SnapshotError(f"{Path(file).name}: {fault.message}", hint, file, fault.line)
    body = tree.plain()
    _refuse_strange(tree, body, file)
    outputs = {key: value for key, value in body.items() if key not in META}
    return Snapshot(outputs, body.get("tolerance", {}), body.get("made_with", {}), tree)


def _refuse_conflicts(text: str, file: str) -> None:
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(("<<<<<<< ", ">>>>>>> ", "||||||| ")) or line == "=======":
            message = f"{Path(file).name} has the markers of a merge conflict that is not resolved"
            hint = f"Take either side (`git checkout --ours` or `--theirs`), and then run {UPDATE}."
            raise SnapshotError(message, hint, file, number)


def _refuse_strange(tree: Node, body: object, file: str) -> None:
    """Raises SnapshotError where the text is YAML, and is not as pipetest writes it."""
    import jsonschema_rs

    error = next(jsonschema_rs.validator_for(SCHEMA).iter_errors(body), None)
    if error is None:
        return
    place, node = list(error.instance_path), tree
    for key in place:
        node = node.get(key) or node
    where = f" in {'.'.join(map(str, place))}" if place else ""
    message = f"{Path(file).name} is not as pipetest writes it{where}: {error.message[:160]}"
    hint = "Tolerances are written as `{rows: 10%, range: any, nulls: 0%}`; "
    hint += f"all else is written by {UPDATE}: restore it, or delete the file and write a new one."
    raise SnapshotError(message, hint, file, node.line)


# --- writing


def write_text(
    pipeline_name: str,
    found: Mapping[tuple[str, str], tuple[Table, ...]],
    previous: Snapshot | None,
    made_with: Mapping[str, str],
    known: Sequence[tuple[str, str]] | None = None,
) -> str:
    """The text of a snapshot.

    ``found`` are the facts of each (step, output) that was written now. Others are kept from the previous
    snapshot, as are the tolerances. ``known`` are all (step, output) of the pipeline in its order: what is
    not among them is dropped. ``made_with`` are options that change the data. Raises SnapshotError where
    outputs that were made with other options would have to be kept.
    """
    old = previous or Snapshot()
    new = {f"{step}.{output}": observed(tables) for (step, output), tables in found.items()}
    order = (
        [f"{step}.{output}" for step, output in known or ()] if known is not None else [*old.outputs, *new]
    )
    left = [name for name in dict.fromkeys(order) if name not in new and name in old.outputs]
    if left and dict(old.made_with) != dict(made_with):
        raise _mixed(old.made_with, left)
    outputs: dict[str, Body] = {}
    for name in dict.fromkeys(order):
        if name in new:
            outputs[name] = kept(old.outputs.get(name, {}), new[name], old.tolerance)
        elif name in old.outputs:
            outputs[name] = dict(old.outputs[name])
    head: Body = {"format": FORMAT, "tolerance": _Line(TOLERANCE | dict(old.tolerance))}
    if made_with:
        head["made_with"] = _Line(made_with)
    parts = [head, *({name: _laid_out(body)} for name, body in outputs.items() if body)]
    return HEADER.format(name="".join(filter(str.isprintable, pipeline_name))) + "\n".join(
        map(_dumped, parts)
    )


def _mixed(made_with: Mapping[str, str], left: Sequence[str]) -> SnapshotError:
    message = (
        f"The snapshot was made {_options(made_with)}, this run was not, and it wrote no {left[0]}"
        f"{f' and {len(left) - 1} more outputs' if len(left) > 1 else ''}: a snapshot cannot hold both"
    )
    hint = "Update it with the same options, or with a run of all steps."
    return SnapshotError(message, hint)


def _dumped(part: Body) -> str:
    """One part of the file as text."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        style = None if value.isprintable() else '"'
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style)

    def line(dumper: yaml.SafeDumper, value: _Line) -> yaml.MappingNode:
        return dumper.represent_mapping("tag:yaml.org,2002:map", value.items(), flow_style=True)

    Dumper.add_representer(str, text)
    Dumper.add_representer(_Line, line)
    dumped = yaml.dump(
        part, Dumper=Dumper, sort_keys=False, default_flow_style=False, allow_unicode=True, width=float("inf")
    )
    return str(dumped)


class _Line(dict[str, Any]):
    """A mapping that is written on one line."""


def _laid_out(files: Body) -> Body:
    """An output with what is to be on one line."""
    return {
        name: _Line(body) if name == "tolerance" else _laid_out_file(body) for name, body in files.items()
    }


def _laid_out_file(body: Body) -> Body:
    if "columns" not in body and not isinstance(body.get("keys"), list):
        return _Line(body)
    laid = {key: _Line(value) if key == "tolerance" else value for key, value in body.items()}
    if "columns" in body:
        laid["columns"] = {name: _Line(column) for name, column in body["columns"].items()}
    return laid


# --- judging


def compare(
    step: str, snapshot: Snapshot, found: Mapping[str, tuple[Table, ...]], file: str
) -> list[Finding]:
    """``snapshot-changed``: what differs in the outputs of a step, one finding for each output.

    ``found`` are the facts of all outputs of the step, none for one that it did not write; ``file`` is the
    path of the snapshot.
    """
    findings = []
    for output, tables in found.items():
        name = f"{step}.{output}"
        changes = output_changes(snapshot.outputs.get(name), observed(tables), snapshot.tolerance)
        if changes:
            findings.append(
                _changed(step, output, sorted(changes, key=lambda one: one.weight), snapshot, file)
            )
    return findings


def _changed(step: str, output: str, changes: Sequence[Change], snapshot: Snapshot, file: str) -> Finding:
    """The finding for an output. The heaviest change comes first."""
    first = changes[0]
    said = [one.words for one in changes if one.table == first.table][:2]
    more = len(changes) - len(said)
    others = f", and {more} more {'change' if more == 1 else 'changes'}" if more else ""
    hint = f"If that is meant, accept it with {UPDATE}; if not, see what changed in {step} or its inputs."
    if first.limit:
        hint += (
            f" Where it varies from run to run, widen `tolerance: {{{first.limit}: ...}}` in the snapshot."
        )
    return Finding(
        "snapshot-changed",
        Severity.ERROR if first.is_grave else Severity.WARNING,
        step,
        f"{subject(step, output, first.table)}: {', '.join(said)}{others}.",
        hint,
        file,
        snapshot.line([f"{step}.{output}", *first.place]),
        _detail(changes),
    )


def _detail(changes: Collection[Change]) -> str:
    """All changes, under the names of their files."""
    lines: list[str] = []
    for table in dict.fromkeys(one.table for one in changes):
        lines += [table] if table else []
        lines += ["  " * bool(table) + line for one in changes if one.table == table for line in one.lines]
    return "\n".join(lines)


def unreadable(error: SnapshotError) -> Finding:
    """``snapshot-unreadable``: there is a snapshot, and nothing can be compared with it."""
    fault = error.fault
    return Finding(
        "snapshot-unreadable", Severity.ERROR, "", f"{fault.message}.", fault.hint, fault.file, fault.line
    )


def not_compared(snapshot: Snapshot, made_with: Mapping[str, str], file: str) -> Finding | None:
    """``snapshot-not-compared``: this run had other data than the snapshot; None where it had the same."""
    if dict(snapshot.made_with) == dict(made_with):
        return None
    message = (
        f"Nothing was compared with {Path(file).name}: it was made {_options(snapshot.made_with)}, "
        f"and this run was {_options(made_with)}."
    )
    hint = (
        f"Run {_options(snapshot.made_with)} to compare; {UPDATE} makes it anew with the options of the run."
    )
    line = snapshot.line(["made_with"])
    return Finding("snapshot-not-compared", Severity.NOTE, "", message, hint, file, line)


def _options(made_with: Mapping[str, str]) -> str:
    words = [f"--{name} {value}".strip() for name, value in made_with.items()]
    return f"with `{' '.join(words)}`" if words else "without options that change the data"
