"""Write a pipeline as a file of our own: what ``pipeline_file`` reads again as an equal ``Pipeline``.

What is not written: what an importer found, where scripts were looked for, and the lines. Whatever
kind of pipeline it was, the file that is written says all of it, without defaults.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

import yaml

from pipetest.pipeline import Input, Output, Pipeline, Step, Synthetic, Take, Value
from pipetest.pipeline_file import KINDS

WIDEST = 90  # characters of a list or mapping on one line
ODD_BREAKS = "\r\x85\u2028\u2029\ufeff"
KEYS = {kind: key for key, kind in KINDS.items()}


def to_yaml(pipeline: Pipeline, folder: Path) -> str:
    """The text of a pipeline file that is to lie in ``folder``: paths below it are written relative to it."""
    home = Path(os.path.abspath(folder))  # noqa: PTH100 - a link stays what it was called
    tree = {
        "pipeline": pipeline.name,
        "script_dirs": _script_dirs(pipeline, home),
        "steps": {step.name: _step(step, home) or None for step in pipeline.steps},
    }
    text: str = yaml.dump(
        {key: value for key, value in tree.items() if value is not None},
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=float("inf"),  # a long text stays on its line
    )
    return text


class _Dumper(yaml.SafeDumper):
    """As a person would write it: what is short and flat on one line, nothing for null, no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        """Nothing is named once and meant twice."""
        return True

    def serialize_node(self, node: Any, parent: Any, index: Any) -> None:
        """Lay a list or mapping out before it is written."""
        if not isinstance(node, yaml.ScalarNode):
            parts = [part for item in node.value for part in (item if isinstance(item, tuple) else (item,))]
            is_flat = all(isinstance(part, yaml.ScalarNode) and "\n" not in part.value for part in parts)
            node.flow_style = is_flat and sum(len(part.value) + 4 for part in parts) <= WIDEST
        super().serialize_node(node, parent, index)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """A text; PyYAML takes some characters for the ends of lines, and folds them unless they are escaped."""
    style = '"' if any(mark in text for mark in ODD_BREAKS) else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


def _nothing(dumper: yaml.SafeDumper, _: None) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:null", "")


_Dumper.add_representer(str, _text)
_Dumper.add_representer(type(None), _nothing)


def _script_dirs(pipeline: Pipeline, home: Path) -> list[str] | None:
    """The folders where the scripts that were not found are to be looked for; None where all were found."""
    lost = [step for step in pipeline.steps if _is_sought(step)]
    if not lost:
        return None
    folders = dict.fromkeys(place.parent for step in lost for place in step.looked_for)
    return [_path(folder, home) for folder in folders]


def _is_sought(step: Step) -> bool:
    is_elsewhere = step.code_uri is not None or step.stub is not None or isinstance(step.entry, tuple)
    return step.kind == "script" and step.script_path is None and not is_elsewhere


def _step(step: Step, home: Path) -> dict[str, Any]:
    """The keys of a step that say something."""
    is_script, is_decided = step.kind == "script", step.kind == "condition"
    said = {
        "script_path": _maybe(step.script_path, home) if is_script else None,
        "source_dir": _maybe(step.source_dir, home),
        "code_uri": step.code_uri,
        "job": step.job,
        "code_path": step.code_path,
        "working_dir": step.working_dir,
        "entry": _plain(step.entry) if is_script else None,
        **({} if is_script else {KEYS[step.kind]: _plain(step.condition) if is_decided else step.says}),
        "only_if": _only_if(step.only_if),
        "needs": list(step.needs) or None,
        "stub": _maybe(step.stub, home),
        "inputs": {given.name: _input(given, home) for given in step.inputs} or None,
        "outputs": _outputs(step.outputs),
        "values": {name: _value(value) for name, value in step.values.items()} or None,
        "args": list(step.args) or None,
        "job_args": _plain(step.job_args) or None,
        "hyperparameters": _plain(step.hyperparameters) or None,
        "env": _plain(step.env) or None,
        "pass_env": list(step.pass_env) or None,
        "timeout": step.timeout,
        "python": _python(step.python, home),
        "network": step.network or None,
    }
    return _given(said)


def _only_if(outcomes: Mapping[str, bool]) -> str | dict[str, bool] | None:
    if list(outcomes.values()) == [True]:
        return next(iter(outcomes))
    return dict(outcomes) or None


def _input(given: Input, home: Path) -> str | dict[str, Any]:
    said = _given(
        {
            "from": f"{given.from_step}.{given.from_output}" if given.from_step is not None else None,
            "below": given.below,
            "path": _maybe(given.path, home),
            "uri": given.uri,
            "container_path": given.container_path,
            "columns": _plain(given.columns),
            "rows": _input_rows(given),
            "files": list(given.files) or None,
            "schema": given.schema,
            **_synthetic(given.synthetic, home),
            "optional": given.optional or None,
        }
    )
    if list(said) == ["path"]:  # as a text it needs a slash, so that it is taken for no link
        return said["path"] if "/" in said["path"] else f"./{said['path']}"
    return said["from"] if list(said) == ["from"] else said


def _input_rows(given: Input) -> int | str | dict[str, Any] | None:
    """How many rows to take, and how many there must be."""
    take = given.take or (Take(given.synthetic.rows) if given.synthetic else None)
    if take is None:
        return given.rows
    said = {
        "take": take.count,
        "spread": take.spread or None,
        "stratify": take.stratify,
        "expect": given.rows,
    }
    said = _given(said)
    return take.count if list(said) == ["take"] else said


def _synthetic(made: Synthetic | None, home: Path) -> dict[str, Any]:
    if made is None:
        return {}
    return {"format": made.format, "like": _maybe(made.like, home), "seed": made.seed or None}


def _value(value: Value) -> dict[str, str]:
    return _given({"from": f"{value.step}.{value.output}", "file": value.file or None, "path": value.path})


def _outputs(outputs: Sequence[Output]) -> list[str] | dict[str, Any] | None:
    said = {
        output.name: _given(
            {
                "container_path": output.container_path,
                "archive": output.archive,
                "files": list(output.files) or None,
                "columns": _plain(output.columns),
                "rows": output.rows,
                "schema": output.schema,
                "optional": output.optional or None,
            }
        )
        for output in outputs
    }
    if not any(said.values()):
        return list(said) or None
    return {name: promise or None for name, promise in said.items()}


def _maybe(path: Path | None, home: Path) -> str | None:
    return None if path is None else _path(path, home)


def _path(path: Path, home: Path) -> str:
    """The path as a file in ``home`` names it: relative where it lies below, else in full."""
    whole = path if path.is_absolute() else Path(os.path.abspath(path))  # noqa: PTH100 - links as called
    return (whole.relative_to(home) if whole.is_relative_to(home) else whole).as_posix()


def _python(python: str | None, home: Path) -> str | None:
    """An interpreter: a name on PATH as it is, a path with a slash."""
    if python is None or not PurePath(python).is_absolute():
        return python
    text = _path(Path(python), home)
    return text if "/" in text else f"./{text}"


def _given(said: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in said.items() if value is not None}


def _plain(value: Any) -> Any:
    """The value as dicts, lists and single values, which is what YAML knows."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value
