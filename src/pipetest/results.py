"""What a call found: statuses, findings, step results and the report.

The report is the waist of the program: doing makes it, showing reads it. Reporters, exit codes and
plugins read nothing else. ``to_dict`` and ``from_dict`` are its file format, ``pipetest-report/1``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from enum import IntEnum, StrEnum
from typing import Any

FORMAT = "pipetest-report/1"


class Status(StrEnum):
    """How a step ended."""

    PASSED = "passed"
    FAILED = "failed"
    CRASHED = "crashed"
    TIMEOUT = "timeout"
    SKIPPED = "skipped"
    STUBBED = "stubbed"
    CACHED = "cached"


BAD = frozenset({Status.FAILED, Status.CRASHED, Status.TIMEOUT})
TESTED = BAD | {Status.PASSED, Status.CACHED}


class Severity(StrEnum):
    """How much a finding weighs: only an error fails a step."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class ExitCode(IntEnum):
    """What the command returns to the shell."""

    OK = 0
    FAULTS = 1
    USAGE = 2
    INTERNAL = 3
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Finding:
    """One judgement about a step.

    ``message`` is one sentence that says what is wrong with the names involved; ``hint`` is one that
    says what to do; ``detail`` is what an author would ask for next, over several lines: the traceback,
    the last lines of the log, what the inputs held.
    """

    code: str
    severity: Severity
    step: str
    message: str
    hint: str
    file: str | None = None
    line: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class StepResult:
    """All that is known of one step after its attempt."""

    name: str
    status: Status
    script_path: str | None = None
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    max_rss_mb: float = 0.0
    started_as: str | None = None  # "fork", "fresh", or None where nothing was started
    entry: str | None = None  # "load", "script", "main" or "command"
    exit_code: int | None = None
    signal: str | None = None
    findings: tuple[Finding, ...] = ()
    inputs: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    log: str | None = None
    rerun: str | None = None

    def errors(self) -> list[Finding]:
        """The findings that failed this step."""
        return [finding for finding in self.findings if finding.severity is Severity.ERROR]


@dataclass(frozen=True, slots=True)
class EdgeCase:
    """What became of a run with one variant of its data: see ``edge_cases``."""

    input: str  # "prepare.raw"; several that read the same file: "prepare.raw, train.raw"
    variant: str  # "empty", "without age"
    answer: str  # "fine", "clear error", "refused", "crash", "broken promise" or "timeout"
    step: str | None = None  # the first that did not pass; None: all did
    status: Status | None = None
    code: str | None = None  # of the finding that failed it
    message: str = ""
    file: str | None = None
    line: int | None = None
    distance: int | None = None  # 0: the step that reads the input; 1: one that takes from it
    rerun: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """All results of one call."""

    pipetest: str
    command: str
    pipeline: str | None
    started: str
    seconds: float
    steps: tuple[StepResult, ...]
    findings: tuple[Finding, ...] = ()
    interrupted: bool = False
    edge_cases: tuple[EdgeCase, ...] | None = None  # None: not asked for

    @property
    def ok(self) -> bool:
        """True when nothing failed and at least one step was tested: an empty test never passes."""
        statuses = {step.status for step in self.steps}
        whole = not self.interrupted and not any(f.severity is Severity.ERROR for f in self.findings)
        return whole and bool(statuses & TESTED) and not statuses & BAD

    @property
    def counts(self) -> dict[str, int]:
        """How many steps ended in each status; statuses that did not occur are left out."""
        found = [step.status for step in self.steps]
        return {str(status): found.count(status) for status in Status if status in found}

    def exit_code(self) -> ExitCode:
        """The exit code that this report stands for."""
        if self.interrupted:
            return ExitCode.INTERRUPTED
        return ExitCode.OK if self.ok else ExitCode.FAULTS


def to_dict(report: Report) -> dict[str, Any]:
    """The report as plain data, ready for ``json.dumps``."""
    body = asdict(report)
    steps, findings = body.pop("steps"), body.pop("findings")
    if body["edge_cases"] is None:
        del body["edge_cases"]
    return {
        "format": FORMAT,
        **body,
        "ok": report.ok,
        "counts": report.counts,
        "findings": list(findings),
        "steps": [{**step, "findings": list(step["findings"])} for step in steps],
    }


def from_dict(data: dict[str, Any]) -> Report:
    """Read back what ``to_dict`` made. Raises ValueError for any other format."""
    if data.get("format") != FORMAT:
        raise ValueError(f"not a {FORMAT} document: its format is {data.get('format')!r}")
    body = {key: value for key, value in data.items() if key not in ("format", "ok", "counts")}
    body["findings"] = _findings(data["findings"])
    body["steps"] = tuple(_step(step) for step in data["steps"])
    if "edge_cases" in data:
        body["edge_cases"] = tuple(_edge_case(one) for one in data["edge_cases"])
    return Report(**body)


def _step(data: dict[str, Any]) -> StepResult:
    return StepResult(**{**data, "status": Status(data["status"]), "findings": _findings(data["findings"])})


def _edge_case(data: dict[str, Any]) -> EdgeCase:
    return EdgeCase(**{**data, "status": Status(data["status"]) if data["status"] else None})


def _findings(data: list[dict[str, Any]]) -> tuple[Finding, ...]:
    return tuple(Finding(**{**one, "severity": Severity(one["severity"])}) for one in data)


def masked(step: StepResult, secrets: frozenset[str]) -> StepResult:
    """The same result with every secret value replaced by ``***`` in all its text."""
    if not secrets:
        return step
    hide = _mask(secrets)
    findings = tuple(
        replace(f, message=hide(f.message), hint=hide(f.hint), detail=hide(f.detail)) for f in step.findings
    )
    return replace(step, findings=findings, rerun=hide(step.rerun) if step.rerun else None)


def _mask(secrets: frozenset[str]) -> Any:
    def hide(text: str) -> str:
        for secret in sorted(secrets, key=len, reverse=True):  # the longest first: one may contain another
            text = text.replace(secret, "***")
        return text

    return hide
