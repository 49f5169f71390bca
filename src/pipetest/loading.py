"""``check``: what can be said of scripts before they run: their sources, and whether they load."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipetest import attempts, checks, containers, endings, sandbox, sandbox_files, survey, traces
from pipetest.containers import job_of
from pipetest.isolate import Attempt, Outcome, Pool
from pipetest.pipeline import Fault, Pipeline, PipelineError, Step, job_arguments, unknown_name
from pipetest.results import BAD, Finding, Severity, Status, StepResult
from pipetest.source import Import, Source, package_of, read
from pipetest.survey import Script

LOAD_SECONDS = 60.0
PIPELINE_SUFFIXES = (".yaml", ".yml", ".toml", ".json")
PASSED_OVER = frozenset({"__pycache__", "node_modules", "site-packages", "venv", "build", "dist"})


@dataclass(frozen=True, slots=True)
class Target:
    """One script to check, by itself or as a step of a pipeline."""

    name: str
    path: Path | None
    step: Step | None = None
    source: Source | None = None  # where it has been read already


@dataclass(frozen=True, slots=True)
class Found:
    """What a search for targets came upon."""

    targets: tuple[Target, ...]
    passed_over: tuple[str, ...] = ()  # files of searched folders that are no scripts, and why


def find_targets(arguments: Sequence[Path | Pipeline], steps: Sequence[str] = ()) -> Found:
    """Scripts, folders of scripts and pipeline files (narrowed to ``steps``), as targets.

    Raises PipelineError for a wrong one.
    """
    targets: list[Target] = []
    passed_over: list[str] = []
    for path in arguments:
        if isinstance(path, Pipeline):
            targets += of_pipeline(path, steps)
        elif path.is_dir() and path.suffix != ".py":
            found = _search(path)
            targets += found.targets
            passed_over += found.passed_over
        elif path.suffix.lower() in PIPELINE_SUFFIXES:
            from pipetest.pipeline_file import load

            targets += of_pipeline(load(path), steps)
        else:
            targets.append(Target(str(path), path))
    unique = {(target.name, target.path): target for target in targets}  # named twice, checked once
    return Found(tuple(unique.values()), tuple(passed_over))


def of_pipeline(pipeline: Pipeline, names: Sequence[str] = ()) -> list[Target]:
    """The steps of a pipeline as targets: all, or those named."""
    known = [step.name for step in pipeline.steps]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise PipelineError([unknown_name("--step", name, known, pipeline.name) for name in unknown])
    chosen = [step for step in pipeline.steps if not names or step.name in names]
    return [Target(step.name, step.script_path, step) for step in chosen]


def _search(folder: Path) -> Found:
    """All scripts below a folder; what is only imported by others is passed over."""
    targets, passed_over = [], []
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name not in PASSED_OVER
            and not Path(place, name, "pyvenv.cfg").exists()
        )
        for name in sorted(name for name in [*files, *folders] if name.endswith(".py")):
            path = Path(place, name)
            source = read(path)
            reason = _why_passed_over(source)
            if reason:
                passed_over.append(f"{path}: {reason}")
            else:
                targets.append(Target(str(path), path, source=source))
    if not targets and not passed_over:
        hint = "Name a folder that holds Python scripts, a script, or a pipeline file."
        raise PipelineError([Fault(f"{folder} holds no Python scripts.", hint, str(folder))])
    return Found(tuple(targets), tuple(passed_over))


def _why_passed_over(source: Source) -> str | None:
    path = source.path
    if path.name in ("__init__.py", "setup.py", "conftest.py"):
        return "it belongs to a package or to a tool"
    if path.name.startswith("test_") or path.name.endswith("_test.py"):
        return "it is a test"
    if source.problem or source.main or source.guard or source.work == "work":
        return None
    return "it has no `main`, no `__main__` guard and does no work of its own"


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """How to check."""

    jobs: int
    timeout: float | None = None  # seconds for one load
    fresh: bool = False
    fail_fast: bool = False


def check(
    targets: Sequence[Target], options: CheckOptions, note: Callable[[Finding], object]
) -> Iterator[StepResult]:
    """Check each target; yields results as they come. Loads happen in processes of their own.

    ``note`` is called with what concerns no step: a module that could not be preloaded.
    """
    folder = Path(tempfile.mkdtemp(prefix="pipetest-"))
    try:
        survey.modules_in.cache_clear()  # files may have come since the last call
        scripts = [_script(target) for target in targets]
        for result in _check(targets, scripts, options, folder, note):
            yield result
            if options.fail_fast and result.status in BAD:
                return
    finally:
        sandbox_files.remove(folder)


def _check(
    targets: Sequence[Target],
    scripts: Sequence[Script | None],
    options: CheckOptions,
    folder: Path,
    note: Callable[[Finding], object],
) -> Iterator[StepResult]:
    readable = [script for script in scripts if script and not script.source.problem]
    environments = survey.environments({script.python for script in readable}, options.jobs)
    roots = {} if options.fresh else survey.shared_roots(readable)
    with Pool(options.jobs, environments, folder, roots) as pool:
        is_missing = survey.missing(pool, readable)
        pairs = list(zip(targets, scripts, strict=True))
        unmet = survey.judge_requirements(pool, [one.step for one, known in pairs if one.step and known])
        loading: dict[int, list[Finding]] = {}
        for index, (target, script) in enumerate(pairs):
            status, findings = _judge(target, script, is_missing)
            findings += unmet.get(target.name, ())
            if status or not script:
                yield _result(target, script, status or Status.FAILED, findings)
                continue
            attempt, notes = _attempt(target.step, script, pool, environments[script.python], options, folder)
            loading[index] = [*findings, *notes]
            pool.submit(index, attempt)
        for _ in range(len(loading)):
            key, outcome = pool.next()
            index = int(str(key))
            yield _loaded(targets[index], scripts[index], outcome, loading[index])
        for refusal in pool.refusals:
            note(checks.preload_skipped(refusal.module, refusal.reason))


def _script(target: Target) -> Script | None:
    """The script of a target; None where there is none to load: a stub, a command, nothing found."""
    step = target.step
    if target.path is None or (
        step and (step.stub or step.kind != "script" or isinstance(step.entry, tuple))
    ):
        return None
    return survey.script_of(target.name, target.source or read(target.path), step)


def _judge(
    target: Target, script: Script | None, is_missing: Callable[[Script, Import], bool]
) -> tuple[Status | None, list[Finding]]:
    """What is known without loading; no status where loading has to tell."""
    step = target.step
    known = list(step.findings) if step else []
    failed = Status.FAILED if any(finding.severity is Severity.ERROR for finding in known) else None
    if step and step.stub:
        return failed or Status.STUBBED, known
    if step and step.kind != "script":
        return failed or Status.SKIPPED, [checks.nothing_to_load(step), *known]
    if step and isinstance(step.entry, tuple):
        status, findings = checks.judge_command(step)
        return failed or status, [*findings, *known]
    if script is None and step and step.code_uri:
        not_here = [] if failed else [checks.code_not_here(target.name, step.code_uri)]
        return failed or Status.SKIPPED, [*not_here, *known]
    if script is None:
        return Status.FAILED, [checks.missing_script(target.name, step.looked_for if step else ()), *known]
    findings = checks.judge_source(
        target.name, script.source, script.entry, lambda one: is_missing(script, one), running=False
    )
    findings += [*survey.judge_words(step, script), *known]
    if any(finding.severity is Severity.ERROR for finding in findings):
        return Status.FAILED, findings
    if any(finding.code == "runs-on-import" for finding in findings):
        return Status.SKIPPED, findings
    return None, findings


def _attempt(
    step: Step | None,
    script: Script,
    pool: Pool,
    base: Mapping[str, str],
    options: CheckOptions,
    folder: Path,
) -> tuple[Attempt, list[Finding]]:
    if step and job_of(step):
        attempt, differing = _in_container(step, script, base, folder)
    else:
        env = {**base, **sandbox.declared_environment(step)} if step else base
        attempt, differing = _plain(step, script, env), sandbox.is_read_at_import(env, base)
    reason = None if options.fresh else survey.fresh_reason(pool, script, differing)
    attempt = replace(
        attempt, timeout=options.timeout or LOAD_SECONDS, fresh=options.fresh or reason is not None
    )
    return attempt, [checks.started_fresh(script.name, reason)] if reason else []


def _plain(step: Step | None, script: Script, env: Mapping[str, str]) -> Attempt:
    """A load where the script lies; its lane has folders for it."""
    path = os.path.abspath(script.source.path)  # noqa: PTH100 (a link must stay a link, as for python itself)
    return Attempt(
        "load",
        path,
        (path, *step.args, *job_arguments(step.job_args)) if step else (path,),
        env,
        LOAD_SECONDS,
        script.python,
        sys_path=tuple(map(str, script.folders)),
        package=package_of(script.source)[0] if script.entry != "script" else None,
    )


def _in_container(
    step: Step, script: Script, base: Mapping[str, str], folder: Path
) -> tuple[Attempt, list[str]]:
    """A load with the container's folders and variables: some scripts ask for them as they are imported.

    There is no data yet.
    """
    box = sandbox.lay_out(step, folder / "runs" / "check" / step.name, {}, base, {})
    attempt = attempts.of_step(step, script, script.python, box, [folder])
    return replace(attempt, mode="load", given={}), attempts.differing(box, base)


def _loaded(target: Target, script: Script | None, outcome: Outcome, findings: list[Finding]) -> StepResult:
    if script is None:
        raise TypeError("only scripts are loaded")
    if target.step and job_of(target.step):
        outcome = traces.localized(outcome, *containers.code_places(target.step))
    status, found = endings.judge_load(target.name, script.source, script.entry, outcome)
    found += traces.judge_record(target.name, script.source.path, outcome, status, outcome.tail, loading=True)
    if any(finding.severity is Severity.ERROR for finding in (*found, *findings)):
        status = status if status in BAD else Status.FAILED
    result = _result(target, script, status, [*found, *findings])
    return replace(
        result,
        seconds=outcome.seconds,
        cpu_seconds=outcome.cpu_seconds,
        max_rss_mb=outcome.max_rss_mb,
        started_as="fresh" if outcome.fresh else "fork",
        exit_code=outcome.exit_code,
        signal=outcome.signal,
    )


def _result(target: Target, script: Script | None, status: Status, findings: list[Finding]) -> StepResult:
    path = str(script.source.path) if script else None
    return StepResult(target.name, status, path, entry="load" if script else None, findings=tuple(findings))
