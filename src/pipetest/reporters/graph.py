"""The graph of a pipeline as text: a rail for every output on its way to the steps that read it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

from pipetest.pipeline import Input, Pipeline, Step
from pipetest.reporters import STYLES, Look, cells, column, count, packed

# What leaves a junction: down, left, right. Every junction is reached from above.
_JUNCTIONS = {
    (True, False, True): ("├", "+"),
    (True, True, False): ("┤", "+"),
    (True, True, True): ("┼", "+"),
    (False, False, True): ("╰", "'"),
    (False, True, False): ("╯", "'"),
    (False, True, True): ("┴", "'"),
}
_COMPARISONS = {
    "Equals": "==",
    "GreaterThan": ">",
    "GreaterThanOrEqualTo": ">=",
    "LessThan": "<",
    "LessThanOrEqualTo": "<=",
}
_SAYINGS = {"fail": "fails", "record": "recorded", "container": "needs its container"}
_LONGEST = 70  # of what is said beside a step, in one piece
_DOWN, _ACROSS = ("│", "|"), ("─", "-")


def draw(
    pipeline: Pipeline,
    *,
    color: bool,
    width: int,
    ascii_only: bool = False,
    statuses: Mapping[str, str] | None = None,
) -> str:
    """Every step once, in an order in which they can run, with its rails and where its inputs come from.

    Steps of one stage can run side by side. A graph with more rails than the width has room for is shown
    as its stages alone: the words beside each step name all its links. Raises graphlib.CycleError.
    """
    look = Look(color, max(width, 40), ascii_only)
    stages = _stages(pipeline)
    steps, levels = count(len(pipeline.steps), "step"), count(len(stages), "stage")
    title = f"{look.line(pipeline.name)}: {steps} in {levels}"
    if len(stages) < len(pipeline.steps):
        title += "; steps of one stage can run side by side"
    rows = _rows(stages, most=look.width // 5, ascii_only=ascii_only)
    return "\n".join([title, "", *_lines(pipeline, stages, rows, statuses or {}, look)]) + "\n"


def _stages(pipeline: Pipeline) -> list[list[Step]]:
    """The steps by the length of the longest way to them, in each stage in the order of the file."""
    by_name = {step.name: step for step in pipeline.steps}
    place = {name: i for i, name in enumerate(by_name)}
    sorter = TopologicalSorter({name: step.upstream() & by_name.keys() for name, step in by_name.items()})
    sorter.prepare()
    stages = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=place.__getitem__)
        sorter.done(*ready)
        stages.append([by_name[name] for name in ready])
    return stages


@dataclass(frozen=True, slots=True)
class _Row:
    """The rails beside one step: up to its sign, after its sign, and on the line below it."""

    before: str = ""
    after: str = ""
    below: str = ""

    @property
    def length(self) -> int:
        """The columns that the line of the step takes up."""
        return len(self.before) + 1 + len(self.after)

    @property
    def width(self) -> int:
        """The columns that the wider of the two lines takes up."""
        return max(self.length, len(self.below))


def _rows(stages: list[list[Step]], *, most: int, ascii_only: bool) -> dict[str, _Row]:
    """The rails of every step; none at all where more than ``most`` would run side by side."""
    readers = _readers(stages)
    lanes: list[str | None] = []  # whose outputs run down there
    rows = {}
    for step in (step for stage in stages for step in stage):
        upstream = step.upstream()
        joined = {i: name for i, name in enumerate(lanes) if name in upstream}
        for name in joined.values():
            readers[str(name)] -= 1
        ended = {i for i, name in joined.items() if not readers[str(name)]}
        at = min(ended) if ended else lanes.index(None) if None in lanes else len(lanes)
        lanes += [None] * (at + 1 - len(lanes))
        before, after = _across(lanes, set(joined), ended, at, ascii_only)
        lanes = [None if i in ended else name for i, name in enumerate(lanes)]
        lanes[at] = step.name if readers[step.name] else None
        while lanes and lanes[-1] is None:
            lanes.pop()
        below = " ".join(_DOWN[ascii_only] if name else " " for name in lanes)
        rows[step.name] = _Row(before, after, below)
        if len(lanes) > most:
            return {}
    return rows


def _readers(stages: list[list[Step]]) -> dict[str, int]:
    readers = {step.name: 0 for stage in stages for step in stage}
    for stage in stages:
        for step in stage:
            for name in step.upstream() & readers.keys():
                readers[name] += 1
    return readers


def _across(
    lanes: list[str | None], joined: set[int], ended: set[int], at: int, ascii_only: bool
) -> tuple[str, str]:
    """The line of a step, left and right of its sign: from every rail that it joins to the step."""
    low, high = min(joined | {at}), max(joined | {at})
    text = ""
    for i, name in enumerate(lanes):
        if i in joined and i != at:
            text += _JUNCTIONS[i not in ended, i > low, i < high][ascii_only]
        elif name:
            text += _DOWN[ascii_only]  # a rail that has nothing to do with the step passes below
        else:
            text += _ACROSS[ascii_only] if low <= i <= high else " "
        text += _ACROSS[ascii_only] if low <= i < high else " "
    return text[: 2 * at], text[2 * at + 1 :].rstrip()


def _lines(
    pipeline: Pipeline,
    stages: list[list[Step]],
    rows: Mapping[str, _Row],
    statuses: Mapping[str, str],
    look: Look,
) -> Iterator[str]:
    rails = max((row.width for row in rows.values()), default=1)
    number = len(str(len(stages)))
    names = {step.name: look.line(step.name) for stage in stages for step in stage}
    room = column(names.values(), (look.width - rails - number - 4) * 2 // 5)
    read = {(link.from_step, link.from_output) for step in pipeline.steps for link in step.inputs}
    read |= {(value.step, value.output) for step in pipeline.steps for value in step.values.values()}
    row = _Row()
    for i, stage in enumerate(stages):
        if i:
            yield look.paint(f"{'':{number}}  {row.below}".rstrip(), "dim")
        for j, step in enumerate(stage):
            row = rows.get(step.name, _Row())
            label = look.paint(f"{'' if j else i + 1:>{number}}", "dim")
            words = _words(step, read, pipeline, look)
            left = packed(words, ", ", look.width - number - rails - room - 6)
            rail, name = _named(step, names[step.name], row, statuses, look)
            pad, size = " " * (rails - row.length), cells(names[step.name])
            first = left.pop(0) if left and size <= room else ""
            yield f"{label}  {rail}{pad}  {name}{' ' * (room - size)}  {first}".rstrip()
            below = look.paint(f"{row.below:{rails}}", "dim")
            for line in left:
                yield f"{'':{number}}  {below}  {'':{room if size <= room else 4}}  {line}".rstrip()


def _named(step: Step, name: str, row: _Row, statuses: Mapping[str, str], look: Look) -> tuple[str, str]:
    """The rails with the step's sign, and its name, in the colour of how it ended where that is known."""
    status = statuses.get(step.name) or ("stubbed" if step.stub else "")
    style = (STYLES[status],) if status in STYLES else ()
    sign = look.paint(look.sign(status if style else "step"), *style)
    rail = look.paint(row.before, "dim") + sign + look.paint(row.after, "dim")
    return rail, look.paint(name, "bold", *style)


