"""Judgement of what a step asks pip for: while it runs, and in the ``requirements.txt`` beside its script.

``packaging`` reads the specifiers. Nothing is installed: what is asked for is held against what is there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipetest.guard_files import Record, place_of
from pipetest.results import Finding, Severity

Place = tuple[str | None, int | None]  # a file, and the line in it
Installed = Mapping[str, str | None]  # normalised name -> version, or None where it is not installed

ARCHIVES = (".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar")
# What only pip before 24.1 takes: versions and specifiers that are not those of PEP 440.
OLD_FORM = re.compile(
    r"[A-Za-z0-9][\w.-]*\s*(\[[^\]]*\])?\s*\(?\s*((===?|~=|!=|<=?|>=?)\s*[^,;\s)=<>!~]+\s*(,\s*|\)?\s*(;.*)?$))+\Z"
)
FILE_URL = re.compile(r"@\s*file://(?:localhost)?(/[^#;\s]*)")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One requirement held against what is installed."""

    text: str  # without its marker
    state: str  # "met", "unmet", "missing", "unjudged", "malformed"
    name: str = ""
    version: str | None = None


def judge(text: str, installed: Installed, python: str) -> Verdict | None:
    """What is to be said of one requirement; None where its marker rules it out. Never raises."""
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    text = text.strip()
    if is_place(text):
        return Verdict(text, "unjudged")
    try:
        wanted = Requirement(text)
    except (InvalidRequirement, RecursionError):
        return Verdict(text, "malformed")
    name, shown = canonicalize_name(wanted.name), text.partition(";")[0].strip()
    if not _applies(wanted.marker, python):
        return None
    if wanted.url or name not in installed:
        return Verdict(shown, "unjudged", name)
    version = installed[name]
    if version is None:
        return Verdict(shown, "missing", name)
    return Verdict(shown, _state(wanted.specifier, version), name, version)


def _state(specifier: Any, version: str) -> str:
    from packaging.version import InvalidVersion, Version

    try:
        return "met" if specifier.contains(Version(version), prereleases=True) else "unmet"
    except InvalidVersion:
        return "unjudged"


def _applies(marker: Any, python: str) -> bool:
    """Whether a marker holds for that Python, on this machine. What cannot be told counts as yes."""
    if marker is None:
        return True
    version = ".".join(python.split(".")[:2])
    full = python if python.count(".") > 1 else f"{version}.0"
    try:
        return bool(marker.evaluate({"python_version": version, "python_full_version": full, "extra": ""}))
    except (ValueError, KeyError):  # a comparison that makes no sense, a name that there is not
        return True


def is_place(text: str) -> bool:
    """Whether a requirement is a URL, a path or an archive, and not a name."""
    bare = text.partition(";")[0].strip()
    return (
        "://" in bare.partition("@")[0]
        or bare.startswith(("-", ".", "/", "~", "git+"))
        or ("/" in bare and "@" not in bare)
        or bare.lower().endswith(ARCHIVES)
    )


# --- while the step runs -----------------------------------------------------------------------------------


def judge_installs(step_name: str, records: Iterable[Record]) -> list[Finding]:
    """``installs-packages``: what a step asked pip, uv or conda for. ``records`` are those of one attempt."""
    findings: list[Finding] = []
    told: set[str] = set()
    place: Place = (None, None)
    for record in records:
        if record["what"] == "command":
            place = place_of(record)  # the script starts a program; what that records has no line itself
        elif record["what"] == "pip":
            at = place_of(record) if record.get("file") else place
            new = [one for one in _texts(record.get("requirements")) if one not in told]
            told.update(new)
            findings += _judge_call(step_name, record, new, at)
    return findings


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _judge_call(step: str, record: Record, asked: Sequence[str], at: Place) -> list[Finding]:
    call = f"{record.get('tool', 'pip')} {record.get('command', 'install')}"
    if record.get("problem"):
        message = f"{step} calls `{call}`, which refuses: {record['problem']}."
        return [_installs(Severity.WARNING, step, message, "Correct the call: it ends with code 1.", at)]
    if not call.endswith(("pip install", "uv add")):
        if not asked:
            return []
        message = f"{step} calls `{call}` for {_listed(asked)}: nothing was changed."
        hint = "Do it where the image is built: here and there, a step should find its packages in place."
        return [_installs(Severity.NOTE, step, message, hint, at)]
    raw, python = record.get("installed"), str(record.get("python", ""))
    installed = raw if isinstance(raw, dict) else {}
    verdicts = [verdict for verdict in (judge(one, installed, python) for one in asked) if verdict]
    loud = [_loud(step, one, at) for one in verdicts if one.state in ("unmet", "missing")]
    return [*loud, *_quiet(step, verdicts, at)]


def _loud(step: str, one: Verdict, at: Place) -> Finding:
    if one.state == "missing":
        message = f"{step} asks pip for {one.text}, which is not installed here."
        pinned = one.text if "=" in one.text else f"{one.text}==..."
        hint = f"Nothing is installed during a test: `pip install '{pinned}'` for the step's Python first."
        return _installs(Severity.ERROR, step, message, hint, at)
    message = f"{step} asks pip for {one.text}, and {one.version} is installed."
    hint = f"It was tested with {one.version}: install the version that it asks for, or ask for this one."
    return _installs(Severity.WARNING, step, message, hint, at)


