"""All judgement: what a source says, or how an attempt ended, in; findings out. One function a code.

Only what is certain to break is an error. Each code has a page in ``docs/findings/``.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path

from pipetest.isolate import Outcome
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
    if step.args or _has_container_paths(step):
        return "script"
    takes = source.main.parameters or () if source.main else ()
    return "main" if {"input_paths", "output_paths"} & set(takes) else "script"


def _has_container_paths(step: Step) -> bool:
    inputs, outputs = (
        (one.container_path for one in step.inputs),
        (one.container_path for one in step.outputs),
    )
    return any(inputs) or any(outputs)


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
    if not has_entry and not running:
        message = f"{script} does its work when it is imported, for want of a `__main__` guard, so it was not loaded."
        hint = "Its source was checked; `pipetest run` runs it. Put the work under a guard to have it loaded, too."
        return [Finding("runs-on-import", Severity.NOTE, name, message, hint, file)]
    return []


def relative_import(name: str, source: Source, entry: str | None) -> list[Finding]:
    """``relative-import``: works inside a package, and not for ``python file.py``."""
    relative = [one for one in source.imports if one.level and one.place in ("top", "guard")]
    if not relative or entry in ("main", "command"):
        return []
    dotted = "." * relative[0].level + relative[0].module
    message = f"{source.path.name} imports from `{dotted}`: `python {source.path.name}` fails at it, with no known parent package."
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
        findings.append(_missing_module(name, one.module, severity, str(source.path), one.line))
    return findings


def _missing_module(
    name: str, module: str, severity: Severity, file: str, line: int | None, detail: str = ""
) -> Finding:
    distribution = DISTRIBUTIONS.get(module.partition(".")[0], module.partition(".")[0])
    script = Path(file).name
    message = f"{script} imports `{module}`, which is not installed for the step's Python."
    hint = f"Install it (`pip install {distribution}`), or name the Python that has it with `python:`."
    return Finding("missing-module", severity, name, message, hint, file, line, detail)


def judge_command(step: Step) -> tuple[Status, list[Finding]]:
    """A step that is a command: there is nothing to load, but the program must be there."""
    from shutil import which

    program = (step.entry or ("",))[0]
    if which(program) or program == "python":
        message = f"{step.name} is a command (`{program}`): nothing was loaded."
        hint = "`pipetest run` runs it."
        return Status.SKIPPED, [Finding("not-loaded", Severity.NOTE, step.name, message, hint)]
    return Status.FAILED, [command_not_found(step.name, f"there is no program `{program}`")]


# --- how it ended ------------------------------------------------------------------------------------------


def judge_load(
    name: str, source: Source, entry: str | None, outcome: Outcome
) -> tuple[Status, list[Finding]]:
    """What loading a script showed."""
    answer = outcome.answer or {}
    ended = _judge_end(name, source.path, outcome, "load-error", outcome.tail)
    if ended:
        return ended
    file = str(source.path)
    if not answer.get("done"):
        code = outcome.exit_code
        message = f"{source.path.name} ended its process with code {code} while it was imported."
        hint = "Move what exits under the `__main__` guard: nothing after it was looked at."
        detail = last_lines(outcome.tail)
        finding = Finding("exited-while-loading", Severity.ERROR, name, message, hint, file, detail=detail)
        return Status.FAILED, [finding]
    needs_main = entry == "main" or not source.guard
    if needs_main and not answer.get("main") and (source.main or entry == "main"):
        message = f"`main` of {source.path.name} is not callable once the file is loaded."
        hint = "Define `main` as a function and do not rebind the name."
        line = source.main.line if source.main else None
        return Status.FAILED, [Finding("no-entry-point", Severity.ERROR, name, message, hint, file, line)]
    return Status.PASSED, [*left_processes(name, outcome), *ignored_exceptions(name, outcome.tail)]


def judge_run(
    step: Step, path: Path | None, outcome: Outcome, log: str, inputs: str
) -> tuple[Status, list[Finding]]:
    """What running a step showed, apart from its outputs. ``inputs`` describes what it was given."""
    warnings = [*left_processes(step.name, outcome), *ignored_exceptions(step.name, log)]
    ended = _judge_end(step.name, path or Path(step.name), outcome, "exception", log, inputs)
    if ended:
        return ended[0], [*ended[1], *warnings]
    if outcome.exit_code:
        name = path.name if path else " ".join(step.entry or ())
        message = f"{name} ended with exit code {outcome.exit_code}."
        hint = "The last lines of its log say why; a step succeeds when it exits with 0."
        detail = join_details(last_lines(log), inputs)
        finding = Finding("exit-code", Severity.ERROR, step.name, message, hint, detail=detail)
        return Status.FAILED, [finding, *warnings]
    return Status.PASSED, warnings


def _judge_end(
    name: str, path: Path, outcome: Outcome, code: str, log: str, inputs: str = ""
) -> tuple[Status, list[Finding]] | None:
    """An end that is wrong for a load and for a run alike; None where there is none."""
    if outcome.lost:
        return Status.CRASHED, [supervisor_lost(name, outcome.lost)]
    if outcome.timed_out:
        return Status.TIMEOUT, [timeout(name, path, outcome, log)]
    answer = outcome.answer or {}
    if "setup" in answer:
        return Status.FAILED, [command_not_found(name, answer["setup"])]
    if "error" in answer:
        return Status.FAILED, [exception(name, path, answer, code, log, inputs)]
    if outcome.signal:
        return Status.CRASHED, [killed(name, path, outcome, log)]
    return None


def supervisor_lost(name: str, reason: str) -> Finding:
    """``supervisor-lost``: nothing is known of the step's end."""
    message = f"How {name} ended is not known: {reason}."
    hint = "Look for code that ends its parent or all processes of the user; try `--fresh` and `-j 1`."
    return Finding("supervisor-lost", Severity.ERROR, name, message, hint)


