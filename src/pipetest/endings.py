"""Judgement of how an attempt ended, and of what it was to write: outcome in, status and findings out."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipetest.checks import command_not_found, missing_module
from pipetest.isolate import Outcome
from pipetest.pipeline import Input, Output, Step
from pipetest.results import Finding, Severity, Status
from pipetest.sandbox import SandboxError
from pipetest.source import Source


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
    ended = _judge_end(step.name, path or Path(step.name), outcome, "exception", log, inputs, step)
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
    name: str, path: Path, outcome: Outcome, code: str, log: str, inputs: str = "", step: Step | None = None
) -> tuple[Status, list[Finding]] | None:
    """An end that is wrong for a load and for a run alike; None where there is none."""
    if outcome.unusable:
        return Status.FAILED, [command_not_found(name, outcome.unusable)]
    if outcome.lost:
        return Status.CRASHED, [supervisor_lost(name, outcome.lost)]
    if outcome.timed_out:
        return Status.TIMEOUT, [timeout(name, path, outcome, log)]
    answer = outcome.answer or {}
    if "broken" in answer:
        raise SandboxError(f"the sandbox of {name} could not be entered: {answer['broken']}")
    if "unstarted" in answer:
        return Status.FAILED, [command_not_found(name, answer["unstarted"])]
    if "error" in answer:
        return Status.FAILED, [exception(name, path, answer, code, log, inputs, step)]
    if outcome.signal:
        return Status.CRASHED, [killed(name, path, outcome, log)]
    return None


def supervisor_lost(name: str, reason: str) -> Finding:
    """``supervisor-lost``: nothing is known of the step's end."""
    message = f"How {name} ended is not known: {reason}."
    hint = "Look for code that ends its parent or all processes of the user; try `--fresh` and `-j 1`."
    return Finding("supervisor-lost", Severity.ERROR, name, message, hint)


def timeout(name: str, path: Path, outcome: Outcome, log: str) -> Finding:
    """``timeout``: ended by us at its deadline, with where it was."""
    frames = [
        line for line in log.splitlines() if line.startswith("  File ") and "/pipetest/_worker" not in line
    ]
    line = next((_frame_line(frame) for frame in frames if f'"{path.absolute()}"' in frame), None)
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
        "SIGSEGV": "A compiled library crashed; the traceback shows the call. Look for mixed versions.",
    }.get(outcome.signal or "", "Look in its log for what it was doing last.")
    frames = [
        line for line in log.splitlines() if line.startswith("  File ") and f'"{path.absolute()}"' in line
    ]
    line = _frame_line(frames[0]) if frames else None
    return Finding(
        "killed", Severity.ERROR, name, message, hint, str(path), line, _without_ours(last_lines(log))
    )


def exception(
    name: str,
    path: Path,
    answer: Mapping[str, object],
    code: str,
    log: str,
    inputs: str,
    step: Step | None = None,
) -> Finding:
    """``exception``, ``load-error``, ``syntax-error`` or ``missing-module``: what it raised, and where."""
    kind, text = str(answer["error"]), str(answer.get("message", "")).strip()
    file, line = place_of(path, answer)
    detail = join_details(*_traceback(kind, text, answer, log), inputs)
    if kind == "ModuleNotFoundError" and answer.get("module"):
        module = str(answer["module"])
        return missing_module(name, module, Severity.ERROR, file, line, detail, is_installed="." in module)
    if kind in ("SyntaxError", "IndentationError", "TabError") and file == str(path):
        code = "syntax-error"
    first = text.splitlines()[0][:300] if text else ""
    shown = f"{kind}: {first}" if first else kind
    doing = "was loaded" if code == "load-error" else "ran"
    message = f"{path.name} raised {shown} while it {doing}."
    return Finding(code, Severity.ERROR, name, message, _hint_for(kind, text, step), file, line, detail)


def _traceback(kind: str, text: str, answer: Mapping[str, object], log: str) -> list[str]:
    """The end of the log, which has the traceback unless the script kept Python from printing it."""
    lines = last_lines(log)
    frames = answer.get("frames")
    if f"{kind}: {text[:50]}" in log or kind in log or not isinstance(frames, list):
        return [lines]
    shown = [f'  File "{file}", line {line}, in {name}' for file, line, name in frames]
    return [lines, "\n".join(["Traceback (most recent call last):", *shown, f"{kind}: {text}"])]


def _hint_for(kind: str, text: str, step: Step | None) -> str:
    places = [one.container_path for one in step.inputs if one.container_path] if step else []
    if kind in ("FileNotFoundError", "NotADirectoryError"):
        if places:
            return f"What it was given lies in {', '.join(places)}: below is what each held as it started."
        return (
            "A step sees only what it declares: name the file under `inputs`, and take its path from there."
        )
    if kind == "KeyError" and text.strip("'").startswith("SM_CHANNEL_"):
        return f"Its channels are {', '.join(place.rpartition('/')[2] for place in places) or 'none'}."
    if kind == "KeyError":
        return "Look the name up in what the step was given: a column, a variable of `env`, an input."
    return "The traceback shows the line to mend."


