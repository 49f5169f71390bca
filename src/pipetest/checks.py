"""Judgement before anything is started: what a source says in, findings out. One function a code.

How an attempt ended is judged in ``endings``. Only what is certain to break is an error. Each code has
a page in ``docs/findings/``.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from pathlib import Path

from pipetest.containers import job_of
from pipetest.pipeline import Step
from pipetest.results import Finding, Severity, Status
from pipetest.source import Import, Source

GIVEN = ("input_paths", "output_paths", "environ_vars", "job_args")  # what a pipeline has for main()
# What is installed under another name than it is imported by.
DISTRIBUTIONS = {
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "fitz": "PyMuPDF",
    "google": "google-cloud-storage",
    "magic": "python-magic",
    "PIL": "Pillow",
    "psycopg2": "psycopg2-binary",
    "sagemaker_training": "sagemaker-training",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "umap": "umap-learn",
    "yaml": "PyYAML",
}


def entry_of(step: Step, source: Source) -> str:
    """How a step is started: "command", "script" or "main", by what it declares and what its main takes."""
    if isinstance(step.entry, tuple):
        return "command"
    if step.entry:
        return step.entry
    if step.args or job_of(step):
        return "script"
    takes = source.main.parameters or () if source.main else ()
    return "main" if {"input_paths", "output_paths"} & set(takes) else "script"


# --- the source --------------------------------------------------------------------------------------------


def judge_source(
    name: str, source: Source, entry: str | None, is_missing: Callable[[Import], bool], running: bool
) -> list[Finding]:
    """What is wrong with a script before anything is executed.

    ``entry`` is None where a script is checked by itself and nobody said how it is started.
    """
    if source.problem:
        return [unreadable(name, source)]
    findings = [*no_entry_point(name, source, entry, running), *relative_import(name, source, entry)]
    if entry == "main":
        findings += main_signature(name, source)
    return findings + missing_modules(name, source, entry, is_missing)


def missing_script(name: str, looked_for: Iterable[Path]) -> Finding:
    """``missing-script``: nowhere that it was looked for."""
    places = list(looked_for)
    beside = {path.name for place in places if place.parent.is_dir() for path in place.parent.glob("*.py")}
    wanted = places[0].name if places else f"{name}.py"
    near = difflib.get_close_matches(wanted, sorted(beside), 1)
    guess = f"Did you mean {near[0]}? " if near else ""
    where = ", ".join(str(place) for place in places)
    return Finding(
        "missing-script",
        Severity.ERROR,
        name,
        f"There is no script for {name}: looked for {where}.",
        f"{guess}Correct `script_path`, or name the folder of the script in `script_dirs`.",
        str(places[0]) if places else None,
    )


def unreadable(name: str, source: Source) -> Finding:
    """``missing-script``, ``unreadable-script`` or ``syntax-error``: nothing more can be said of it."""
    path = str(source.path)
    if source.problem == "missing":
        return missing_script(name, [source.path])
    if source.problem == "unreadable":
        hint = "Name a Python file that the user who runs the pipeline may read."
        message = f"{source.path.name} cannot be read: {source.reason}."
        return Finding("unreadable-script", Severity.ERROR, name, message, hint, path)
    shown = f": `{source.text}`" if source.text else ""
    message = f"{source.path.name} is not valid Python: {source.reason}{shown}."
    hint = "Mend that line; if it is new syntax, run the step with the Python that knows it (`python:`)."
    return Finding("syntax-error", Severity.ERROR, name, message, hint, path, source.line)


def no_entry_point(name: str, source: Source, entry: str | None, running: bool) -> list[Finding]:
    """``no-entry-point``: started as the pipeline starts it, the script does nothing; ``runs-on-import``."""
    file, script = str(source.path), source.path.name
    beside = [
        one for one in source.imports if one.place == "top" and _lies_beside(source.path, one.top_level)
    ]
    if beside and source.work == "none" and not source.star_import:
        source = replace(source, work="calls")  # what it imports may do the work
    has_entry = (source.main and not source.calls_main) or source.guard
    if entry == "main" and not source.main and not source.star_import:
        message = f"{script} defines no `main`, and the pipeline calls it."
        hint = "Define `main(input_paths, output_paths, environ_vars, job_args)`, or set `entry: script`."
        return [Finding("no-entry-point", Severity.ERROR, name, message, hint, file)]
    if not has_entry and source.work == "none" and not source.star_import:
        message = (
            f"{script} has no `main`, no `__main__` guard and no work of its own: running it does nothing."
        )
        hint = "Add a `main` and a guard that calls it, or take the file out of the steps if it is a helper."
        return [Finding("no-entry-point", Severity.ERROR, name, message, hint, file)]
    if entry == "script" and source.main and not source.guard and source.work == "none":
        message = f"{script} defines `main` and nothing calls it: `python {script}` does nothing."
        hint = 'Add `if __name__ == "__main__": main()`, or set `entry: main`.'
        severity = Severity.ERROR if running else Severity.WARNING
        return [Finding("no-entry-point", severity, name, message, hint, file, source.main.line)]
    if not has_entry and not running and source.work != "none":
        does = "does its work" if source.work == "work" or source.calls_main else "calls functions"
        message = f"{script} {does} when it is imported, so it was not loaded: it has no guard."
        hint = "Its source was checked, and `pipetest run` runs it. Under a `__main__` guard it is loaded."
        return [Finding("runs-on-import", Severity.NOTE, name, message, hint, file)]
    return []


def relative_import(name: str, source: Source, entry: str | None) -> list[Finding]:
    """``relative-import``: works inside a package, and not for ``python file.py``."""
    relative = [one for one in source.imports if one.level and one.place in ("top", "guard")]
    if not relative or entry in ("main", "command"):
        return []
    dotted = "." * relative[0].level + relative[0].module
    script = source.path.name
    message = f"{script} imports from `{dotted}`: `python {script}` fails: no known parent package."
    hint = "Start it as a module (`entry: [python, -m, package.module]`), or make the import absolute."
    severity = Severity.ERROR if entry == "script" else Severity.WARNING
    return [Finding("relative-import", severity, name, message, hint, str(source.path), relative[0].line)]


def main_signature(name: str, source: Source) -> list[Finding]:
    """``main-signature``: ``main`` demands what a pipeline does not give, or is async."""
    main = source.main
    if main is None:
        return []
    if main.is_async:
        message = f"`main` of {source.path.name} is async: calling it does nothing until it is awaited."
        hint = "Make `main` a plain function that runs the coroutine with `asyncio.run(...)`."
        return [Finding("main-signature", Severity.ERROR, name, message, hint, str(source.path), main.line)]
    unknown = [one for one in main.required if one not in GIVEN and not one.startswith("logger")]
    if not unknown:
        return []
    listed = ", ".join(f"`{one}`" for one in unknown)
    message = f"`main` of {source.path.name} requires {listed}, which the pipeline does not give."
    near = difflib.get_close_matches(unknown[0], GIVEN, 1)
    guess = f"Did you mean `{near[0]}`? " if near else ""
    hint = f"{guess}It gives {', '.join(GIVEN)} and any logger*: rename the parameter, or give it a default."
    return [Finding("main-signature", Severity.ERROR, name, message, hint, str(source.path), main.line)]


def missing_modules(
    name: str, source: Source, entry: str | None, is_missing: Callable[[Import], bool]
) -> list[Finding]:
    """``missing-module``: an import that cannot be found; an error only where it is certain to be reached."""
    if source.changes_path:
        return []  # it decides for itself where modules come from: loading it will tell
    certain = ("top", "guard") if entry == "script" else ("top",)
    findings, seen = [], set()
    for one in sorted(source.imports, key=lambda one: (one.place not in certain, one.line)):
        if one.level or one.place == "guarded" or one.top_level in seen or not is_missing(one):
            continue
        seen.add(one.top_level)
        severity = Severity.ERROR if one.place in certain else Severity.WARNING
        lies_beside = _lies_beside(source.path, one.top_level)
        judge = unshipped_module if lies_beside else missing_module
        findings.append(judge(name, one.module, severity, str(source.path), one.line))
    return findings


def _lies_beside(path: Path, module: str) -> bool:
    return (path.parent / f"{module}.py").is_file() or (path.parent / module).is_dir()


def unshipped_module(name: str, module: str, severity: Severity, file: str, line: int | None) -> Finding:
    """``missing-module``: it lies beside the script, and the script is shipped alone."""
    message = f"{Path(file).name} needs `{module}`, which lies beside it and is not shipped with it."
    hint = (
        "ScriptProcessor and SKLearnProcessor upload the script alone: use FrameworkProcessor with a "
        "source_dir, or name the folder (`source_dir` in the pipeline file, a folder in --code)."
    )
    return Finding("missing-module", severity, name, message, hint, file, line)


def missing_module(
    name: str,
    module: str,
    severity: Severity,
    file: str,
    line: int | None,
    detail: str = "",
    is_installed: bool = False,
) -> Finding:
    """``missing-module``: an import that the step's interpreter cannot satisfy."""
    distribution = DISTRIBUTIONS.get(module.partition(".")[0], module.partition(".")[0])
    script, top_level = Path(file).name, module.partition(".")[0]
    message = f"{script} needs `{module}`, which is not installed for the step's Python."
    hint = f"Install it (`pip install {distribution}`), or name the Python that has it with `python:`."
    if top_level in sys.stdlib_module_names:
        message = f"{script} needs `{module}`, which the Python of the step does not have."
        hint = "It belongs to Python itself: correct the name, or use a Python and a system that have it."
    elif "." in module and is_installed:
        message = f"{script} needs `{module}`, which the installed `{top_level}` does not have."
        hint = "Correct the name, or install the version that has it."
    return Finding("missing-module", severity, name, message, hint, file, line, detail)


