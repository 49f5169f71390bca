"""Before anything is started: what the scripts' sources say, which modules they share, which are missing."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.machinery import all_suffixes
from pathlib import Path

from pipetest.checks import entry_of
from pipetest.containers import job_of, shipped
from pipetest.isolate import Pool, Root, WorkerError
from pipetest.pipeline import Step, job_arguments
from pipetest.results import Finding
from pipetest.source import Import, Source, package_of

SHARED_BY = 2  # scripts that must import a module to have it preloaded
NEVER = frozenset({"antigravity", "this", "__main__", "idlelib", "pipetest"})  # importing them does something


@dataclass(frozen=True, slots=True)
class Script:
    """A script, how it is started, and by which interpreter."""

    name: str  # of the step
    source: Source
    entry: str | None  # None: not known, it is checked by itself
    python: str
    folders: tuple[Path, ...]  # what goes before the interpreter's own ``sys.path``


def script_of(name: str, source: Source, step: Step | None) -> Script:
    """How a script is to be started: as its step says, or as far as it is known without one."""
    entry = entry_of(step, source) if step else None
    own = Path(os.path.realpath(source.path)).parent
    package, root = package_of(source)
    folders: tuple[Path, ...] = (root, own) if package and entry != "script" else (own,)
    if step and job_of(step):
        folders = (own,) if shipped(step) else ()  # else it is shipped without what lies beside it
    return Script(name, source, entry, interpreter(step.python if step else None), folders)


def shared_roots(scripts: Iterable[Script]) -> dict[str, list[Root]]:
    """For each interpreter, the modules worth importing once: several scripts import them for certain."""
    counts: dict[str, Counter[str]] = {}
    names: dict[tuple[str, str], set[str]] = {}
    for script in scripts:
        wanted = {one.module for one in _certain(script)}
        counts.setdefault(script.python, Counter()).update(wanted)
        for one in _certain(script):
            names.setdefault((script.python, one.module), set()).update(one.names)
    return {
        python: [
            (module, tuple(sorted(names[python, module] - {"*"})))
            for module, count in counter.most_common()
            if count >= SHARED_BY
        ]
        for python, counter in counts.items()
    }


def _certain(script: Script) -> list[Import]:
    places = ("top", "guard") if script.entry == "script" else ("top",)
    return [
        one
        for one in script.source.imports
        if one.place in places
        and not one.level
        and one.top_level not in NEVER
        and not any(one.top_level in modules_in(folder) for folder in script.folders)
    ]


@cache
def modules_in(folder: Path) -> frozenset[str]:
    """The top-level modules that a folder holds."""
    suffixes = tuple(all_suffixes())
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return frozenset()
    return frozenset(
        entry.name.partition(".")[0]
        for entry in entries
        if entry.name.endswith(suffixes) or ("." not in entry.name and entry.is_dir())
    )


def missing(pool: Pool, scripts: Iterable[Script]) -> Callable[[Script, Import], bool]:
    """A test for "this import cannot be found". Asks each interpreter once, imports nothing."""
    wanted: dict[str, set[str]] = {}
    for script in scripts:
        wanted.setdefault(script.python, set()).update(one.top_level for one in script.source.imports)
    found: dict[str, frozenset[str]] = {}
    for python, names in wanted.items():
        try:
            found[python] = pool.find(python, names - {""})
        except WorkerError:
            found[python] = frozenset(names)  # each attempt will say that the interpreter cannot be used

    def is_missing(script: Script, one: Import) -> bool:
        local = any(one.top_level in modules_in(folder) for folder in script.folders)
        return not local and one.top_level not in found[script.python]

    return is_missing


def judge_requirements(pool: Pool, steps: Iterable[Step]) -> dict[str, list[Finding]]:
    """What is wrong with the ``requirements.txt`` that a container installs before it starts a script.

    It is read, and held against what the step's interpreter has; nothing is installed.
    """
    findings = {}
    for step in steps:
        folder = shipped(step) if job_of(step) else None
        path = folder / "requirements.txt" if folder else None
        if path and path.is_file():
            from pipetest import requirements

            text = path.read_text("utf-8", "replace")
            names = requirements.requirement_names(text, path)
            try:
                installed = pool.versions(interpreter(step.python), {*names})
            except WorkerError:
                continue  # the attempt will say that the interpreter cannot be used
            version = installed.pop("python") or ""
            findings[step.name] = requirements.judge_requirements_file(
                step.name, path, text, installed, version
            )
    return findings


def judge_words(step: Step | None, script: Script) -> list[Finding]:
    """What of a step's command line its script is certain to refuse."""
    parses = any(one.top_level == "argparse" for one in script.source.imports)
    if step is None or script.entry != "script" or not parses or not (step.args or step.hyperparameters):
        return []
    from pipetest.contract_checks import judge_command_line
    from pipetest.jobs import arguments

    known = {finding.code for finding in step.findings}  # an importer may have told already
    words = (*step.args, *arguments(step), *job_arguments(step.job_args))
    found = judge_command_line(step.name, words, script.source.path)
    return [finding for finding in found if finding.code not in known]


def fresh_reason(pool: Pool, script: Script, differing: list[str]) -> str | None:
    """Why a step cannot be forked from a worker that has imported things for it; None: it can."""
    if differing:
        return f"{', '.join(differing)} may change what libraries do when they are imported"
    try:
        preloaded = pool.preloaded(script.python)
    except WorkerError:
        return None
    shadowed = sorted(name for folder in script.folders for name in modules_in(folder) & preloaded)
    if shadowed:
        return f"files beside it have the names of modules in use ({', '.join(shadowed[:3])})"
    return None


def interpreter(python: str | None) -> str:
    """The path of a step's interpreter: our own, or what ``python:`` names."""
    if not python:
        return sys.executable
    from shutil import which

    return which(python) or python


def environments(pythons: Iterable[str], jobs: int) -> Mapping[str, Mapping[str, str]]:
    """What the workers of these interpreters start with."""
    from pipetest.sandbox import base_environment

    return {python: base_environment(python, jobs) for python in pythons}