def place_of(path: Path, answer: Mapping[str, object]) -> tuple[str, int | None]:
    """The user's line that an error comes from: the innermost frame of the script or of a file beside it."""
    syntax = answer.get("syntax")
    if isinstance(syntax, list) and syntax[0]:
        return str(syntax[0]), syntax[1]
    frames = answer.get("frames")
    if isinstance(frames, list):
        beside = path.absolute().parent
        for file, line, *_ in reversed(frames):
            if Path(file).is_relative_to(beside) and "site-packages" not in file:
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
    """``thread-exception`` and ``atexit-exception``: printed, and without effect on the exit code."""
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


def judge_outputs(
    step: Step, found: Mapping[str, Mapping[str, object]], strays: Sequence[str] = ()
) -> list[Finding]:
    """``missing-output``, ``empty-output``, ``link-in-output``: promised, and there.

    ``strays`` are the files that the step wrote below /opt/ml and that belong to no output.
    """
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
            hint = _where_to_write(output, str(facts["path"]), strays)
            findings.append(Finding(code, Severity.ERROR, step.name, message, hint))
        elif missing_globs:
            message = f"Nothing in `{output.name}` of {step.name} matches {missing_globs}."
            hint = f"It holds {facts['names']}. Correct the name in the script or under `files`."
            findings.append(Finding("missing-output", Severity.ERROR, step.name, message, hint))
    return findings


def _where_to_write(output: Output, path: str, strays: Sequence[str]) -> str:
    if not output.container_path:
        return (
            f"Write to what `{{outputs.{output.name}}}` or `output_paths[{output.name!r}]` names "
            f"(here {path}), or declare it `optional: true`."
        )
    more = f" and {len(strays) - 3} more" if len(strays) > 3 else ""
    elsewhere = f" It wrote {', '.join(strays[:3])}{more}, which nothing takes." if strays else ""
    return f"Write to {output.container_path}: what lies there is handed on.{elsewhere}"


def _link_in_output(name: str, output: str, links: object) -> Finding:
    message = f"`{output}` of {name} holds symbolic links ({links}), which are not handed on."
    hint = "Copy the files into the output: SageMaker does not upload links."
    return Finding("link-in-output", Severity.WARNING, name, message, hint)


def missing_inputs(step: Step, present: Collection[str]) -> list[Finding]:
    """``missing-input``: an upstream step passed without writing an output that is optional for it alone."""
    return [
        missing_input(step.name, _origin(one))
        for one in step.inputs
        if not one.optional and one.name not in present
    ]


def _origin(one: Input) -> str:
    if one.from_step:
        return f"{one.from_step}.{one.from_output}"
    return str(one.path) if one.path else f"data for its input `{one.name}`"


def missing_input(name: str, what: str) -> Finding:
    """``missing-input``: nothing to hand to the step."""
    message = f"{name} needs {what}, which is not there."
    hint = (
        "Have the step before it write that, name data with `--data`, or declare the input `optional: true`."
    )
    return Finding("missing-input", Severity.ERROR, name, message, hint)


def unreadable_input(name: str, what: str) -> Finding:
    """``missing-input``: what is to be handed to the step may not be read."""
    message = f"{name} needs {what}, which you may not read."
    return Finding("missing-input", Severity.ERROR, name, message, "Change its permissions, or lend a copy.")


def bad_stub(name: str, stub: str, absent: Sequence[str]) -> Finding:
    """``bad-stub``: the stub lacks outputs."""
    message = f"The stub {stub} of {name} has no {', '.join(f'`{one}`' for one in absent)}."
    hint = "Put a file or folder of each output's name into the stub."
    return Finding("bad-stub", Severity.ERROR, name, message, hint)


def inputs_text(inputs: Mapping[str, Mapping[str, Any]]) -> str:
    """What a step was given, for the detail of its failure: files, and the columns of tables."""
    lines = []
    for name, held in inputs.items():
        lines.append(f"  {name}: {held['names'] or 'empty'} ({held['bytes']:,} bytes)")
        tables = [table for table in held.get("facts", ()) if table.get("columns")]
        lines += [f"    {table['name']}: {_extent(table)}" for table in tables[:5]]
    facts = [table for held in inputs.values() for table in held.get("facts", ())]
    if any(one["format"] in READ and not one.keys() & {"rows", "columns", "problem"} for one in facts):
        lines.append("  (pip install 'pipetest[data]' shows the columns of tables)")
    return "\n".join(["its inputs held:", *lines]) if lines else ""


READ = ("csv", "tsv", "jsonl", "parquet")  # formats of which rows are known where tables can be read


def _extent(table: Mapping[str, Any]) -> str:
    """The rows of a table, and its columns with their types."""
    columns = [f"{one['name']} {one['type']}" for one in table["columns"]]
    more = f", and {len(columns) - 20} more" if len(columns) > 20 else ""
    rows = f"{table['rows']:,} row{'' if table['rows'] == 1 else 's'} of " if "rows" in table else ""
    return f"{rows}{', '.join(columns[:20])}{more}"


def last_lines(log: str, count: int = 20) -> str:
    """The end of a log, for a message."""
    return "\n".join(log.rstrip().splitlines()[-count:])


def join_details(*parts: str) -> str:
    """Parts of a detail, an empty line between them."""
    return "\n\n".join(part for part in parts if part)