def _quiet(step: str, verdicts: Sequence[Verdict], at: Place) -> Iterator[Finding]:
    """One note for what is there, one for what cannot be judged."""
    met = [f"{one.text} ({one.version})" for one in verdicts if one.state == "met"]
    if met:
        message = f"{step} installs packages while it runs; what it asks for is here: {_listed(met)}."
        hint = (
            "Have them in the image, or in the requirements.txt beside the script; nothing was changed here."
        )
        yield _installs(Severity.NOTE, step, message, hint, at)
    dark = [one.text for one in verdicts if one.state in ("unjudged", "malformed")]
    if dark:
        message = f"{step} asks pip for {_listed(dark)}, which cannot be held against what is installed."
        hint = "Nothing was changed: make sure that the step's Python has it."
        yield _installs(Severity.NOTE, step, message, hint, at)


def _listed(items: Sequence[str]) -> str:
    more = f" and {len(items) - 12} more" if len(items) > 12 else ""
    return ", ".join(items[:12]) + more


def _installs(severity: Severity, step: str, message: str, hint: str, at: Place) -> Finding:
    """``installs-packages``."""
    return Finding("installs-packages", severity, step, message, hint, *at)


# --- requirements.txt --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One requirement of a file, or an inclusion of a file that is not there."""

    file: str
    number: int
    text: str


def requirement_names(text: str, path: Path | None = None) -> list[str]:
    """The normalised names in a requirements file, to ask the step's Python for their versions.

    With ``path``, where ``text`` was read, the files that it includes are read as well.
    """
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    names: dict[str, None] = {}
    for line in _lines(text, path, set()):
        try:
            names[canonicalize_name(Requirement(line.text).name)] = None
        except (InvalidRequirement, RecursionError):
            continue
    return list(names)


def judge_requirements_file(
    step_name: str, path: Path, text: str, installed: Installed, python_version: str
) -> list[Finding]:
    """``requirement-unmet`` and ``requirement-malformed``: a requirements.txt that the image installs."""
    findings = []
    for line in _lines(text, path, set()):
        if line.text.startswith("-r "):
            message = f"{Path(line.file).name} includes {line.text[3:]}, which is not there: pip stops at it."
            hint = "Correct the name: it is looked for beside the file that includes it."
            findings.append(_malformed(Severity.ERROR, step_name, message, hint, line))
            continue
        verdict = judge(line.text, installed, python_version)
        if verdict:
            findings += _judge_line(step_name, line, verdict)
    return findings


def _judge_line(step: str, line: Line, one: Verdict) -> list[Finding]:
    name = Path(line.file).name
    if one.state == "malformed":
        return [_unreadable(step, line)]
    local = FILE_URL.search(line.text)
    if local and not Path(local[1]).exists():
        message = f"{name} takes {one.name or one.text} from {local[1]}, a file of another machine."
        hint = "Write its name and version instead (`pip list --format=freeze` does)."
        return [_malformed(Severity.WARNING, step, message, hint, line)]
    if one.state not in ("unmet", "missing"):
        return []
    missing = one.state == "missing"
    has = "which is not installed here" if missing else f"and {one.version} is installed here"
    message = f"{name} asks for {one.text}, {has}."
    hint = f"The image will install it: `pip install '{one.text}'` to test with what will run there."
    return [Finding("requirement-unmet", Severity.WARNING, step, message, hint, line.file, line.number)]


def _unreadable(step: str, line: Line) -> Finding:
    name = Path(line.file).name
    if OLD_FORM.match(line.text):
        message = f"{name} asks for `{line.text}`, which pip refuses from version 24.1 on."
        hint = "Write the version as PEP 440 has it: numbers and dots, `1.2.post1`, `1.2rc1`, `==1.2.*`."
        return _malformed(Severity.WARNING, step, message, hint, line)
    message = f"{name} has a line that pip cannot read: `{line.text[:80]}`; it stops there."
    hint = "Write a name and a version (`pandas==2.2.3`), one requirement a line."
    if re.match(r"[\w.-]+\s*=[^=]", line.text):
        hint = f"A version takes two signs: `{re.sub(r' *= *', '==', line.text, count=1)}`."
    return _malformed(Severity.ERROR, step, message, hint, line)


def _malformed(severity: Severity, step: str, message: str, hint: str, line: Line) -> Finding:
    """``requirement-malformed``."""
    return Finding("requirement-malformed", severity, step, message, hint, line.file, line.number)


def _lines(text: str, path: Path | None, read: set[str]) -> Iterator[Line]:
    """The requirements of a file and of those that it includes, as pip splits them."""
    file = str(path) if path else "requirements.txt"
    read.add(os.path.abspath(file))  # noqa: PTH100 (not the target of a link)
    for number, line in _whole_lines(text):
        option, _, value = line.replace("=", " ", 1).partition(" ")
        value = value.strip()
        if line.startswith("-r") or option == "--requirement":
            yield from _included(value if option in ("-r", "--requirement") else line[2:], number, path, read)
        elif line[0] != "-" and "${" not in line:
            yield Line(file, number, re.split(r"\s+-", line, maxsplit=1)[0])


def _included(name: str, number: int, path: Path | None, read: set[str]) -> Iterator[Line]:
    if path is None or "://" in name or not name:
        return
    inner = path.parent / name
    if os.path.abspath(inner) in read:  # noqa: PTH100
        return
    try:
        text = inner.read_text("utf-8-sig", errors="replace")
    except (OSError, ValueError):
        yield Line(str(path), number, f"-r {name}")
        return
    yield from _lines(text, inner, read)


def _whole_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines that a backslash continues are one, with the number of the first; comments are left out."""
    whole, first = "", 0
    for number, line in enumerate([*text.lstrip("\ufeff").splitlines(), ""], 1):
        first = first or number
        if line.endswith("\\"):
            whole += line[:-1] + " "
            continue
        whole = re.sub(r"(^|\s+)#.*$", "", whole + line).strip()
        if whole:
            yield first, whole
        whole, first = "", 0
