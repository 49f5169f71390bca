"""Edge cases as a table: what became of each variant of the data, and where."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from pathlib import Path

from pipetest.reporters import Look, cells, column, count, wrapped
from pipetest.results import EdgeCase, Report

CODES = ("edge-cases-not-run", "edge-cases-left-out")
SHOWN = {  # answer: (its sign, its style)
    "fine": ("passed", "green"),
    "clear error": ("note", "green"),
    "refused": ("note", "green"),
    "crash": ("error", "yellow"),
    "broken promise": ("error", "yellow"),
    "timeout": ("error", "yellow"),
}
WELL = frozenset({"fine", "clear error", "refused"})


def render(report: Report, *, quiet: bool = False, color: bool, width: int, ascii_only: bool = False) -> str:
    """The edge cases of a report as text, "" where none were asked for. ``quiet``: only what went ill."""
    if report.edge_cases is None:
        return ""
    look = Look(color, max(width, 40), ascii_only)
    shown = [case for case in report.edge_cases if not (quiet and case.answer in WELL)]
    room = column((look.line(case.variant) for case in shown), look.width // 3)
    wide = max((len(case.answer) for case in shown), default=0)
    lines = []
    for name, cases in groupby(shown, lambda case: case.input):
        lines.append(look.paint(f"edge cases of {look.line(name)}", "bold"))
        lines += [_row(case, room, wide, look) for case in cases]
        lines.append("")
    if report.edge_cases:
        lines += [_summary(report.edge_cases), ""]
    notes = [finding for finding in report.findings if finding.code in CODES]
    said = [look.line(f"{finding.message} {finding.hint}") for finding in notes]
    lines += [wrapped(text, start=0, indent=2, width=look.width) for text in said]
    return "\n".join(lines).rstrip("\n") + "\n"


def _row(case: EdgeCase, room: int, wide: int, look: Look) -> str:
    """One line: a message that is too long for it is cut, and stands whole in the JSON report."""
    sign, style = SHOWN[case.answer]
    style = "red" if style == "yellow" and case.distance != 0 else style
    variant = _cut(look.line(case.variant), max(room, look.width // 3), look)
    start = f"  {variant}{' ' * max(room - cells(variant), 0)}  "
    answer = f"{look.sign(sign)} {case.answer:{wide}}"
    left = look.width - cells(start) - cells(answer) - 2
    return f"{start}{look.paint(answer, style)}  {_cut(look.line(_where(case)), left, look)}".rstrip()


def _where(case: EdgeCase) -> str:
    """Step, place and message: "train (1 step later), train.py:12: ValueError: ..."."""
    if case.step is None:
        return ""
    name = Path(case.file).name if case.file else ""
    place = f"{name}:{case.line}" if name and case.line else ""
    later = f" ({count(case.distance, 'step')} later)" if case.distance else ""
    message = case.message.removeprefix(f"{name} ") if place else case.message
    step = "" if case.distance == 0 and place else f"{case.step}{later}"
    return ": ".join(part for part in (", ".join(filter(None, (step, place))), message) if part)


def _cut(text: str, width: int, look: Look) -> str:
    if cells(text) <= width:
        return text
    more = look.sign("more")
    while text and cells(text) + len(more) > width:
        text = text[:-1]
    return text + more


def _summary(cases: tuple[EdgeCase, ...]) -> str:
    """How many there are of each answer."""
    found = Counter(case.answer for case in cases)
    later = sum(case.answer not in WELL and case.distance != 0 for case in cases)
    said = ", ".join(f"{found[answer]} {answer}" for answer in SHOWN if answer in found)
    return f"{count(len(cases), 'edge case')}: {said}" + (f" ({later} in a later step)" if later else "")
