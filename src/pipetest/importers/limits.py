"""Judgement: limits that SageMaker checks only when a job starts, when the steps before it are paid for."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from pipetest.results import Finding, Severity

PROCESSING, TRAINING = "Processing", "Training"
ROOT = "/opt/ml/processing/"
MOST = {  # of each: what it is called, and how many a job may have
    PROCESSING: {"inputs": 10, "outputs": 10, "env": 100, "words": 100, "args": 100},
    TRAINING: {"inputs": 20, "env": 100, "words": 100, "args": 100, "hyperparameters": 100},
}
CALLED = {
    "inputs": {PROCESSING: "ProcessingInputs", TRAINING: "channels in InputDataConfig"},
    "outputs": {PROCESSING: "outputs in ProcessingOutputConfig"},
    "env": dict.fromkeys((PROCESSING, TRAINING), "Environment variables"),
    "words": dict.fromkeys((PROCESSING, TRAINING), "words in ContainerEntrypoint"),
    "args": dict.fromkeys((PROCESSING, TRAINING), "ContainerArguments"),
    "hyperparameters": {TRAINING: "HyperParameters"},
}
LONGEST_ENV = {PROCESSING: 256, TRAINING: 512}
LONGEST_WORD, LONGEST_HYPERPARAMETER, LONGEST_URI, LONGEST_CHANNEL = 256, 2500, 1024, 64
LONGEST_RUN = {PROCESSING: 777_600, TRAINING: 2_419_200}  # seconds: 9 and 28 days
STEP_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
CHANNEL_NAME = re.compile(r"[A-Za-z0-9._-]+")
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
        yield _error(
            name,
            "bad-name",
            f"{name}: the name of a step has letters, digits, - and _, at most 64; this has {len(name)}.",
            "Rename the step.",
        )
    if isinstance(expire_after, str) and not DURATION.fullmatch(expire_after):
        yield _error(
            name,
            "bad-duration",
            f'{name}: ExpireAfter of CacheConfig is "{expire_after}", which is no ISO 8601 duration.',
            "Write P30D for 30 days, PT12H for 12 hours, PT90M for 90 minutes.",
        )


def judge(request: Request) -> list[Finding]:
    """What the service refuses of a job, or fails it for."""
    checks = (_counts, _lengths, _names, _local_paths, _uris, _modes, _runtime)
    return [finding for check in checks for finding in check(request)]


def _error(step: str, code: str, message: str, hint: str) -> Finding:
    return Finding(code, Severity.ERROR, step, message, hint)


def _counts(request: Request) -> Iterator[Finding]:
    for what, most in MOST[request.job].items():
        count = len(getattr(request, what))
        if count > most:
            called = CALLED[what][request.job]
            yield _error(
                request.step,
                "service-limit",
                f"{request.step} has {count} {called}; SageMaker takes at most {most}.",
                _fewer(what),
            )


def _fewer(what: str) -> str:
    if what in ("inputs", "outputs"):
        return "Put several of them below one prefix in S3, and hand that over as one."
    return "Put the rest into a file, and hand that over as an input."


def _lengths(request: Request) -> Iterator[Finding]:
    limit = LONGEST_ENV[request.job]
    groups: Sequence[tuple[str, Iterator[tuple[str, str]], int]] = (
        ("Environment variable {}", iter(request.env.items()), limit),
        ("word {} of ContainerEntrypoint", _numbered(request.words), LONGEST_WORD),
        ("element {} of ContainerArguments", _numbered(request.args), LONGEST_WORD),
        ("hyperparameter {}", iter(request.hyperparameters.items()), LONGEST_HYPERPARAMETER),
    )
    for what, items, most in groups:
        for key, value in items:
            if len(value) > most and "{values." not in value:  # what is known only later may be shorter
                yield _error(
                    request.step,
                    "service-limit",
                    f"{request.step}: the {what.format(key)} has {len(value)} characters; SageMaker takes at "
                    f'most {most}: "{value[:30]}..."',
                    "Shorten it, or hand it over as a file among the inputs.",
                )


def _numbered(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    return ((str(number), word) for number, word in enumerate(words, 1))


def _names(request: Request) -> Iterator[Finding]:
    bad = partial(_error, request.step, "bad-name")
    for name in request.env:
        if not ENV_NAME.fullmatch(name):
            yield bad(
                f'{request.step}: SageMaker refuses the name of the Environment variable "{name}".',
                "Letters, digits and _, and no digit in front.",
            )
    kind = "channel" if request.job == TRAINING else "input"
    for place in request.inputs if request.job == TRAINING else ():
        if not CHANNEL_NAME.fullmatch(place.name) or len(place.name) > LONGEST_CHANNEL:
            yield bad(
                f'{request.step}: SageMaker refuses the name of the channel "{place.name}".',
                f"Letters, digits, ., - and _, at most {LONGEST_CHANNEL}.",
            )
    names = [place.name for place in request.inputs]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield bad(
            f'{request.step} has {names.count(name)} {kind}s of the name "{name}".', "Rename all but one."
        )


# ---- places


def _local_paths(request: Request) -> Iterator[Finding]:
    if request.job != PROCESSING:
        return
    for kind, places in (("input", request.inputs), ("output", request.outputs)):
        for place in places:
            path = place.local_path
            if path is not None and not posixpath.normpath(path).startswith(ROOT):
                yield _error(
                    request.step,
                    "local-path",
                    f'{request.step}: LocalPath of the {kind} {place.name} is "{path}", not below {ROOT}.',
                    f"Move it there, as {ROOT}{place.name}, and change the script where it names the path.",
                )
    yield from _shared_paths(request)


def _shared_paths(request: Request) -> Iterator[Finding]:
    taken: dict[str, str] = {}
    for place in request.inputs:
        if place.local_path is None:
            continue
        path = posixpath.normpath(place.local_path)
        if path in taken:
            yield _error(
                request.step,
                "local-path",
                f'{request.step}: the inputs {taken[path]} and {place.name} share the LocalPath "{path}".',
                "Give each a folder of its own.",
            )
        taken.setdefault(path, place.name)


def _uris(request: Request) -> Iterator[Finding]:
    for kind, places in (("input", request.inputs), ("output", request.outputs)):
        for place in places:
            if place.uri is None or place.source is not None:
                continue
            problem = uri_problem(place.uri)
            if problem:
                severity = Severity.WARNING if place.uri.startswith("https://") else Severity.ERROR
                yield Finding(
                    "bad-uri",
                    severity,
                    request.step,
                    f'{request.step}: S3Uri of the {kind} {place.name} is "{place.uri[:200]}": {problem}.',
                    "Write s3://BUCKET/KEY; where parameters are joined, look at their values.",
                )


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
            yield Finding(
                "input-mode",
                Severity.NOTE,
                request.step,
                f"{request.step}: the input {place.name} is {place.mode} in production, and files here.",
                f"Say which with --data {request.step}.{place.name}=PATH, and mind how the script reads.",
            )


def _runtime(request: Request) -> Iterator[Finding]:
    most = LONGEST_RUN[request.job]
    if request.max_runtime is not None and not 1 <= request.max_runtime <= most:
        yield _error(
            request.step,
            "service-limit",
            f"{request.step}: MaxRuntimeInSeconds is {request.max_runtime:g}; SageMaker takes 1 to {most}.",
            "Change StoppingCondition.",
        )
