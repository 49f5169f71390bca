"""``init``: a first pipeline file from a folder of scripts: what their sources say, and room for the rest."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipetest import checks, loading, source
from pipetest.pipeline import Fault, PipelineError, Step
from pipetest.pipeline_file import DEFAULT_NAMES, find_default
from pipetest.results import Severity

LONGEST_NAME = 100
REFUSED = re.compile(r"[/\x00-\x1f\x7f-\x9f]|^\.")  # in the name of an input or output
MENDED = re.compile(r"[./\x00-\x1f\x7f-\x9f]+")  # in the name of a step: a dot, too, for STEP.OUTPUT has one
HEADER = """\
# A first pipeline, written from the scripts in {folder}. What stands behind a # below is for you to fill in.
# inputs: a path relative to this file, or STEP.OUTPUT, which is what another step writes.
# outputs: what the step promises to write; a name with a suffix (metrics.json) is a file, others are folders.
# args: for a script that reads its command line; "{{inputs.NAME}}" and "{{outputs.NAME}}" become paths there.
# Then: `pipetest show` draws it, `pipetest check` loads every script, `pipetest run` runs them on the data.
"""


@dataclass(frozen=True, slots=True)
class _Draft:
    """What the source of one script says that its step should have."""

    script_path: str  # relative to the pipeline file
    entry: str | None  # only where the default would be wrong
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    options: tuple[str, ...]  # that its command line must have


def write_pipeline(folder: Path) -> tuple[Path, int]:
    """Write ``pipeline.yaml`` for the scripts of a folder. Returns its path and the number of its steps.

    It is written to the current folder if the other lies in it, else to the folder itself. Raises
    PipelineError where there are no scripts, where a pipeline file is there already, and where none can
    be written.
    """
    whole = Path(os.path.abspath(folder))  # noqa: PTH100 - a link stays what it was called
    _check_folder(folder)
    home = Path() if whole.is_relative_to(Path.cwd()) else folder
    there = find_default(home)
    if there is not None:
        raise _already(there)
    drafts, unnamed = _drafts(folder, home)
    if not drafts:
        hint = "Name the folder that holds the scripts of the steps; modules of helpers are passed over."
        raise PipelineError([Fault(f"{folder} holds no scripts.", hint)])
    path = home / DEFAULT_NAMES[0]
    _create(
        path, "\n".join([HEADER.format(folder=_quoted(str(folder))), *unnamed, "steps:", *_steps(drafts)])
    )
    return path, len(drafts)


def _check_folder(folder: Path) -> None:
    if not folder.exists():
        raise PipelineError(
            [Fault(f"There is no folder {folder}.", "Name the folder that holds the scripts.")]
        )
    if not folder.is_dir():
        hint = f"Name the folder that holds the scripts: {folder.parent}."
        raise PipelineError([Fault(f"{folder} is not a folder.", hint)])


def _already(path: Path) -> PipelineError:
    hint = f"Look at it with `pipetest show {path}`, or rename it first."
    return PipelineError([Fault(f"{path} is there already; nothing was written.", hint)])


def _create(path: Path, text: str) -> None:
    """Write a file that must not be there yet, whole or not at all."""
    try:
        file = path.open("xb")
    except FileExistsError:
        raise _already(path) from None
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        with file:
            file.write(text.encode())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> PipelineError:
    hint = "Call it from a folder that you may write to, and above the scripts."
    return PipelineError([Fault(f"{path} cannot be written: {error.strerror}.", hint)])


# --- what the scripts say ----------------------------------------------------------------------------------


def _drafts(folder: Path, home: Path) -> tuple[dict[str, _Draft], list[str]]:
    """A draft for each script by the name of its step, and a comment for each that no file can name."""
    drafts: dict[str, _Draft] = {}
    unnamed = []
    for target in loading.find_targets([folder]).targets:
        if target.path is None or target.path.is_dir():
            continue
        place = Path(os.path.relpath(target.path, home)).as_posix()
        if _is_text(place):
            drafts[_step_name(target.path.stem, drafts)] = _draft(target.path, place)
        else:
            unnamed.append(f"# Passed over, because its name is not UTF-8: {_quoted(place)}")
    return drafts, unnamed


def _draft(path: Path, place: str) -> _Draft:
    inputs, outputs = source.path_keys(path)
    entry, is_default = _entry(source.read(path))
    options = _required_options(path) if entry == "script" else ()
    return _Draft(place, None if is_default else entry, inputs, outputs, options)


def _entry(script: source.Source) -> tuple[str, bool]:
    """How the script is best started, and whether that is what an empty step does by default."""
    default = checks.entry_of(Step("step"), script)
    other = "script" if default == "main" else "main"
    if _breaks(script, default) and not _breaks(script, other):
        return other, False
    return default, True


def _breaks(script: source.Source, entry: str) -> bool:
    """Whether the script is certain to fail, or to do nothing, when it is started that way."""
    findings = [
        *checks.no_entry_point("step", script, entry, running=True),
        *checks.relative_import("step", script, entry),
        *(checks.main_signature("step", script) if entry == "main" else ()),
    ]
    return any(finding.severity is Severity.ERROR for finding in findings)


def _required_options(path: Path) -> tuple[str, ...]:
    """The options of ``add_argument("--name", ..., required=True)`` calls, in order."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    found = (
        _required_option(call) for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset))
    )
    return tuple(dict.fromkeys(option for option in found if option))


