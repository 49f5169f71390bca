"""The report as JUnit XML, for build servers: one test case a step."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from pipetest.reporters import printable
from pipetest.results import BAD, TESTED, Finding, Report, Severity, Status, StepResult

_KINDS = {
    Status.FAILED: "Failure",
    Status.CRASHED: "Error",
    Status.TIMEOUT: "Error",
    Status.SKIPPED: "Skipped",
    Status.STUBBED: "Skipped",
}


def render(report: Report) -> str:
    """The report as one JUnit XML document. What XML cannot hold is written as an escape."""
    library = _library()
    name = printable(report.pipeline or report.command)
    suite = library.TestSuite(name)
    suite.timestamp = printable(report.started)
    # All at once: one by one, the library would count the whole suite again for each.
    suite.add_testcases([*(_case(step, name) for step in report.steps), *_whole(report, name)])
    notes = [_words(f) for f in report.findings if f.severity is not Severity.ERROR]
    if notes:
        suite.append(library.SystemOut(printable("\n\n".join(notes))))
    xml = library.JUnitXml()
    xml.append(suite)
    xml.update_statistics()
    suite.time = xml.time = report.seconds  # not the sum: steps run side by side
    return f'<?xml version="1.0" encoding="utf-8"?>\n{xml.tostring().decode()}\n'


def _library() -> Any:
    """The library, loaded late (it takes 50 ms) and as Any: half of its functions have no types."""
    return import_module("junitparser.junitparser")


def _case(step: StepResult, suite: str) -> Any:
    library = _library()
    case = library.TestCase(printable(step.name), suite, step.seconds)
    properties = [library.Property(name, value) for name, value in _counts(step)]
    if properties:
        case.append(library.Properties())
        case.child(library.Properties).extend(properties)
    if step.status in _KINDS:
        case.append(_result(step))
    others = [_words(f) for f in step.findings if f.severity is not Severity.ERROR]
    others += [f"log: {step.log}"] if step.log else []
    if others:
        case.append(library.SystemOut(printable("\n\n".join(others))))
    return case


def _result(step: StepResult) -> Any:
    """Why the step did not pass: the first error in short, all of them at length."""
    findings = step.errors() or ([] if step.status in BAD else list(step.findings))
    message = findings[0].message if findings else f"{step.name}: {step.status}"
    if len(findings) > 1:
        message += f" (and {len(findings) - 1} more)"
    kind = getattr(_library(), _KINDS[step.status])
    result = kind(printable(message), printable(findings[0].code) if findings else str(step.status))
    rerun = [f"rerun: {step.rerun}"] if step.rerun and step.status in BAD else []
    result.text = printable("\n\n".join([*map(_words, findings), *rerun]))
    return result


def _whole(report: Report, suite: str) -> list[Any]:
    """What is wrong with the call as a whole, as cases of their own, lest an empty test look like a pass."""
    library = _library()
    faults = [(f.code, f.message, _words(f)) for f in report.findings if f.severity is Severity.ERROR]
    if report.interrupted:
        faults.append(("interrupted", "interrupted before all steps were tested", ""))
    elif not any(step.status in TESTED for step in report.steps):
        faults.append(("nothing-tested", "nothing was tested", ""))
    cases = []
    for code, message, text in faults:
        case = library.TestCase(printable(code), suite, 0.0)
        error = library.Error(printable(message), printable(code))
        error.text = printable(text)
        case.append(error)
        cases.append(case)
    return cases


def _counts(step: StepResult) -> list[tuple[str, str]]:
    return [
        (printable(f"output.{name}.{key}"), printable(str(output[key])))
        for name, output in step.outputs.items()
        for key in ("files", "bytes")
        if isinstance(output, dict) and key in output
    ]


def _words(finding: Finding) -> str:
    place = f"{finding.file}:{finding.line}" if finding.file and finding.line else finding.file
    lines = [f"{finding.severity}: {finding.code}: {finding.message}"]
    lines += [f"at {place}"] if place else []
    lines += [f"hint: {finding.hint}"] if finding.hint else []
    return "\n".join([*lines, *(["", finding.detail] if finding.detail else [])])