def nothing_to_load(step: Step) -> Finding:
    """``not-loaded`` or ``needs-container``: the step has no script of the user's."""
    if step.kind == "container":
        return needs_container(step.name, step.says)
    message = f"{step.name} has no script ({step.says or step.kind}): nothing was loaded."
    return Finding(
        "not-loaded", Severity.NOTE, step.name, message, "`pipetest run` takes its part in the graph."
    )


def judge_command(step: Step) -> tuple[Status, list[Finding]]:
    """A step that is a command: there is nothing to load, but the program must be there."""
    from shutil import which

    program = (step.entry or ("",))[0]
    if which(program) or program == "python":
        message = f"{step.name} is a command (`{program}`): nothing was loaded."
        hint = "`pipetest run` runs it."
        return Status.SKIPPED, [Finding("not-loaded", Severity.NOTE, step.name, message, hint)]
    return Status.FAILED, [command_not_found(step.name, f"there is no program `{program}`")]


def command_not_found(name: str, reason: str) -> Finding:
    """``command-not-found``: the step's command could not be started."""
    message = f"The command of {name} could not be started: {reason}."
    hint = "Correct `entry` or `python`, or install the program and have its folder on PATH."
    return Finding("command-not-found", Severity.ERROR, name, message, hint)


# --- notes: what happened to a step besides ----------------------------------------------------------------


