"""Judgement of edge cases: how a step took its data, and how far from where the data came in it failed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from pipetest.edges.edge_variants import Outside
from pipetest.failures.failing_code import code_at
from pipetest.pipeline import Pipeline
from pipetest.results import EdgeCase, Finding, Severity, Status, StepResult

FRAME = re.compile(r'^  File "(?P<file>.+?)", line (?P<line>\d+), in ', re.MULTILINE)
TRACEBACK = "Traceback (most recent call last):\n"
INSTALLED = re.compile(r"[/\\](?:site|dist)-packages[/\\](?P<package>\w+)")
# Errors of these are what a check was written for.
CHECKERS = frozenset(
    {"pandera", "pydantic", "pydantic_core", "jsonschema", "great_expectations", "marshmallow", "cerberus"}
)
QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
LOG_END = 64 * 1024  # bytes


def answered(pipeline: Pipeline, one: Outside, variant: str, bad: StepResult) -> EdgeCase:
    """The answer to a variant, by the step that did not pass."""
    error = bad.errors()[0]
    far = distance(pipeline, {step for step, _ in one.keys}, bad.name)
    log = _traced(error, bad)
    answer = _answer(bad, error, log, far)
    message = _message(bad, error, log)
    if answer == "crash":
        message = without_values(message, {column.name for table in one.tables for column in table.columns})
    file, line = error.file, error.line
    return EdgeCase(one.name, variant, answer, bad.name, bad.status, error.code, message, file, line, far)


def _answer(bad: StepResult, error: Finding, log: str, far: int | None) -> str:
    if bad.status is Status.TIMEOUT:
        return "timeout"
    if error.code == "fail-reached":
        return "clear error"
    if bad.status is Status.CRASHED or error.code == "condition-error":
        return "crash"
    if bad.started_as is None:  # what it was given does not fit what is declared
        return "refused" if far == 0 else "broken promise"
    if not bad.exit_code and not FRAME.search(log):
        return "broken promise"
    if error.code == "exit-code" and not FRAME.search(log):
        return "clear error" if log.strip() else "crash"
    return "clear error" if is_meant(log) else "crash"


def is_meant(log: str) -> bool:
    """Whether the author of a script meant it to end like that, by the last traceback of its log.

    It is meant where the innermost frame is a ``raise`` or an ``assert`` of the author's own, or is in a
    library that checks data. Of a long traceback the log may have the end alone.
    """
    frames = list(FRAME.finditer(log.rpartition(TRACEBACK)[2]))
    if not frames:
        return False
    file, line = frames[-1]["file"], int(frames[-1]["line"])
    library = INSTALLED.search(file)
    if library:
        return any(
            (package := INSTALLED.search(frame["file"])) and package["package"] in CHECKERS
            for frame in frames
        )
    if re.search(r"[/\\]lib[/\\]python3[.\d]*[/\\]", file):
        return False
    return bool(re.match(r"(raise\s+\S|assert\b)", code_at(file, line).text))


def _traced(error: Finding, bad: StepResult) -> str:
    """The detail of the finding, without what it was given; or the log, where the frames are not in it."""
    detail = error.detail.partition("its inputs held:")[0]
    if error.code == "exit-code" or FRAME.search(detail) or not bad.log:
        return detail
    try:
        with Path(bad.log).open("rb") as file:
            file.seek(max(0, Path(bad.log).stat().st_size - LOG_END))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return detail


def _message(bad: StepResult, error: Finding, log: str) -> str:
    """What went wrong, in a line."""
    if error.code == "exit-code" and log.strip():
        return log.strip().splitlines()[-1].strip()
    script = Path(bad.script_path).name if bad.script_path else bad.name
    return error.message.removeprefix(f"{script} raised ").removesuffix(" while it ran.").replace("\n", " ")


def without_values(message: str, columns: Iterable[str]) -> str:
    """A library's message without the values that it quotes; names of columns stay."""
    if not message.startswith(("ValueError", "TypeError", "InvalidOperation")):
        return message
    known = set(columns)
    return QUOTED.sub(lambda found: found[0] if (found[1] or found[2] or "") in known else "'...'", message)


def distance(pipeline: Pipeline, readers: Iterable[str], name: str) -> int | None:
    """How many links lie between a step and the nearest of the readers; None where there is no way."""
    known = {step.name: step.upstream() for step in pipeline.steps}
    here, targets, seen = {name}, set(readers), set[str]()
    far = 0
    while here:
        if here & targets:
            return far
        seen |= here
        here = {up for one in here for up in known.get(one, ())} - seen
        far += 1
    return None


def judge(cases: Sequence[EdgeCase]) -> list[Finding]:
    """``edge-case-crash``: places that data made crash; a warning where it had passed a step before."""
    places: dict[tuple[object, ...], list[EdgeCase]] = {}
    for case in cases:
        if case.answer in ("crash", "timeout"):
            places.setdefault((case.input, case.step, case.file, case.line), []).append(case)
    found = [_crash(of) for of in places.values()]
    return sorted(found, key=lambda one: one.severity is not Severity.WARNING)


def _crash(cases: Sequence[EdgeCase]) -> Finding:
    case = cases[0]
    name = case.step or ""
    far = any(one.distance != 0 for one in cases)
    hangs = all(one.answer == "timeout" for one in cases)
    message = (
        f"{name} {'does not end' if hangs else 'crashes'} with edge cases of {case.input}: {_names(cases)}."
    )
    hint = "Check for it where the data is read, and raise an error that says what is wrong with the data."
    if far:
        hint = (
            "Check for it in the step that reads the data, and raise an error there that says what is wrong."
        )
    said: dict[str, list[EdgeCase]] = {}
    for one in cases:
        said.setdefault(one.message, []).append(one)
    lines = [f"{_names(of)}: {message}\n  {of[0].rerun}" for message, of in said.items()]
    severity = Severity.WARNING if far else Severity.NOTE
    return Finding("edge-case-crash", severity, name, message, hint, case.file, case.line, "\n".join(lines))


def _names(cases: Sequence[EdgeCase]) -> str:
    return ", ".join(case.variant for case in cases)