def command_not_found(name: str, reason: str) -> Finding:
    """``command-not-found``: the step's command could not be started."""
    message = f"The command of {name} could not be started: {reason}."
    hint = "Correct `entry`, or install the program and have its folder on PATH."
    return Finding("command-not-found", Severity.ERROR, name, message, hint)


def timeout(name: str, path: Path, outcome: Outcome, log: str) -> Finding:
    """``timeout``: ended by us at its deadline, with where it was."""
    frames = [
        line for line in log.splitlines() if line.startswith("  File ") and "/pipetest/_worker" not in line
    ]
    line = next((_frame_line(frame) for frame in frames if f'"{path}"' in frame), None)
    message = f"{path.name} was still running after {outcome.seconds:.1f} s and was ended."
    hint = "Give it less data or more time (`timeout:` or `--timeout`), or mend the loop it hangs in."
    return Finding(
        "timeout", Severity.ERROR, name, message, hint, str(path), line, _without_ours(last_lines(log))
    )


def _frame_line(frame: str) -> int | None:
    found = re.search(r"line (\d+)", frame)
    return int(found[1]) if found else None


def _without_ours(log: str) -> str:
    return "\n".join(line for line in log.splitlines() if "/pipetest/_worker" not in line)


def killed(name: str, path: Path, outcome: Outcome, log: str) -> Finding:
    """``killed``: a signal that was not ours ended it."""
    message = f"{path.name} was ended by {outcome.signal}."
    hint = {
        "SIGKILL": "SIGKILL from outside is most often the system out of memory: give it less data.",
        "SIGSEGV": "A compiled library crashed; the traceback shows the call. Look for mixed or broken versions.",
    }.get(outcome.signal or "", "Look in its log for what it was doing last.")
    frames = [line for line in log.splitlines() if line.startswith("  File ") and f'"{path}"' in line]
    line = _frame_line(frames[0]) if frames else None
    return Finding(
        "killed", Severity.ERROR, name, message, hint, str(path), line, _without_ours(last_lines(log))
    )