def upstream_failed(name: str, needed: Collection[str]) -> Finding:
    """``upstream-failed``: something that the step needs did not pass."""
    listed = ", ".join(sorted(needed))
    message = f"{name} was not run: it needs {listed}, which did not pass."
    return Finding("upstream-failed", Severity.NOTE, name, message, f"Mend {listed} first.")


def branch_not_taken(name: str, condition: str, wanted: bool) -> Finding:
    """``branch-not-taken``: a condition came out the other way."""
    message = f"{name} was not run: {condition} came out {str(not wanted).lower()}."
    hint = "Change the data or a parameter to test the other branch, or name this step with --step."
    return Finding("branch-not-taken", Severity.NOTE, name, message, hint)


def needs_container(name: str, why: str) -> Finding:
    """``needs-container``: nothing of the step can be run on this machine."""
    message = f"{name} was not run: it needs its own container ({why})."
    hint = f"To test what comes after it, let files stand in for its outputs: --stub {name}=FOLDER."
    return Finding("needs-container", Severity.NOTE, name, message, hint)


def recorded(name: str, what: str) -> Finding:
    """``recorded``: a step that runs nothing of the user's."""
    message = f"{name} ({what}) runs no script: what it takes is there, and nothing was done."
    return Finding("recorded", Severity.NOTE, name, message, "Nothing needs to be done.")


