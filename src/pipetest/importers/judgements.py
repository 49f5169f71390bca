"""Judgement of what a definition says of code, files and order. ``limits`` has those of the service."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from pipetest.results import Finding, Severity


def unordered_data(step: str, given: str, uri: str, producer: str, output: str) -> Finding:
    """``unordered-data``: nothing makes the reader wait for the writer."""
    return Finding(
        "unordered-data",
        Severity.WARNING,
        step,
        f"{step}.{given} reads {uri}, where {producer}.{output} is written, but nothing says that "
        f"{step} runs after {producer}.",
        f"Hand on the property of {producer} in place of the text, or add {producer} to DependsOn of {step}.",
    )


def unnamed_script(step: str, code: str, runner: str, scripts: Sequence[str]) -> Finding:
    """``unnamed-script``: which file of the folder is run stands in a shell script that is not here."""
    there = f"it holds {', '.join(scripts[:10])}" if scripts else "it holds no Python file"
    return Finding(
        "unnamed-script",
        Severity.ERROR,
        step,
        f"{step}: which file of its code is run stands only in {runner.rsplit('/', 1)[-1]}; {there}.",
        f"Name the file: --code {code}=FOLDER/SCRIPT.py, or the shell script: --code {runner}=PATH.",
    )


def script_not_shipped(step: str, script: str, shipped: str | None) -> Finding:
    """``script-not-shipped``: the entry point starts a file that no input brings."""
    if shipped is None:  # the image may hold it
        return Finding(
            "script-not-shipped",
            Severity.WARNING,
            step,
            f"{step} starts {script}, and none of its inputs lies above that path.",
            "Add an input with the code whose LocalPath is that folder, unless the image holds the file.",
        )
    return Finding(
        "script-not-shipped",
        Severity.ERROR,
        step,
        f"{step} starts {script}, but its input brings a single file there, {shipped.rsplit('/', 1)[-1]}.",
        "Name that file in ContainerEntrypoint, or hand over the one that is named there.",
    )


def script_not_in_folder(step: str, script: str, folder: str, beside: Sequence[str]) -> Finding:
    """``script-not-shipped``: the folder that is sent with the job lacks the file that the job starts."""
    near = difflib.get_close_matches(script, beside, 1)
    there = f"Did you mean {near[0]}?" if near else f"Its scripts: {', '.join(beside[:10]) or 'none'}."
    return Finding(
        "script-not-shipped",
        Severity.ERROR,
        step,
        f"{step} starts {script}, which is not in the folder of its code, {folder}.",
        f"{there} Mend the name, put the file there, or name another folder with --code.",
    )


def property_file(step: str, name: str, output: str, outputs: Sequence[str]) -> Finding:
    """``property-file``: it lies in an output that the step does not have."""
    return Finding(
        "property-file",
        Severity.ERROR,
        step,
        f'{step}: the property file {name} lies in the output "{output}", which the step does not have.',
        f"Its outputs: {', '.join(outputs) or 'none'}.",
    )