def _words(step: Step, read: set[tuple[str | None, str | None]], pipeline: Pipeline, look: Look) -> list[str]:
    """Where each input comes from, what else the step waits for, and what it writes that no step reads."""
    words = _when(step, pipeline, look)
    if step.code_uri and not step.script_path and not step.stub:
        words.append(f"code {look.sign('from')} {_far(step.code_uri, look)}")
    words += [_input(link, pipeline, look) for link in step.inputs]
    words += [
        f"{look.line(name)} {look.sign('from')} {look.line(f'{value.step}.{value.output}')}"
        for name, value in step.values.items()
    ]
    waits = {link.from_step for link in step.inputs} | {value.step for value in step.values.values()}
    after = [look.line(name) for name in step.needs if name not in waits | {*step.only_if}]
    words += [f"after {', '.join(after)}"] if after else []
    words += [f"stub {look.sign('from')} {_path(step.stub, pipeline, look)} (not run)"] if step.stub else []
    last = [look.line(output.name) for output in step.outputs if (step.name, output.name) not in read]
    return words + ([f"{look.sign('to')} {', '.join(last)}"] if last else [])


def _when(step: Step, pipeline: Pipeline, look: Look) -> list[str]:
    """What a step does that runs nothing; and on which outcome of which condition a step is reached."""
    words = [f"if {'' if outcome else 'not '}{look.line(name)}" for name, outcome in step.only_if.items()]
    if step.kind == "condition":
        words.append(_cut(" and ".join(map(_condition, step.condition)), look))
        for outcome in (True, False):
            opened = [one.name for one in pipeline.steps if one.only_if.get(step.name) is outcome]
            if opened:
                names = ", ".join(map(look.line, opened))
                words.append(f"{str(outcome).lower()} {look.sign('to')} {names}")
    elif step.kind in _SAYINGS and not step.stub:
        words.append(_cut(f"{_SAYINGS[step.kind]}: {step.says}", look))
    return words