def exception(
    name: str, path: Path, answer: Mapping[str, object], code: str, log: str, inputs: str
) -> Finding:
    """``exception``, ``load-error``, ``syntax-error`` or ``missing-module``: what it raised, and where."""
    kind, text = str(answer["error"]), str(answer.get("message", "")).strip()
    file, line = _place(path, answer)
    detail = join_details(*_traceback(kind, text, answer, log), inputs)
    if kind == "ModuleNotFoundError" and answer.get("module"):
        return _missing_module(name, str(answer["module"]), Severity.ERROR, file, line, detail)
    if kind in ("SyntaxError", "IndentationError", "TabError") and file == str(path):
        code = "syntax-error"
    first = text.splitlines()[0][:300] if text else ""
    shown = f"{kind}: {first}" if first else kind
    doing = "was loaded" if code == "load-error" else "ran"
    message = f"{path.name} raised {shown} while it {doing}."
    return Finding(code, Severity.ERROR, name, message, _hint_for(kind), file, line, detail)


def _traceback(kind: str, text: str, answer: Mapping[str, object], log: str) -> list[str]:
    """The end of the log, which has the traceback unless the script kept Python from printing it."""
    lines = last_lines(log)
    frames = answer.get("frames")
    if f"{kind}: {text[:50]}" in log or kind in log or not isinstance(frames, list):
        return [lines]
    shown = [f'  File "{file}", line {line}, in {name}' for file, line, name in frames]
    return [lines, "\n".join(["Traceback (most recent call last):", *shown, f"{kind}: {text}"])]


def _hint_for(kind: str) -> str:
    if kind in ("FileNotFoundError", "NotADirectoryError"):
        return (
            "A step sees only what it declares: name the file under `inputs`, and take its path from there."
        )
    if kind == "KeyError":
        return "Look the name up in what the step was given: a column, a variable of `env`, an input."
    return "The traceback shows the line to mend."


def _place(path: Path, answer: Mapping[str, object]) -> tuple[str, int | None]:
    """The user's line that an error comes from: the innermost frame of the script or of a file beside it."""
    syntax = answer.get("syntax")
    if isinstance(syntax, list) and syntax[0]:
        return str(syntax[0]), syntax[1]
    frames = answer.get("frames")
    if isinstance(frames, list):
        for file, line, *_ in reversed(frames):
            if Path(file).is_relative_to(path.parent) and "site-packages" not in file:
                return str(file), line
    return str(path), None


def left_processes(name: str, outcome: Outcome) -> list[Finding]:
    """``left-process``: something that the step started outlived it."""
    if not outcome.left:
        return []
    listed = ", ".join(f"`{command}`" for command in outcome.left[:3])
    more = f" and {len(outcome.left) - 3} more" if len(outcome.left) > 3 else ""
    message = f"{name} left a process running: {listed}{more}; it was ended."
    hint = "Wait for what you start, or end it: in a container it ends with the step, half done."
    return [Finding("left-process", Severity.WARNING, name, message, hint)]


def ignored_exceptions(name: str, log: str) -> list[Finding]:
    """``thread-exception`` and ``atexit-exception``: printed by Python, and without effect on the exit code."""
    findings = []
    for code, pattern, what in (
        ("thread-exception", r"^Exception in thread (.+?)[ :(]", "A thread"),
        ("atexit-exception", r"^(?:Exception ignored in atexit callback|Error in atexit)", "An exit handler"),
    ):
        if re.search(pattern, log, re.MULTILINE):
            message = f"{what} of {name} ended with an exception, which the exit code does not show."
            hint = "Its traceback is in the log: let the step fail of it, or handle it."
            findings.append(Finding(code, Severity.WARNING, name, message, hint, detail=last_lines(log)))
    return findings


# --- outputs -------------------------------------------------------------------------------------------------


