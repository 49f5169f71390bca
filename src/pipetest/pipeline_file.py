"""Read a pipeline file: from text to a ``Pipeline``, or to all that is wrong with it.

``file_formats`` and ``file_yaml`` make a tree of values that know their line, ``file_shape`` holds it
against the published schema, and this module reads what it means: steps and
their scripts, with ``file_links`` for the names that must lead somewhere.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipetest import file_columns, file_formats, file_shape
from pipetest.file_links import (
    Scope,
    check_conditions,
    check_cycles,
    check_needs,
    check_placeholders,
    env_of,
    linked,
    source,
)
from pipetest.file_marks import Faults, Node, check_path, named_items, names_in, names_of, texts
from pipetest.pipeline import Fault, Input, Output, Pipeline, PipelineError, Step, Synthetic, Take, Value

DEFAULT_NAMES = ("pipeline.yaml", "pipeline.yml", "pipeline.toml", "pipeline.json")
SCRIPT_DIRS = (".", "scripts", "src")
KINDS = {"condition": "condition", "fail": "fail", "record": "record", "needs_container": "container"}


def load(path: Path) -> Pipeline:
    """Read a YAML, TOML or JSON pipeline file.

    Raises PipelineError with all faults of the file, each with its line and the nearest right spelling
    of a name that was missed. Whether scripts and outside inputs exist is not asked here.
    """
    faults = Faults(str(path))
    file = Path(os.path.abspath(path))  # noqa: PTH100 - a link stays what it was called
    with _no_garbage_collection():
        root = file_formats.read(file, faults)
        in_doubt = file_shape.check(root, faults)
        pipeline = _pipeline(root, file, in_doubt, faults)
    if faults.found:
        raise PipelineError(sorted(faults.found, key=lambda fault: fault.line or 0))
    return pipeline


def find_default(folder: Path) -> Path | None:
    """The pipeline file that a folder has when none is named: the first of ``DEFAULT_NAMES``, or None."""
    there = (folder / name for name in DEFAULT_NAMES)
    return next((path for path in there if os.path.isfile(path)), None)  # noqa: PTH113 - never raises


def missing_paths(pipeline: Pipeline, selected: Collection[str]) -> list[Fault]:
    """A fault for each outside input, and each stub, of the selected steps that does not exist.

    The inputs of a step that does not run (it has a stub, say) are not asked for; nor are optional ones.
    What lies in production, and has no path here, is not asked for either: that is no matter of files.
    """
    faults = Faults(str(pipeline.path) if pipeline.path else None)
    for step in pipeline.steps:
        if step.name not in selected:
            continue
        if step.stub is not None:
            check_path(step.stub, f"the stub of {step.name}", "", step.line, faults)
        elif step.kind == "script":
            for given in step.inputs:
                if not given.optional:
                    _check_input(given, f"{step.name}.{given.name}", faults)
    return faults.found


def _check_input(given: Input, where: str, faults: Faults) -> None:
    advice = f"end it one: --data {where}=PATH"
    if given.path is not None:
        check_path(given.path, f"the input {where}", f" Or l{advice}", given.line, faults)
    elif given.synthetic is not None and given.synthetic.like is not None:
        check_path(given.synthetic.like, f"`like` of the input {where}", "", given.line, faults)
    elif given.from_step is None and given.uri is None and given.synthetic is None:
        faults.add(f"the input {where} is left open", f"L{advice}", given.line)


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """A tree of 100,000 new objects, all in use: looking for garbage among them doubles the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _pipeline(root: Node, path: Path, in_doubt: set[str], faults: Faults) -> Pipeline:
    steps = root.get("steps")
    if steps is None or not isinstance(steps.value, dict) or not steps.value:
        raise PipelineError(faults.found)
    folder = path.parent
    dirs = root.get("script_dirs")
    scope = Scope(
        folder,
        faults,
        {name: names_of(body.get("outputs")) for name, body in steps.value.items()},
        in_doubt,
        [_listed(folder / text) for text in (texts(dirs) if dirs else SCRIPT_DIRS)],
        root.get("defaults") or Node({}),
    )
    made = tuple(_step(name, body, scope) for name, body in steps.value.items())
    check_needs(steps, scope)
    check_conditions(steps, scope)
    check_cycles(made, steps, scope)
    name = path.parent.name if path.stem == "pipeline" else path.stem
    return Pipeline(_plain(root, "pipeline") or name or "pipeline", made, path)


# ---- one step


def _step(name: str, body: Node, scope: Scope) -> Step:
    inputs, outputs = body.get("inputs"), body.get("outputs")
    entry, stub = body.get("entry"), _path(body, "stub", scope)
    is_command = entry is not None and isinstance(entry.value, list)
    kind, says = _kind(name, body, scope)
    given = _path(body, "script_path", scope)
    is_sought = kind == "script" and not is_command and stub is None and body.get("code_uri") is None
    script, looked_for = _script(name, given, scope) if is_sought else (given, ())
    python = _inherited(body, "python", scope)
    step = Step(
        name=name,
        script_path=script,
        looked_for=looked_for,
        inputs=tuple(_input(name, key, node, scope) for key, node in named_items(inputs)),
        outputs=tuple(_output(key, node) for key, node in named_items(outputs)),
        needs=tuple(texts(body.get("needs"))),
        args=tuple(texts(body.get("args"))),
        job_args=_plain(body, "job_args") or {},
        env={key: node.text for key, node in env_of(body, scope).items()},
        pass_env=tuple(texts(body.get("pass_env") or scope.defaults.get("pass_env"))),
        entry=tuple(texts(entry)) if is_command else _plain(body, "entry"),
        stub=stub,
        timeout=_inherited(body, "timeout", scope),
        python=str(scope.folder / python) if python and ("/" in python or os.sep in python) else python,
        network=_inherited(body, "network", scope) or False,
        line=body.line,
        kind=kind,
        says=says,
        job=_plain(body, "job"),
        source_dir=_path(body, "source_dir", scope),
        code_path=_plain(body, "code_path"),
        code_uri=_plain(body, "code_uri"),
        working_dir=_plain(body, "working_dir"),
        hyperparameters=_plain(body, "hyperparameters") or {},
        condition=tuple(_plain(body, "condition") or ()),
        only_if=_only_if(_plain(body, "only_if")),
        values={key: _value(name, key, node, scope) for key, node in named_items(body.get("values"))},
    )
    if name not in scope.in_doubt:
        check_placeholders(step, body, scope)
    for key, ends in (("inputs", inputs), ("outputs", outputs)):
        file_columns.check(ends, file_shape.place(["steps", name, key]), scope.faults)
    return step


