"""What a pipeline is: steps and the data that passes between them.

These types are what the file reader (``pipeline_file``) and the importers make and all else reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Input:
    """A named folder or file that a step reads: an upstream output (a link), or a path of the user's."""

    name: str
    from_step: str | None = None  # with from_output: a link
    from_output: str | None = None
    path: Path | None = None  # absolute; a file or a folder outside the pipeline
    container_path: str | None = None
    columns: Mapping[str, Any] | None = None
    optional: bool = False
    line: int | None = None  # of the pipeline file


@dataclass(frozen=True, slots=True)
class Output:
    """A named folder or file that a step promises to write. A name with a suffix is a file."""

    name: str
    container_path: str | None = None
    files: tuple[str, ...] = ()  # globs that must match
    columns: Mapping[str, Any] | None = None
    rows: str | None = None
    optional: bool = False
    line: int | None = None

    @property
    def is_file(self) -> bool:
        """Whether the output is one file rather than a folder."""
        return "." in self.name.strip(".")


@dataclass(frozen=True, slots=True)
class Step:
    """One script of the pipeline, with its inputs, outputs, environment and arguments."""

    name: str
    script_path: Path | None = None  # absolute; None for a command, or where no script was found
    looked_for: tuple[Path, ...] = ()  # where the script was looked for, for the message when there is none
    inputs: tuple[Input, ...] = ()
    outputs: tuple[Output, ...] = ()
    needs: tuple[str, ...] = ()  # order without data
    args: tuple[str, ...] = ()
    job_args: Mapping[str, Any] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    pass_env: tuple[str, ...] = ()
    entry: str | tuple[str, ...] | None = None  # "script", "main", a command, or None: decided by the source
    stub: Path | None = None  # these files stand in for the outputs; nothing is run
    timeout: float | None = None  # seconds
    python: str | None = None  # another interpreter: a path or a name on PATH
    network: bool = False
    line: int | None = None

    def upstream(self) -> frozenset[str]:
        """The names of the steps that must be done before this one."""
        linked = {link.from_step for link in self.inputs if link.from_step is not None}
        return frozenset(linked | set(self.needs))


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Steps in the order of the file, and where that file is."""

    name: str
    steps: tuple[Step, ...]
    path: Path | None = None  # the pipeline file, absolute

    def step(self, name: str) -> Step:
        """The step of that name. Raises KeyError where there is none."""
        for step in self.steps:
            if step.name == name:
                return step
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in a pipeline file or in what was asked of it."""

    message: str
    hint: str
    file: str | None = None
    line: int | None = None


class PipelineError(Exception):
    """The pipeline file, or what was asked of it, is wrong. Carries all faults that were found."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(fault.message for fault in faults))
        self.faults = faults


def job_arguments(job_args: Mapping[str, Any]) -> list[str]:
    """``job_args`` as a command line: true is a bare flag; false and null are left out."""
    words = []
    for name, value in job_args.items():
        if value is True:
            words.append(f"--{name}")
        elif value is not False and value is not None:
            words += [f"--{name}", str(value)]
    return words


def unknown_name(option: str, name: str, known: Sequence[str], where: str) -> Fault:
    """The fault of an option that names what is not there, with the nearest that is."""
    import difflib

    near = difflib.get_close_matches(name, known, 1)
    hint = f"Did you mean `{near[0]}`?" if near else f"There are: {', '.join(known[:20]) or 'none'}."
    return Fault(f"{option} names `{name}`, which {where} does not have.", hint)
