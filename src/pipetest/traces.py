"""What an attempt left besides its end: notes of the guards, messages of a job, what files were called."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

from pipetest.checks import paths_rewritten
from pipetest.endings import last_lines, place_of
from pipetest.isolate import Outcome
from pipetest.results import BAD, Finding, Severity, Status

FULL = 200_000  # bytes: with less, a disk is full


def judge_space(name: str, folder: Path, status: Status) -> list[Finding]:
    """``disk-full``: the step failed, and there is no room left for what it writes."""
    if status not in BAD or shutil.disk_usage(folder).free > FULL:
        return []
    message = f"There is no space left in {folder}, where {name} writes: it may have failed of that alone."
    hint = "Free space, or set --workspace DIR to a folder on another disk."
    return [Finding("disk-full", Severity.ERROR, name, message, hint)]


def localized(outcome: Outcome, container: str, here: Path) -> Outcome:
    """The outcome with the container's names of the user's files replaced by those that they have here."""
    answer = dict(outcome.answer or {})
    frames = answer.get("frames")
    if isinstance(frames, list):
        answer["frames"] = [[_here(str(file), container, here), *rest] for file, *rest in frames]
    syntax = answer.get("syntax")
    if isinstance(syntax, list) and syntax[0]:
        answer["syntax"] = [_here(str(syntax[0]), container, here), *syntax[1:]]
    record = [
        {**one, "file": _here(one["file"], container, here)} if isinstance(one.get("file"), str) else one
        for one in outcome.record
    ]
    return replace(
        outcome,
        answer=answer if outcome.answer is not None else None,
        record=tuple(record),
        tail=localized_log(outcome.tail, container, here),
    )


def localized_log(log: str, container: str, here: Path) -> str:
    """A log whose tracebacks name the user's own files."""
    return re.sub(
        r'(?m)^(\s*File ")([^"]+)"', lambda found: f'{found[1]}{_here(found[2], container, here)}"', log
    )


def _here(file: str, container: str, here: Path) -> str:
    """In the container, or in the folder that stands in for it where its paths were rewritten."""
    _, found, inside = file.partition(f"{container.removeprefix('/opt/')}/")
    return str(here / inside) if found and (here / inside).exists() else file


def judge_last_words(name: str, failure: str, message: str, status: Status) -> list[Finding]:
    """``job-message`` and ``bad-message``: what a job left for SageMaker to say of its end."""
    findings = []
    if "\ufffd" in message:
        text = f"{name} left a /opt/ml/output/message that is not UTF-8: SageMaker fails the job for it."
        hint = "Write it as text: open(path, 'w', encoding='utf-8')."
        findings.append(Finding("bad-message", Severity.ERROR, name, text, hint))
    for said, what in ((failure, "/opt/ml/output/failure"), (message, "/opt/ml/output/message")):
        if said:
            text = f"{name} says in {what}: {said.splitlines()[0][:300]}"
            hint = "SageMaker shows this with the job."
            severity = Severity.WARNING if status in BAD else Severity.NOTE  # then it says why
            findings.append(Finding("job-message", severity, name, text, hint, detail=said))
    return findings


def judge_record(
    name: str,
    path: Path,
    outcome: Outcome,
    status: Status,
    log: str,
    *,
    loading: bool = False,
    network: bool = False,
) -> list[Finding]:
    """What the guards wrote down: attempts at the network, installs, a container that was not to be had."""
    record = [entry for entry in outcome.record if isinstance(entry.get("what"), str)]
    answer = outcome.answer or {}
    if not record and "error" not in answer:
        return []
    from pipetest import offline, requirements  # late: most steps keep to themselves

    findings = [paths_rewritten(name)] if any(entry["what"] == "rewritten" for entry in record) else []
    kind, text = str(answer.get("error", "")), str(answer.get("message", ""))
    file, line = place_of(path, answer)
    cloud = offline.explain_cloud(name, kind, text, record, file=file, line=line, loading=loading)
    if cloud:  # which says why it was asked for credentials, too
        findings.append(cloud)
        record = [entry for entry in record if not offline.is_metadata(str(entry.get("host")))]
    failed_of_it = status in BAD and offline.is_about_network(f"{kind}: {text}\n{last_lines(log)}")
    attempts = offline.judge_network(name, record, failed_of_it)
    is_told = bool(attempts or cloud or network)
    guess = None if is_told else offline.explain_network(name, kind, text, file, line)
    return [*findings, *attempts, *([guess] if guess else []), *requirements.judge_installs(name, record)]
