"""Judgement of a definition: what it says of code, files and order, and what SageMaker refuses too late.

The service checks its limits only when a job starts, when the steps before it are paid for.
"""

from __future__ import annotations

import difflib
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from pipetest.results import Finding, Severity

PROCESSING, TRAINING = "Processing", "Training"
ROOT = "/opt/ml/processing/"
# Of each part of a request: what it is called, and how many a job may have.
OF_BOTH = {
    "env": ("Environment variables", 100),
    "words": ("words in ContainerEntrypoint", 100),
    "args": ("ContainerArguments", 100),
}
MOST = {
    PROCESSING: {
        "inputs": ("ProcessingInputs", 10),
        "outputs": ("outputs in ProcessingOutputConfig", 10),
        **OF_BOTH,
    },
    TRAINING: {
        "inputs": ("channels in InputDataConfig", 20),
        **OF_BOTH,
        "hyperparameters": ("HyperParameters", 100),
    },
}
LONGEST_ENV = {PROCESSING: 256, TRAINING: 512}
LONGEST_WORD, LONGEST_HYPERPARAMETER, LONGEST_URI = 256, 2500, 1024
LONGEST_RUN = {PROCESSING: 777_600, TRAINING: 2_419_200}  # seconds: 9 and 28 days
STEP_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
CHANNEL_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
ENV_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
# SageMaker's own pages write 30d and T16m for P30D and PT16M, and the service takes both.
DURATION = re.compile(
    r"P?(?=\d|T\d)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Place:
    """An input, a channel or an output of a job: a place in S3 and one in the container."""

    name: str
    local_path: str | None
    uri: str | None  # None: known only once another step has run, or not in S3
    source: tuple[str, str, str] | None = None  # written as an output of a step: step, output, below
    mode: str | None = None  # how it is handed over, where not as files


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of SageMaker for one job, every expression resolved."""

    step: str
    job: str  # PROCESSING or TRAINING
    words: tuple[str, ...] = ()  # of the entry point
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    hyperparameters: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[Place, ...] = ()
    outputs: tuple[Place, ...] = ()
    max_runtime: float | None = None


def judge_step(name: str, expire_after: object) -> Iterator[Finding]:
    """What the service refuses of any step: its name, and how long it is cached."""
    if not STEP_NAME.fullmatch(name):
        message = (
            f"{name}: the name of a step has letters, digits, - and _, at most 64; this has {len(name)}."
        )
        yield _error(name, "bad-name", message, "Rename the step.")
    if isinstance(expire_after, str) and not DURATION.fullmatch(expire_after):
        message = f'{name}: ExpireAfter of CacheConfig is "{expire_after}", which is no ISO 8601 duration.'
        hint = "Write P30D for 30 days, PT12H for 12 hours, PT90M for 90 minutes."
        yield _error(name, "bad-duration", message, hint)


def judge(request: Request) -> list[Finding]:
    """What the service refuses of a job, or fails it for."""
    checks = (_counts, _lengths, _names, _local_paths, _uris, _modes, _runtime)
    return [finding for check in checks for finding in check(request)]


def _error(step: str, code: str, message: str, hint: str) -> Finding:
    return Finding(code, Severity.ERROR, step, message, hint)


def _counts(request: Request) -> Iterator[Finding]:
    for what, (called, most) in MOST[request.job].items():
        count = len(getattr(request, what))
        if count > most:
            message = f"{request.step} has {count} {called}; SageMaker takes at most {most}."
            hint = "Put the rest into a file, and hand that over as an input."
            if what in ("inputs", "outputs"):
                hint = "Put several of them below one prefix in S3, and hand that over as one."
            yield _error(request.step, "service-limit", message, hint)


def _lengths(request: Request) -> Iterator[Finding]:
    groups: Sequence[tuple[str, Iterable[tuple[object, str]], int]] = (
        ("Environment variable {}", request.env.items(), LONGEST_ENV[request.job]),
        ("word {} of ContainerEntrypoint", enumerate(request.words, 1), LONGEST_WORD),
        ("element {} of ContainerArguments", enumerate(request.args, 1), LONGEST_WORD),
        ("hyperparameter {}", request.hyperparameters.items(), LONGEST_HYPERPARAMETER),
    )
    for what, items, most in groups:
        for key, value in items:
            if len(value) > most and "{values." not in value:  # what is known only later may be shorter
                message = f"{request.step}: the {what.format(key)} has {len(value)} characters; "
                message += f'SageMaker takes at most {most}: "{value[:30]}..."'
                hint = "Shorten it, or hand it over as a file among the inputs."
                yield _error(request.step, "service-limit", message, hint)


def _names(request: Request) -> Iterator[Finding]:
    bad = partial(_error, request.step, "bad-name")
    refuses = f"{request.step}: SageMaker refuses the name of the"
    for name in request.env:
        if not ENV_NAME.fullmatch(name):
            hint = "Letters, digits and _, and no digit in front."
            yield bad(f'{refuses} Environment variable "{name}".', hint)
    names = [place.name for place in request.inputs]
    for name in names if request.job == TRAINING else ():
        if not CHANNEL_NAME.fullmatch(name):
            yield bad(f'{refuses} channel "{name}".', "Letters, digits, ., - and _, at most 64.")
    kind = "channel" if request.job == TRAINING else "input"
    for name in sorted({name for name in names if names.count(name) > 1}):
        message = f'{request.step} has {names.count(name)} {kind}s of the name "{name}".'
        yield bad(message, "Rename all but one.")


# ---- places


def _places(request: Request) -> Iterator[tuple[str, Place]]:
    yield from (("input", place) for place in request.inputs)
    yield from (("output", place) for place in request.outputs)


def _local_paths(request: Request) -> Iterator[Finding]:
    bad = partial(_error, request.step, "local-path")
    taken: dict[str, str] = {}
    for kind, place in _places(request) if request.job == PROCESSING else ():
        if place.local_path is None:
            continue
        path = posixpath.normpath(place.local_path)
        if not path.startswith(ROOT):
            is_at = f'is "{place.local_path}", not below {ROOT}'
            hint = f"Move it there, as {ROOT}{place.name}, and change the script where it names the path."
            yield bad(f"{request.step}: LocalPath of the {kind} {place.name} {is_at}.", hint)
        if kind == "input" and path in taken:
            both = f"{taken[path]} and {place.name}"
            message = f'{request.step}: the inputs {both} share the LocalPath "{path}".'
            yield bad(message, "Give each a folder of its own.")
        elif kind == "input":
            taken[path] = place.name


def _uris(request: Request) -> Iterator[Finding]:
    for kind, place in _places(request):
        problem = uri_problem(place.uri) if place.uri is not None and place.source is None else None
        if place.uri is not None and problem:
            severity = Severity.WARNING if place.uri.startswith("https://") else Severity.ERROR
            message = f'{request.step}: S3Uri of the {kind} {place.name} is "{place.uri[:200]}": {problem}.'
            hint = "Write s3://BUCKET/KEY; where parameters are joined, look at their values."
            yield Finding("bad-uri", severity, request.step, message, hint)


def uri_problem(uri: str) -> str | None:
    """What is wrong with a place in S3; None: nothing."""
    if not uri:
        return "it is empty"
    scheme, separator, rest = uri.partition("://")
    if not separator or scheme != "s3":
        return "it does not begin with s3://"
    bucket = rest.split("/", 1)[0]
    if len(uri) > LONGEST_URI:
        return f"it has {len(uri)} characters, and {LONGEST_URI} are allowed"
    if rest.startswith("arn:"):  # an access point
        return None
    if not bucket:
        return "it names no bucket"
    if not BUCKET.fullmatch(bucket) or ".." in bucket:
        return f'"{bucket}" cannot be the name of a bucket'
    return None


def _modes(request: Request) -> Iterator[Finding]:
    for place in request.inputs:
        if place.mode is not None:
            message = f"{request.step}: the input {place.name} is {place.mode} in production, and files here."
            hint = f"Say which with --data {request.step}.{place.name}=PATH, and mind how the script reads."
            yield Finding("input-mode", Severity.NOTE, request.step, message, hint)


def _runtime(request: Request) -> Iterator[Finding]:
    seconds, most = request.max_runtime, LONGEST_RUN[request.job]
    if seconds is not None and not 1 <= seconds <= most:
        message = f"{request.step}: MaxRuntimeInSeconds is {seconds:g}; SageMaker takes 1 to {most}."
        yield _error(request.step, "service-limit", message, "Change StoppingCondition.")


# ---- code, files and order


def unordered_data(step: str, given: str, uri: str, producer: str, output: str) -> Finding:
    """``unordered-data``: nothing makes the reader wait for the writer."""
    message = f"{step}.{given} reads {uri}, where {producer}.{output} is written, "
    message += f"but nothing says that {step} runs after {producer}."
    hint = (
        f"Hand on the property of {producer} in place of the text, or add {producer} to DependsOn of {step}."
    )
    return Finding("unordered-data", Severity.WARNING, step, message, hint)


def unnamed_script(step: str, code: str, runner: str, scripts: Sequence[str]) -> Finding:
    """``unnamed-script``: which file of the folder is run stands in a shell script that is not here."""
    there = f"it holds {', '.join(scripts[:10])}" if scripts else "it holds no Python file"
    name = runner.rsplit("/", 1)[-1]
    message = f"{step}: which file of its code is run stands only in {name}; {there}."
    hint = f"Name the file: --code {code}=FOLDER/SCRIPT.py, or the shell script: --code {runner}=PATH."
    return _error(step, "unnamed-script", message, hint)


def script_not_shipped(step: str, script: str, shipped: str | None) -> Finding:
    """``script-not-shipped``: the entry point starts a file that no input brings."""
    if shipped is None:  # the image may hold it
        message = f"{step} starts {script}, and none of its inputs lies above that path."
        hint = "Add an input with the code whose LocalPath is that folder, unless the image holds the file."
        return Finding("script-not-shipped", Severity.WARNING, step, message, hint)
    name = shipped.rsplit("/", 1)[-1]
    message = f"{step} starts {script}, but its input brings a single file there, {name}."
    hint = "Name that file in ContainerEntrypoint, or hand over the one that is named there."
    return _error(step, "script-not-shipped", message, hint)


def script_not_in_folder(step: str, script: str, folder: Path, beside: Sequence[str]) -> Finding:
    """``script-not-shipped``: the folder that is sent with the job lacks the file that the job starts."""
    near = difflib.get_close_matches(script, beside, 1)
    there = f"Did you mean {near[0]}?" if near else f"Its scripts: {', '.join(beside[:10]) or 'none'}."
    message = f"{step} starts {script}, which is not in the folder of its code, {folder}."
    hint = f"{there} Mend the name, put the file there, or name another folder with --code."
    return _error(step, "script-not-shipped", message, hint)


def property_file(step: str, name: str, output: str, outputs: Sequence[str]) -> Finding:
    """``property-file``: it lies in an output that the step does not have."""
    message = f'{step}: the property file {name} lies in the output "{output}", which the step does not have.'
    return _error(step, "property-file", message, f"Its outputs: {', '.join(outputs) or 'none'}.")
