"""What a pipeline is: steps and the data that passes between them.

These types are what the file reader (``pipeline_file``) and the importers make and all else reads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pipetest.results import Finding


@dataclass(frozen=True, slots=True)
class Take:
    """How many rows of a table a step is given: the first, or spread over it, or so many of each class."""

    count: int  # rows of each table; of the shards of one together
    spread: bool = False  # at even distances, instead of the first
    stratify: str | None = None  # a column of which each value keeps its share


@dataclass(frozen=True, slots=True)
class Synthetic:
    """Data to be generated, where an input has columns (or a file that they are learnt from) and no path."""

    rows: int = 100
    format: str | None = None  # csv, csv.gz, ...; left out: that of ``like``, or csv
    like: Path | None = None  # columns are learnt from this file
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Input:
    """A named folder or file that a step reads: an upstream output (a link), or a path of the user's."""

    name: str
    from_step: str | None = None  # with from_output: a link
    from_output: str | None = None
    path: Path | None = None  # absolute; a file or a folder outside the pipeline
    uri: str | None = None  # where it lies in production (s3://...): named when it has no path here
    below: str | None = None  # with a link: the file or folder below the output that is taken
    container_path: str | None = None  # the folder that it is copied into, or the file itself
    columns: Mapping[str, Any] | None = None
    rows: str | None = None  # how many there must be: ">0"
    files: tuple[str, ...] = ()  # globs that must match
    schema: str | None = None  # "module:Name" of a pandera schema
    take: Take | None = None
    synthetic: Synthetic | None = None
    optional: bool = False
    line: int | None = None  # of the pipeline file


@dataclass(frozen=True, slots=True)
class Output:
    """A named folder or file that a step promises to write. A name with a suffix is a file."""

    name: str
    container_path: str | None = None
    archive: str | None = None  # handed on as a tar.gz of this name, as SageMaker does with a model
    files: tuple[str, ...] = ()  # globs that must match
    columns: Mapping[str, Any] | None = None
    rows: str | None = None
    schema: str | None = None  # "module:Name" of a pandera schema
    optional: bool = False
    line: int | None = None

    @property
    def is_file(self) -> bool:
        """Whether the output is one file and no folder: by its path in the container, else by its name."""
        return "." in (self.container_path or self.name).rpartition("/")[2].strip(".")


@dataclass(frozen=True, slots=True)
class Value:
    """A value that is known only once a step has run: one place in a JSON file that it wrote."""

    step: str
    output: str  # the name of the output that holds the file
    file: str  # below the output; empty where the output is the file
    path: str  # "a.b[0].c", in the words of SageMaker's JsonGet


@dataclass(frozen=True, slots=True)
class Step:
    """One script of the pipeline, with its inputs, outputs, environment and arguments.

    ``kind`` says what there is to do. "script" and nothing else runs something; "condition" is evaluated
    and opens the steps that name it in ``only_if``; "fail" fails the pipeline with the message ``says``
    when it is reached; "record" (a model to register, say) needs its inputs and runs nothing; "container"
    can be run only in an image of its own, for the reason ``says``, and is skipped unless it has a stub.
    """

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
    kind: str = "script"  # "script", "condition", "fail", "record" or "container"
    says: str = ""  # with "fail": the message; with "record" and "container": what it is, and why
    job: str | None = None  # "processing" or "training": whose container it sees
    source_dir: Path | None = None  # the folder that is shipped with the script; None: the script alone
    code_path: str | None = None  # the container's folder of the code; None: as the job has it
    code_uri: str | None = None  # where the code lies in production, where it was not found here
    working_dir: str | None = None  # in the container; None: as the job has it
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)  # of a training job
    condition: tuple[Mapping[str, Any], ...] = ()  # of kind "condition": all must hold
    only_if: Mapping[str, bool] = field(default_factory=dict)  # condition step -> the outcome it runs for
    values: Mapping[str, Value] = field(default_factory=dict)  # for {values.NAME} and conditions
    findings: tuple[Finding, ...] = ()  # what an importer found already

    def upstream(self) -> frozenset[str]:
        """The names of the steps that must be done before this one."""
        linked = {link.from_step for link in self.inputs if link.from_step is not None}
        read = {value.step for value in self.values.values()}
        return frozenset(linked | read | {*self.needs, *self.only_if})


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Steps in the order of the file, and where that file is."""

    name: str
    steps: tuple[Step, ...]
    path: Path | None = None  # the pipeline file, absolute
    findings: tuple[Finding, ...] = ()  # what an importer found, and concerns no step
    asked: tuple[str, ...] = ()  # the options that were given to read it, for a command that does it again

    def step(self, name: str) -> Step:
        """The step of that name. Raises KeyError where there is none."""
        for step in self.steps:
            if step.name == name:
                return step
        raise KeyError(name)


def with_findings(pipeline: Pipeline, found: Mapping[str, Sequence[Finding]]) -> Pipeline:
    """The pipeline with more of what is known of its steps before they run."""
    steps = (
        replace(step, findings=(*step.findings, *found[step.name])) if step.name in found else step
        for step in pipeline.steps
    )
    return replace(pipeline, steps=tuple(steps))


@dataclass(frozen=True, slots=True)
class Local:
    """What a user says of this machine, for a pipeline that was written for the cloud."""

    params: Mapping[str, str] = field(default_factory=dict)  # pipeline parameter -> value, as text
    code: Mapping[str, Path] = field(default_factory=dict)  # s3://... -> a script, or a folder
    data: Mapping[str, Path] = field(default_factory=dict)  # s3://... or STEP.INPUT -> file or folder
    stubs: Mapping[str, Path] = field(default_factory=dict)  # step -> what stands in for its outputs
    links: Mapping[str, str] = field(default_factory=dict)  # CONSUMER.INPUT -> PRODUCER.OUTPUT
    env: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # step -> variables
    script_dirs: tuple[Path, ...] = ()
    interfaces: tuple[Path, ...] = ()  # folders of *.step.yaml


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


def declared(columns: Mapping[str, Any] | None) -> dict[str, dict[str, Any]]:
    """Columns as they are declared, each as a mapping: ``age: int`` is ``{"age": {"type": "int"}}``."""
    return {
        name: {"type": body} if isinstance(body, str) else {"type": "any", **body}
        for name, body in (columns or {}).items()
    }


SNAPSHOT = ".snapshot.yaml"  # pipeline.yaml: pipeline.snapshot.yaml, beside it

PLACEHOLDER = re.compile(r"\{(inputs|outputs|values)\.([^{}]+)\}")


def fill(text: str, places: Mapping[str, Mapping[str, str]]) -> str:
    """``text`` with each ``{KIND.NAME}`` of these replaced; one that is not known stays as it is."""
    return PLACEHOLDER.sub(lambda found: places.get(found[1], {}).get(found[2], found[0]), text)


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
