"""The names in a pipeline file that must lead somewhere: links, needs, values; and no way in a circle.

Each check adds its faults to those of the file, with the nearest right spelling.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipetest import file_shape
from pipetest.file_marks import Faults, Node, items_of, named_items, short
from pipetest.pipeline import PLACEHOLDER, Step

SUFFIX = re.compile(r"[^.]\.\w{1,8}$")
LONGEST_NAME = 100
MOST_CYCLES = 10
MOST_SHOWN = 20
_Where = list[str | int]  # the keys that lead to an input or a value
Source = tuple[str | None, str | None, Path | None]  # the step and output of a link, or a path
NOWHERE: Source = (None, None, None)
BELOW = 'Add from: STEP.OUTPUT, or write the whole path in "path".'


@dataclass(frozen=True, slots=True)
class Scope:
    """What must be known of the whole file to read one step of it."""

    folder: Path
    faults: Faults
    outputs: dict[str, list[str]]  # of each step
    in_doubt: set[str]  # steps whose inputs or outputs have a fault: more about them would be noise
    script_dirs: list[tuple[Path, frozenset[str]]]  # and what lies in them
    defaults: Node


def source(node: Node, where: _Where, scope: Scope) -> Source:
    """Where an input comes from: a step and its output, or a path; nothing of these where it has a fault."""
    if isinstance(node.value, str):
        return _link_or_path(node.value, node.line, where, scope)
    link, path = node.get("from"), node.get("path")
    if link is None and node.get("below") is not None:
        scope.faults.add(f'{file_shape.place(where)} has "below" and no "from"', BELOW, node.line)
    if link is not None and path is not None:
        scope.faults.add(
            f'{file_shape.place(where)} has both "from" and "path"', "Keep one of them.", node.line
        )
    elif path is not None:
        return None, None, scope.folder / path.value
    elif link is not None:
        return linked(link, where, scope)
    elif all(node.get(key) is None for key in ("columns", "like", "uri", "container_path")):
        hint = "Add from: STEP.OUTPUT, or path: PATH."
        scope.faults.add(f'{file_shape.place(where)} has neither "from" nor "path"', hint, node.line)
    return NOWHERE


def linked(node: Node, where: _Where, scope: Scope) -> Source:
    """The step and the output that a text names; nothing, and a fault, where it names none."""
    return _link(node.value, node.line, where, scope) or _no_link(node.value, node.line, where, scope)


def _link_or_path(text: str, line: int | None, where: _Where, scope: Scope) -> Source:
    step = _known_step(text, scope.outputs)
    if step is not None and text[len(step) + 1 :] in scope.outputs[step]:
        return step, text[len(step) + 1 :], None
    path = scope.folder / text
    if "/" in text or "\\" in text or os.path.exists(path):  # noqa: PTH110 - Path.exists may raise
        return None, None, path
    if step is None and SUFFIX.search(text) and _near_step(text, scope) is None:
        return None, None, path
    return _link(text, line, where, scope) or _no_link(text, line, where, scope)


def _known_step(text: str, steps: Collection[str]) -> str | None:
    """The longest name of a step that the text begins with, before a dot."""
    end = text.rfind(".", 0, LONGEST_NAME + 1)
    while end > 0 and text[:end] not in steps:
        end = text.rfind(".", 0, end)
    return text[:end] if end > 0 else None


def _near_step(text: str, scope: Scope) -> tuple[str, str] | None:
    """The step that a misspelt link may mean, and what follows its name."""
    for head in dict.fromkeys((text.partition(".")[0], text.rpartition(".")[0])):
        near = scope.faults.nearest(head, scope.outputs, cutoff=0.75)
        if near is not None and len(head) < len(text):
            return near, text[len(head) + 1 :]
    return None


def _link(text: str, line: int | None, where: _Where, scope: Scope) -> Source | None:
    """A link to a known step; None where no step of that name is known."""
    step = _known_step(text, scope.outputs)
    if step is None:
        return None
    output = text[len(step) + 1 :]
    if output not in scope.outputs[step] and step not in scope.in_doubt:
        hint = _outputs_hint(step, output, scope)
        scope.faults.add(
            f'{file_shape.place(where)}: the step "{step}" has no output "{short(output)}"', hint, line
        )
    return step, output, None


def _outputs_hint(step: str, output: str, scope: Scope) -> str:
    known = scope.outputs[step]
    if not known:
        return f'"{step}" declares no outputs: add "{short(output)}" under its outputs.'
    near = scope.faults.nearest(output, known)
    advice = f'Did you mean "{step}.{near}"? ' if near else ""
    return f"{advice}Its outputs: {', '.join(known[:MOST_SHOWN])}."


def _no_link(text: str, line: int | None, where: _Where, scope: Scope) -> Source:
    near = _near_step(text, scope)
    if text in scope.outputs:
        hint = f"Name one of its outputs, such as {text}.{(scope.outputs[text] or ['OUTPUT'])[0]}"
        scope.faults.add(
            f'{file_shape.place(where)} is "{text}", a step and not one of its outputs', hint, line
        )
    elif near is not None:
        step, output = near
        close = scope.faults.nearest(output, scope.outputs[step]) or output
        missed = text.removesuffix(f".{output}")
        hint = f'Did you mean "{step}.{short(close)}"? A path is written with a slash: ./{short(text)}'
        scope.faults.add(f'{file_shape.place(where)}: there is no step "{short(missed)}"', hint, line)
    else:
        hint = f"Write STEP.OUTPUT, or a path with a slash: ./{short(text)}"
        said = f'is "{short(text)}", neither an output of a step nor a path that exists'
        scope.faults.add(f"{file_shape.place(where)} {said}", hint, line)
    return NOWHERE


def env_of(body: Node, scope: Scope) -> dict[str, Node]:
    """The environment of a step over that of the defaults."""
    default, own = scope.defaults.get("env"), body.get("env")
    return {**(default.value if default else {}), **(own.value if own else {})}


def check_placeholders(step: Step, body: Node, scope: Scope) -> None:
    """A fault for each ``{inputs.NAME}``, ``{outputs.NAME}`` or ``{values.NAME}`` that a step has not."""
    words = [("args", node) for node in items_of(body.get("args"))]
    words += [("entry", node) for node in items_of(body.get("entry"))]
    words += [("env", node) for node in env_of(body, scope).values()]
    named = [
        (key, kind, name, node)
        for key, node in words
        for kind, name in (PLACEHOLDER.findall(node.text) if "{" in node.text else ())
    ]
    named += [
        (key, "values", name, node)
        for key in ("hyperparameters", "fail")
        for node in _leaves(body.get(key))
        for kind, name in (PLACEHOLDER.findall(node.value) if isinstance(node.value, str) else ())
        if kind == "values"
    ]
    known = {
        "inputs": [item.name for item in step.inputs],
        "outputs": [item.name for item in step.outputs],
        "values": [*step.values],
    }
    for key, kind, name, node in named:
        if name not in known[kind]:
            where = file_shape.place(["steps", step.name, key])
            message = f'{where} names "{{{kind}.{short(name)}}}", which is unknown'
            scope.faults.add(message, _placeholder_hint(kind, name, known[kind], scope), node.line)
    _check_operands(step, body, scope)


def _leaves(node: Node | None) -> Iterator[Node]:
    """The single values in a tree."""
    if node is None:
        return
    if isinstance(node.value, dict | list):
        for below in node.value.values() if isinstance(node.value, dict) else node.value:
            yield from _leaves(below)
    else:
        yield node


def _check_operands(step: Step, body: Node, scope: Scope) -> None:
    """A fault for each ``{value: NAME}`` in a condition that is none of the step's values."""
    for node in _operands(body.get("condition")):
        if node.value not in step.values:
            where = file_shape.place(["steps", step.name, "condition"])
            near = scope.faults.nearest(node.value, step.values)
            advice = f'Did you mean "{near}"? ' if near else ""
            hint = f"{advice}The values of this step: {', '.join([*step.values][:MOST_SHOWN]) or 'none'}."
            scope.faults.add(
                f'{where} names the value "{short(node.value)}", which is unknown', hint, node.line
            )


