"""The report for a person at a terminal: what became of each step, and what to change.

Nothing is cut and no path is broken: what does not fit stands on a line of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from pipetest.reporters import STYLES, Look, cells, column, count, packed, printable, wrapped
from pipetest.reporters.tables import brief, links
from pipetest.results import BAD, TESTED, Finding, Report, Severity, Status, StepResult

__all__ = ["printable", "render"]

LISTED = {"check": 20}  # up to so many steps are listed one by one; above, only what needs attention
LISTED_ELSE = 100
WARNED = 20  # up to so many warnings are shown in full
DETAIL_HEAD, DETAIL_TAIL = 15, 25  # lines of a finding's detail: the traceback begins, the log ends
DETAIL_LINE = 2_000  # characters of one such line
TALLIED = 10  # from so many failures on, they are counted by their code

_ENDED = {Status.TIMEOUT: "timed out"}


def render(
    report: Report,
    *,
    verbose: int = 0,
    quiet: bool = False,
    color: bool,
    width: int,
    ascii_only: bool = False,
) -> str:
    """The report as text for a terminal of that width, ending in one line that sums it up."""
    look = Look(color, max(width, 40), ascii_only)
    blocks = _brief(report, look) if quiet else _full(report, verbose, look)
    return "\n".join([*blocks, _summary(report, look)]) + "\n"


def _brief(report: Report, look: Look) -> list[str]:
    lines = []
    for step in report.steps:
        if step.status in BAD:
            lines += [_one_line(step.name, f, look) for f in step.errors()] or [_headline(step, look)]
    return lines + [_one_line("", f, look) for f in report.findings if f.severity is Severity.ERROR]


def _one_line(name: str, finding: Finding, look: Look) -> str:
    place = _place(finding)
    parts = [name, finding.code, finding.message + (f" ({place})" if place else "")]
    said = ": ".join(look.line(part.replace("\n", " ")) for part in parts if part)
    return f"{look.paint(look.sign('error'), 'red')} {said}"


def _full(report: Report, verbose: int, look: Look) -> list[str]:
    """All blocks, each with an empty line after it."""
    listed = bool(verbose) or len(report.steps) <= LISTED.get(report.command, LISTED_ELSE)
    blocks = [_table(report, verbose, look)] if listed and report.steps else []
    blocks += [_failure(step, verbose, look) for step in report.steps if step.status in BAD]
    blocks += _remarks(report, Severity.WARNING, verbose, look)
    blocks += _remarks(report, Severity.NOTE, verbose, look) if verbose else []
    general = [f for f in report.findings if verbose or f.severity is not Severity.NOTE]
    blocks += [_remark("", [finding], verbose, look) for finding in general]
    blocks += [data] if verbose and (data := links(report, look)) else []
    blocks += _tally(report, look)
    if not listed:
        blocks += _unlisted(report)
    return [block + "\n" for block in blocks]


def _table(report: Report, verbose: int, look: Look) -> str:
    """One row a step. A name too long for its column stands on a line of its own."""
    columns = _columns(report.steps, verbose, look)
    widths = {title: max(len(title), *map(len, texts)) for title, texts in columns.items()}
    names = [look.line(step.name) for step in report.steps]
    room = column(["step", *names], look.width * 2 // 5)
    start = 4 + room + sum(width + 2 for width in widths.values())
    titles = [_cell(title, title, widths) for title in columns]
    title = "  ".join(
        [f"  {'step':{room}}", *titles, "wrote" if any(step.outputs for step in report.steps) else ""]
    )
    rows = [look.paint(title.rstrip(), "dim")]
    for i, step in enumerate(report.steps):
        style = STYLES[step.status]
        row = [_cell(texts[i], title, widths) for title, texts in columns.items()]
        row[0] = look.paint(row[0], style)
        left = room - cells(names[i])
        name = names[i] + (" " * left if left >= 0 else "\n" + " " * (2 + room))
        last = _last(step, max(look.width - start, 20), look).replace("\n", "\n" + " " * start)
        sign = look.paint(look.sign(step.status), style)
        rows.append("  ".join([f"{sign} {name}", *row, last]).rstrip())
    return "\n".join(rows)


def _columns(steps: tuple[StepResult, ...], verbose: int, look: Look) -> dict[str, list[str]]:
    """Title to one text a step; a column with nothing to say is left out."""
    columns = {
        "status": [str(step.status) for step in steps],
        "time": [duration(step.seconds) if step.seconds else "" for step in steps],
        "peak": [size(step.max_rss_mb * 1e6) if step.max_rss_mb else "" for step in steps],
    }
    if verbose:
        columns["started"] = [
            look.line(", ".join(filter(None, (step.entry, step.started_as)))) for step in steps
        ]
    return {title: texts for title, texts in columns.items() if any(texts)}


def _cell(text: str, title: str, widths: Mapping[str, int]) -> str:
    return text.rjust(widths[title]) if title in ("time", "peak") else text.ljust(widths[title])


def _last(step: StepResult, width: int, look: Look) -> str:
    """What the step wrote, or why it was not run."""
    if step.status is Status.SKIPPED and step.findings:
        return wrapped(look.line(step.findings[0].message), start=0, indent=0, width=width)
    wrote = [_wrote(look.line(name), output, look) for name, output in step.outputs.items()]
    return wrapped(";\n".join(packed(wrote, "; ", width - 1)), start=0, indent=0, width=width)


def _wrote(name: str, output: Any, look: Look) -> str:
    if not isinstance(output, Mapping):
        return name
    parts = []
    if extent := brief(output.get("facts", ()), look):
        parts.append(extent)
    elif isinstance(output.get("files"), int):
        parts.append(count(output["files"], "file"))
    if isinstance(output.get("bytes"), int):
        parts.append(size(output["bytes"]))
    return f"{name} {', '.join(parts)}".rstrip()


def _failure(step: StepResult, verbose: int, look: Look) -> str:
    lines = [look.paint(_headline(step, look), "bold", STYLES[step.status])]
    lines += [_finding(finding, verbose, look) for finding in step.errors()]
    ways = {"log": step.log, "rerun": step.rerun}
    lines += [f"  {look.paint(f'{key:5}', 'cyan')}  {look.line(way)}" for key, way in ways.items() if way]
    return "\n".join(lines)


def _headline(step: StepResult, look: Look) -> str:
    why = step.signal or (f"exit code {step.exit_code}" if step.exit_code else "")
    ended = _ENDED.get(step.status, str(step.status))
    head = f"{look.sign(step.status)} {look.line(step.name)} {ended}"
    return f"{head} ({look.line(why)})" if why else head


def _finding(finding: Finding, verbose: int, look: Look) -> str:
    """Code and message, the place, the hint, and indented what belongs to it."""
    code, style = look.line(finding.code), STYLES[finding.severity]
    message = wrapped(look.text(finding.message), start=4 + cells(code), indent=4, width=look.width)
    lines = [f"  {look.paint(code, style)}: {message}"]
    if finding.file:
        lines.append(f"    {look.paint('at', 'cyan')}    {look.line(_place(finding))}")
    if finding.hint:
        hint = wrapped(look.text(finding.hint), start=10, indent=10, width=look.width)
        lines.append(f"    {look.paint('hint', 'cyan')}  {hint}")
    if finding.detail.strip():
        lines += ["", *_detail(finding.detail, verbose, look), ""]
    return "\n".join(lines)


def _place(finding: Finding) -> str:
    return f"{finding.file}:{finding.line}" if finding.file and finding.line else finding.file or ""


def _detail(detail: str, verbose: int, look: Look) -> list[str]:
    """The lines of a detail, never wrapped; without -v the middle of a long one is left out."""
    lines = detail.replace("\r\n", "\n").strip("\n").rstrip().split("\n")
    more, left = look.sign("more"), len(lines) - DETAIL_HEAD - DETAIL_TAIL
    if not verbose:
        if left > 1:
            gap = f"{more} {count(left, 'more line')} (-v shows them)"
            lines = [*lines[:DETAIL_HEAD], gap, *lines[-DETAIL_TAIL:]]
        long = f"{more} (-v shows the rest)"
        lines = [line if len(line) <= DETAIL_LINE else line[:DETAIL_LINE] + long for line in lines]
    return [f"      {look.text(line)}".rstrip() for line in lines]


def _remarks(report: Report, severity: Severity, verbose: int, look: Look) -> list[str]:
    """The findings of the steps of that weight, a block a step; very many are only counted."""
    by_step = [(step.name, [f for f in step.findings if f.severity is severity]) for step in report.steps]
    found = [finding for _, findings in by_step for finding in findings]
    if len(found) > WARNED and not verbose:
        sign = look.paint(look.sign(severity), STYLES[severity])
        return [f"{sign} {count(len(found), str(severity))} (-v shows them): {_codes(found, look)}"]
    return [_remark(name, findings, verbose, look) for name, findings in by_step if findings]


def _remark(name: str, findings: list[Finding], verbose: int, look: Look) -> str:
    severity = findings[0].severity
    head = f"{look.sign(severity)} {look.line(name) or 'pipeline'}: {severity}"
    said = [_finding(finding, verbose, look) for finding in findings]
    return "\n".join([look.paint(head, "bold", STYLES[severity]), *said])


def _tally(report: Report, look: Look) -> list[str]:
    """Many failures often have few causes: how many there are of each."""
    errors = [finding for step in report.steps for finding in step.errors()]
    return [f"{count(len(errors), 'error')}: {_codes(errors, look)}"] if len(errors) >= TALLIED else []


def _codes(findings: Iterable[Finding], look: Look) -> str:
    counted = Counter(finding.code for finding in findings).most_common()
    return ", ".join(f"{number} {look.line(code)}" for code, number in counted)


def _unlisted(report: Report) -> list[str]:
    hidden = {status: n for status, n in report.counts.items() if status not in BAD}
    said = ", ".join(f"{n:,} {status}" for status, n in hidden.items())
    return [f"not listed: {said} (-v lists them)"] if hidden else []


def _summary(report: Report, look: Look) -> str:
    """The last line: how many steps ended how, and in what time."""
    said, took = ", ".join(_parts(report, look)), duration(report.seconds)
    if not any(step.status in TESTED for step in report.steps):
        nothing = look.paint("nothing was tested", "bold", "red")
        said = f"{nothing}: {said}" if said else nothing
    if report.interrupted:
        return f"{look.paint('interrupted', 'bold', 'yellow')} after {took}: {said}"
    return f"{said} in {took}"


def _parts(report: Report, look: Look) -> list[str]:
    parts = []
    for status, number in report.counts.items():
        ended = _ENDED.get(Status(status), status)
        parts.append(look.paint(f"{number:,} {ended}", "bold", STYLES[status]))
    found = Counter(f.severity for f in report.findings)  # an error in a step is counted by its status
    found[Severity.WARNING] += sum(
        f.severity is Severity.WARNING for step in report.steps for f in step.findings
    )
    for severity in (Severity.ERROR, Severity.WARNING):
        if found[severity]:
            parts.append(look.paint(count(found[severity], severity), "bold", STYLES[severity]))
    return parts


def duration(seconds: float) -> str:
    """Seconds in the unit that reads best: 12 ms, 1.24 s, 2 min 05 s."""
    if seconds < 0.1:
        return f"{seconds * 1000:.0f} ms" if seconds >= 0.001 or not seconds else f"{seconds * 1000:.1f} ms"
    if seconds < 59.995:
        return f"{seconds:.2f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s"


def size(number: float) -> str:
    """Bytes in the unit that reads best: 812 B, 12 kB, 1.5 GB."""
    for unit in ("B", "kB", "MB"):
        if number < 999.5:
            return f"{number:.0f} {unit}"
        number /= 1000
    return f"{number:,.1f} GB"