def _required_option(call: ast.Call) -> str | None:
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "add_argument":
        return None
    if not any(one.arg == "required" and _constant(one.value) is True for one in call.keywords):
        return None
    flags = [
        str(flag) for flag in map(_constant, call.args) if isinstance(flag, str) and flag.startswith("-")
    ]
    return max(flags, key=lambda flag: flag.startswith("--"), default=None)


def _constant(node: ast.expr) -> object:
    return node.value if isinstance(node, ast.Constant) else None


# --- names -------------------------------------------------------------------------------------------------


def _step_name(stem: str, taken: Iterable[str]) -> str:
    """The stem as a name that the pipeline file takes and no other step has."""
    name = MENDED.sub("_", stem).strip()[:LONGEST_NAME] or "step"
    unique, number = name, 1
    while unique in taken:
        number += 1
        ending = f"_{number}"
        unique = name[: LONGEST_NAME - len(ending)] + ending
    return unique


def _is_name(text: str) -> bool:
    """Whether an input or output can have that name."""
    return 0 < len(text) <= LONGEST_NAME and not REFUSED.search(text) and _is_text(text)


def _is_text(text: str) -> bool:
    """Whether the text can stand in a file: Linux has names that are not UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


# --- links -------------------------------------------------------------------------------------------------


def _writers(drafts: Mapping[str, _Draft]) -> dict[str, list[str]]:
    """For the name of each output, the steps that write it."""
    writers: dict[str, list[str]] = {}
    for name, draft in drafts.items():
        for output in filter(_is_name, draft.outputs):
            writers.setdefault(output, []).append(name)
    return writers


def _links(drafts: Mapping[str, _Draft], writers: Mapping[str, list[str]]) -> dict[tuple[str, str], str]:
    """For (step, input), the step that writes it: where one other does, and no way leads in a circle."""
    links: dict[tuple[str, str], str] = {}
    upstream: dict[str, set[str]] = {name: set() for name in drafts}
    for name, draft in drafts.items():
        for one in filter(_is_name, draft.inputs):
            others = [writer for writer in writers.get(one, ()) if writer != name]
            if len(others) == 1 and name not in _all_upstream(others[0], upstream):
                links[name, one] = others[0]
                upstream[name].add(others[0])
    return links


def _all_upstream(name: str, upstream: Mapping[str, set[str]]) -> set[str]:
    found, waiting = set[str](), [name]
    while waiting:
        new = upstream[waiting.pop()] - found
        found |= new
        waiting += new
    return found


# --- the text ----------------------------------------------------------------------------------------------


def _steps(drafts: Mapping[str, _Draft]) -> Iterator[str]:
    """The lines of all steps."""
    writers = _writers(drafts)
    links = _links(drafts, writers)
    for name, draft in drafts.items():
        yield f"  {_quoted(name)}:"
        yield f"    script_path: {_quoted(draft.script_path)}"
        if draft.entry:
            yield f"    entry: {draft.entry}"
        if draft.inputs:
            yield "    inputs:"
            yield from (f"      {_input(name, one, links, writers)}" for one in draft.inputs)
        outputs = [*filter(_is_name, draft.outputs)]
        if outputs:
            yield f"    outputs: [{', '.join(map(_quoted, outputs))}]"
        yield from (_unnameable(one) for one in draft.outputs if one not in outputs)
        if draft.options:
            words = ", ".join(f"{_quoted(one)}, {_quoted(one.lstrip('-').upper())}" for one in draft.options)
            yield f"    # args: [{words}]"
        yield ""


def _input(
    step: str, name: str, links: Mapping[tuple[str, str], str], writers: Mapping[str, list[str]]
) -> str:
    """An input as a link; or as a comment that shows what to write."""
    if not _is_name(name):
        return _unnameable(name).lstrip()
    if (step, name) in links:
        return f"{_quoted(name)}: {_quoted(f'{links[step, name]}.{name}')}"
    choices = [_quoted(f"{writer}.{name}") for writer in writers.get(name, ()) if writer != step]
    others = f"  # or {', '.join(choices[1:])}" if len(choices) > 1 else ""
    return f"# {_quoted(name)}: {choices[0] if choices else 'PATH'}{others}"


def _unnameable(name: str) -> str:
    return f"    # The script also asks for {_quoted(name)}, which cannot be a name here: rename it there."


def _quoted(text: str) -> str:
    """The text as YAML on one line, in quotes where it needs them, also inside of brackets."""
    import yaml

    text = text.encode("utf-8", "backslashreplace").decode()
    style = None if text.isprintable() else '"'
    dumped: str = yaml.safe_dump(
        [text], default_flow_style=True, default_style=style, allow_unicode=True, width=float("inf")
    )
    return dumped.strip()[1:-1]