def _operands(node: Node | None) -> Iterator[Node]:
    if node is None:
        return
    for below in items_of(node):
        for key, item in below.value.items() if isinstance(below.value, dict) else ():
            if key == "value":
                yield item
            else:
                yield from _operands(item)


def _placeholder_hint(kind: str, name: str, known: list[str], scope: Scope) -> str:
    near = scope.faults.nearest(name, known)
    advice = f'Did you mean "{{{kind}.{near}}}"? ' if near else ""
    return f"{advice}The {kind} of this step: {', '.join(known[:MOST_SHOWN]) or 'none'}."


def check_needs(steps: Node, scope: Scope) -> None:
    """A fault for each step that is needed and unknown."""
    for name, body in steps.value.items():
        for node in items_of(body.get("needs")):
            if node.value not in scope.outputs:
                _no_step(node.value, node.line, ["steps", name, "needs"], [*scope.outputs], scope)


def _no_step(missed: str, line: int | None, where: _Where, known: list[str], scope: Scope) -> None:
    near = scope.faults.nearest(missed, known)
    hint = f'Did you mean "{near}"?' if near else f"The steps: {', '.join(known[:MOST_SHOWN])}."
    scope.faults.add(f'{file_shape.place(where)}: there is no step "{short(missed)}"', hint, line)