def judge_outputs(step: Step, found: Mapping[str, Mapping[str, object]]) -> list[Finding]:
    """``missing-output``, ``empty-output``, ``link-in-output``, ``not-verified``: what it promised, and what is there."""
    findings = []
    for output in step.outputs:
        facts = found[output.name]
        links, missing_globs = facts["links"], facts["unmatched"]
        kind = "file" if output.is_file else "folder"
        if links:
            findings.append(_link_in_output(step.name, output.name, links))
        if output.optional and not facts["files"]:
            continue
        if not facts["files"]:
            empty = bool(facts["exists"] and not links)
            code = "empty-output" if empty and (output.is_file or facts["names"]) else "missing-output"
            is_what = (
                "is empty" if code == "empty-output" else "has nothing in it" if empty else "was not written"
            )
            message = f"{step.name} promised the {kind} `{output.name}`, which {is_what}."
            hint = f"Write to {facts['path']}, or declare it `optional: true`."
            findings.append(Finding(code, Severity.ERROR, step.name, message, hint))
        elif missing_globs:
            message = f"Nothing in `{output.name}` of {step.name} matches {missing_globs}."
            hint = f"It holds {facts['names']}. Correct the name in the script or under `files`."
            findings.append(Finding("missing-output", Severity.ERROR, step.name, message, hint))
        if output.columns or output.rows:
            message = (
                f"`columns` and `rows` of `{output.name}` are declared and not verified by this version."
            )
            hint = "The files were found; look at what is in them yourself."
            findings.append(Finding("not-verified", Severity.NOTE, step.name, message, hint))
    return findings


def _link_in_output(name: str, output: str, links: object) -> Finding:
    message = f"`{output}` of {name} holds symbolic links ({links}), which are not handed on."
    hint = "Copy the files into the output: SageMaker does not upload links."
    return Finding("link-in-output", Severity.WARNING, name, message, hint)


def missing_inputs(step: Step, present: Collection[str]) -> list[Finding]:
    """``missing-input``: an upstream step passed without writing an output that is optional for it alone."""
    return [
        missing_input(step.name, f"{one.from_step}.{one.from_output}" if one.from_step else str(one.path))
        for one in step.inputs
        if not one.optional and one.name not in present
    ]


def missing_input(name: str, what: str) -> Finding:
    """``missing-input``: nothing to hand to the step."""
    message = f"{name} needs {what}, which is not there."
    hint = (
        "Have the step before it write that, name data with `--data`, or declare the input `optional: true`."
    )
    return Finding("missing-input", Severity.ERROR, name, message, hint)


def bad_stub(name: str, stub: str, absent: Sequence[str]) -> Finding:
    """``bad-stub``: the stub lacks outputs."""
    message = f"The stub {stub} of {name} has no {', '.join(f'`{one}`' for one in absent)}."
    hint = "Put a file or folder of each output's name into the stub."
    return Finding("bad-stub", Severity.ERROR, name, message, hint)


def inputs_text(inputs: Mapping[str, Mapping[str, object]]) -> str:
    """What a step was given, for the detail of its failure."""
    lines = [
        f"  {name}: {facts['names'] or 'empty'} ({facts['bytes']:,} bytes)" for name, facts in inputs.items()
    ]
    return "\n".join(["its inputs held:", *lines]) if lines else ""


def upstream_failed(name: str, needed: Collection[str]) -> Finding:
    """``upstream-failed``: something that the step needs did not pass."""
    listed = ", ".join(sorted(needed))
    message = f"{name} was not run: it needs {listed}, which did not pass."
    return Finding("upstream-failed", Severity.NOTE, name, message, f"Mend {listed} first.")


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


def last_lines(log: str, count: int = 20) -> str:
    """The end of a log, for a message."""
    return "\n".join(log.rstrip().splitlines()[-count:])


def join_details(*parts: str) -> str:
    """Parts of a detail, an empty line between them."""
    return "\n\n".join(part for part in parts if part)