def condition_result(name: str, holds: bool, account: str) -> Finding:
    """``condition-result``: how a condition came out, and on which values."""
    message = f"{name} is {str(holds).lower()}: {account}."
    return Finding("condition-result", Severity.NOTE, name, message, "Nothing needs to be done.")


def condition_error(name: str, reason: str) -> Finding:
    """``condition-error``: a condition, or a value, that cannot be read from what was written."""
    message = f"{name} cannot be decided: {reason}"
    hint = "Correct the path in the condition, or have the step write the value there."
    return Finding("condition-error", Severity.ERROR, name, message, hint)


def fail_reached(name: str, says: str, conditions: Collection[str]) -> Finding:
    """``fail-reached``: the pipeline ends itself here."""
    after = f" after {', '.join(conditions)}" if conditions else ""
    message = f"{name} was reached{after}, and fails the pipeline: {says}"
    hint = "The note of the condition shows the values; change the data, the script or the threshold."
    return Finding("fail-reached", Severity.ERROR, name, message, hint)


def code_not_here(name: str, uri: str) -> Finding:
    """``code-not-here``: the script lies in S3, and nobody said where it is on this machine."""
    message = f"The code of {name} lies at {uri}, and was not looked at."
    return Finding(
        "code-not-here", Severity.WARNING, name, message, f"Say where it is here: --code {uri}=PATH."
    )


def paths_rewritten(name: str) -> Finding:
    """``paths-rewritten``: this system gives no namespaces, so /opt/ml was another folder."""
    message = f"{name} did not see /opt/ml itself: this system refuses namespaces to its user."
    hint = (
        "In the copies of its code the path was replaced by that of another folder; a path that is put "
        "together from pieces, and programs that lie elsewhere, may still look in /opt/ml."
    )
    return Finding("paths-rewritten", Severity.NOTE, name, message, hint)


def stopped_early(name: str, why: str) -> Finding:
    """``stopped-early``: the run ended before the step's turn."""
    return Finding("stopped-early", Severity.NOTE, name, f"{name} did not finish: {why}.", "Run it again.")


def not_selected(name: str) -> Finding:
    """``not-selected``: ``--step`` named others."""
    hint = f"Add --step {name}, or run without --step."
    return Finding("not-selected", Severity.NOTE, name, f"{name} was not selected.", hint)


def passed_over(file: str) -> Finding:
    """``passed-over``: a file of a searched folder that is no script."""
    hint = "Name the file itself to have it checked."
    return Finding("passed-over", Severity.NOTE, "", f"Passed over {file}.", hint)


def started_fresh(name: str, reason: str) -> Finding:
    """``started-fresh``: the step got an interpreter of its own."""
    hint = "Nothing needs to be done; it costs the step the time of its imports."
    return Finding("started-fresh", Severity.NOTE, name, f"{name} got a fresh interpreter: {reason}.", hint)


def preload_skipped(module: str, reason: str) -> Finding:
    """``preload-skipped``: a shared module that could not be imported once for all steps."""
    message = f"`{module}` was not preloaded: {reason}."
    hint = "The steps import it themselves: slower, with the same verdicts."
    return Finding("preload-skipped", Severity.NOTE, "", message, hint)