def check_conditions(steps: Node, scope: Scope) -> None:
    """A fault for each step that is named in ``only_if`` and is unknown, or has no condition."""
    for name, body in steps.value.items():
        for condition, line in only_if_of(body):
            where: _Where = ["steps", name, "only_if"]
            other = steps.value.get(condition)
            if other is None:
                _no_step(condition, line, where, [*scope.outputs], scope)
            elif other.get("condition") is None and condition not in scope.in_doubt:
                message = f'{file_shape.place(where)}: the step "{short(condition)}" has no condition'
                scope.faults.add(message, "Name a step with a condition, or write needs.", line)


def only_if_of(body: Node) -> list[tuple[str, int | None]]:
    """The names of the steps whose outcome a step waits for, and their lines."""
    node = body.get("only_if")
    if node is None:
        return []
    if isinstance(node.value, dict):
        return [(name, outcome.line) for name, outcome in node.value.items()]
    return [(node.value, node.line)]


def check_cycles(steps: tuple[Step, ...], bodies: Node, scope: Scope) -> None:
    """A fault for each cycle, on the line of the link that closes it. Each is cut open to find the next."""
    from graphlib import CycleError, TopologicalSorter

    graph = {step.name: set(step.upstream()) for step in steps}
    for _ in range(MOST_CYCLES):
        try:
            return TopologicalSorter(graph).prepare()
        except CycleError as error:
            cycle = _turned(error.args[1], bodies)
            shown = (
                cycle if len(cycle) <= 2 * MOST_SHOWN else [*cycle[:MOST_SHOWN], "...", *cycle[-MOST_SHOWN:]]
            )
            line = _line_of_edge(bodies.value[cycle[0]], cycle[-2])
            message = f"the steps go in a circle: {' -> '.join(shown)}"
            scope.faults.add(message, "Remove one of these links or needs.", line)
            graph[cycle[0]].discard(cycle[-2])
    return None


def _turned(cycle: list[str], bodies: Node) -> list[str]:
    """The cycle, each step upstream of the next, from its step that comes first in the file."""
    order = {name: at for at, name in enumerate(bodies.value)}
    first = min(range(len(cycle) - 1), key=lambda at: order[cycle[at]])
    return [*cycle[first:-1], *cycle[: first + 1]]


def _line_of_edge(body: Node, upstream: str) -> int | None:
    for node in items_of(body.get("needs")):
        if node.value == upstream:
            return node.line
    for name, line in only_if_of(body):
        if name == upstream:
            return line
    for _, node in [*named_items(body.get("inputs")), *named_items(body.get("values"))]:
        text = (node.get("from") or node).value
        if isinstance(text, str) and text.startswith(f"{upstream}."):
            return node.line
    return body.line