def _condition(condition: Mapping[str, Any]) -> str:
    """A condition of SageMaker's as one would say it: ``mse <= 6.0``."""
    kind = condition.get("Type")
    if kind == "Not":
        return f"not ({_condition(condition.get('Condition', {}))})"
    if kind == "Or":
        return f"({' or '.join(map(_condition, condition.get('Conditions', ())))})"
    if kind == "In":
        values = ", ".join(map(_operand, condition.get("Values", ())))
        return f"{_operand(condition.get('QueryValue'))} in [{values}]"
    left, right = _operand(condition.get("LeftValue")), _operand(condition.get("RightValue"))
    return f"{left} {_COMPARISONS.get(str(kind), kind)} {right}"


def _operand(operand: Any) -> str:
    if isinstance(operand, Mapping):
        parts = operand.get("text", ())
        return str(operand["value"]) if "value" in operand else "".join(map(_operand, parts))
    return str(operand)


def _cut(text: str, look: Look) -> str:
    """Text of others on one line, only its beginning where it is long."""
    text = look.line(text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + look.sign("more")


def _input(link: Input, pipeline: Pipeline, look: Look) -> str:
    if link.from_step is not None:
        below = f"/{link.below}" if link.below else ""
        source = look.line(f"{link.from_step}.{link.from_output}{below}")
    elif link.path is None and link.uri is not None and not link.synthetic:
        source = _far(link.uri, look)
    else:
        made = f"generated data ({count(link.synthetic.rows, 'row')})" if link.synthetic else "(nothing)"
        source = _path(link.path, pipeline, look) if link.path else made
    return f"{look.line(link.name)} {look.sign('from')} {source}"


def _far(uri: str, look: Look) -> str:
    """A place in production: its bucket and its last name, where all of it would be long."""
    scheme, _, rest = uri.partition("://")
    bucket, _, key = rest.rstrip("/").partition("/")
    last = key.rpartition("/")[2]
    short = f"{scheme}://{bucket}/{look.sign('more')}/{last}"
    is_long = len(uri) > _LONGEST and len(short) < len(uri) and "/" in key
    return f"{look.line(short if is_long else uri)} (not here)"


def _path(path: os.PathLike[str], pipeline: Pipeline, look: Look) -> str:
    """The path as the pipeline file would name it."""
    home = pipeline.path.parent if pipeline.path else None
    text = os.fspath(path)
    if home and text.startswith(f"{home}{os.sep}"):
        text = text[len(str(home)) + 1 :]
    return look.line(text)