def _kind(name: str, body: Node, scope: Scope) -> tuple[str, str]:
    """What there is to do, and what the file says of it; a fault where it says more than one thing."""
    said = [key for key in (*KINDS, "script_path", "entry") if body.get(key) is not None]
    if not said or said[0] not in KINDS:
        return "script", ""
    if len(said) > 1:
        place = file_shape.place(["steps", name])
        scope.faults.add(f'{place} has both "{said[0]}" and "{said[1]}"', "Keep one of them.", body.line)
    says = _plain(body, said[0])
    return KINDS[said[0]], says if isinstance(says, str) else ""


def _only_if(said: str | dict[str, bool] | None) -> dict[str, bool]:
    return {said: True} if isinstance(said, str) else said or {}


def _value(step: str, name: str, node: Node, scope: Scope) -> Value:
    where: list[str | int] = ["steps", step, "values", name]
    link = node.get("from")  # none where that was a fault
    from_step, from_output, _ = linked(link, where, scope) if link is not None else (None, None, None)
    file, path = _plain(node, "file"), _plain(node, "path")
    return Value(from_step or "", from_output or "", file or "", path or "")


def _script(name: str, given: Path | None, scope: Scope) -> tuple[Path | None, tuple[Path, ...]]:
    if given is not None:
        return given, (given,)
    script = f"{name}.py"
    places = tuple(folder / script for folder, _ in scope.script_dirs)
    there = (folder / script for folder, names in scope.script_dirs if script in names)
    return next((path for path in there if os.path.isfile(path)), None), places  # noqa: PTH113


def _listed(folder: Path) -> tuple[Path, frozenset[str]]:
    """A folder and the names in it: listed once, where asking for each step would take three calls."""
    return folder, frozenset(names_in(folder))


def _output(name: str, node: Node) -> Output:
    return Output(
        name=name,
        container_path=_plain(node, "container_path"),
        archive=_plain(node, "archive"),
        files=tuple(texts(node.get("files"))),
        columns=_plain(node, "columns"),
        rows=_rows(_plain(node, "rows")),
        schema=_plain(node, "schema"),
        optional=_plain(node, "optional") or False,
        line=node.line,
    )


def _rows(value: str | float | None) -> str | None:
    return value.strip() if isinstance(value, str) else None if value is None else str(int(value))


def _input(step: str, name: str, node: Node, scope: Scope) -> Input:
    from_step, from_output, path = source(node, ["steps", step, "inputs", name], scope)
    rows = _plain(node, "rows")
    is_made = (
        path is None
        and from_step is None
        and (node.get("columns") is not None or node.get("like") is not None)
    )
    return Input(
        name=name,
        from_step=from_step,
        from_output=from_output,
        path=path,
        uri=_plain(node, "uri"),
        below=_plain(node, "below"),
        container_path=_plain(node, "container_path"),
        columns=_plain(node, "columns"),
        rows=_expected(rows),
        files=tuple(texts(node.get("files"))),
        schema=_plain(node, "schema"),
        take=None if is_made else _take(rows),
        synthetic=_synthetic(node, _take(rows), scope) if is_made else None,
        optional=_plain(node, "optional") or False,
        line=node.line,
    )


def _expected(rows: Any) -> str | None:
    """How many rows an input must have: a bare number says how many to take."""
    said = rows.get("expect") if isinstance(rows, dict) else rows if isinstance(rows, str) else None
    return _rows(said)


def _take(rows: Any) -> Take | None:
    if isinstance(rows, dict):
        count = rows.get("take")  # none where that was a fault
        return Take(count, rows.get("spread", False), rows.get("stratify")) if count else None
    return Take(int(rows)) if isinstance(rows, (int, float)) else None


def _synthetic(node: Node, take: Take | None, scope: Scope) -> Synthetic:
    """What to generate for an input that has columns and comes from nowhere."""
    usual = Synthetic()
    return Synthetic(
        take.count if take else usual.rows,
        _plain(node, "format"),
        _path(node, "like", scope),
        _plain(node, "seed") or usual.seed,
    )


def _plain(node: Node, key: str) -> Any:
    found = node.get(key)
    return found.plain() if found is not None else None


def _inherited(body: Node, key: str, scope: Scope) -> Any:
    own = body.get(key)
    return own.value if own is not None else _plain(scope.defaults, key)


def _path(body: Node, key: str, scope: Scope) -> Path | None:
    found = body.get(key)
    return scope.folder / found.value if found is not None else None
