"""``pipetest data``: the generated inputs of a pipeline as files, for a user to keep and to edit."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipetest.data.client import DataError, Reader
from pipetest.data.synthetic import file_name, refused
from pipetest.given_data import learnt
from pipetest.pipeline import Fault, Input, Pipeline, PipelineError, Step, Synthetic, unknown_name

UNSAFE = re.compile(r"[^\w.-]+|^[.-]")  # in the name of a file


@dataclass(frozen=True, slots=True)
class Written:
    """A file of generated data, and the input that it is for."""

    step: str
    input: str
    path: Path
    rows: int
    columns: int
    seed: int


@dataclass(frozen=True, slots=True)
class _Recipe:
    """What goes into one file."""

    step: Step
    input: Input
    made: Synthetic
    path: Path
    columns: Mapping[str, Mapping[str, Any]]


def write(
    pipeline: Pipeline, folder: Path, steps: Sequence[str] = (), rows: int | None = None, force: bool = False
) -> list[Written]:
    """Write each generated input (of these steps) to ``folder/STEP.INPUT.csv``, or as its format is called.

    ``rows`` is for all of them, instead of what each says; ``force`` overwrites. Raises PipelineError with
    all that stands against it, and then nothing was written.
    """
    wanted = list(_wanted(pipeline, steps))
    faults: list[Fault] = []
    with Reader() as reader:
        recipes: list[_Recipe] = []
        for step, one, made in wanted:
            try:
                columns, form = learnt(one, reader)
            except DataError as error:
                faults.append(_fault(pipeline, step, one, str(error)))
                continue
            made = replace(made, rows=made.rows if rows is None else rows, format=form)
            faults += [_fault(pipeline, step, one, said) for said in refused(columns, made.rows)]
            path = _path(folder, step, one, form, {recipe.path for recipe in recipes})
            recipes.append(_Recipe(step, one, made, path, columns))
        if not force:
            faults += [_already(recipe.path) for recipe in recipes if recipe.path.exists()]
        if faults:
            raise PipelineError(faults)
        return [_written(pipeline, recipe, reader) for recipe in recipes]


def render(written: Iterable[Written], pipeline: Pipeline) -> str:
    """What was written, and how each file is put to use."""
    blocks = []
    for one in written:
        owner = f"{one.step}.{one.input}"
        home = pipeline.path.parent if pipeline.path else Path.cwd()
        keys = ("steps", one.step, "inputs", one.input, "path", os.path.relpath(one.path, home))
        name = pipeline.path.name if pipeline.path else "the pipeline"
        blocks.append(
            f"{one.path}: synthetic, {one.rows:,} rows x {one.columns:,} columns, seed {one.seed}\n"
            f"  for one run  --data {shlex.quote(f'{owner}={one.path}')}\n"
            f"  for good     in {name}, {': '.join(map(_key, keys))}\n"
        )
    last = "With a `path`, take `like`, `format`, `seed` and the number of `rows` out; `columns` can stay.\n"
    return "".join(blocks) + (last if blocks else "")


def _key(text: str) -> str:
    """A text as YAML has it: quoted where it must be."""
    return text if re.fullmatch(r"[A-Za-z_./][\w./-]*", text) else json.dumps(text, ensure_ascii=False)


def _wanted(pipeline: Pipeline, steps: Sequence[str]) -> Iterator[tuple[Step, Input, Synthetic]]:
    names = [step.name for step in pipeline.steps]
    faults = [unknown_name("--step", name, names, pipeline.name) for name in steps if name not in names]
    if faults:
        raise PipelineError(faults)
    found = [
        (step, one, one.synthetic)
        for step in pipeline.steps
        if not steps or step.name in steps
        for one in step.inputs
        if one.synthetic
    ]
    if not found:
        where = f"the steps {', '.join(steps)} of {pipeline.name}" if steps else pipeline.name
        message = f"No input of {where} is to be generated."
        hint = (
            "Give an input `columns`, or a file that it is `like`, and no path: raw: {columns: {age: int}}."
        )
        raise PipelineError([Fault(message, hint, _file(pipeline))])
    yield from found


def _path(folder: Path, step: Step, one: Input, form: str, taken: Collection[Path]) -> Path:
    """A file for an input, whatever characters the names have; none that is taken, whatever its case."""
    safe = name = UNSAFE.sub("_", f"{step.name}.{one.name}")
    lower = {str(path).lower() for path in taken}
    again = 1
    while str(folder / file_name(name, form)).lower() in lower:
        again += 1
        name = f"{safe}-{again}"
    return folder / file_name(name, form)


def _written(pipeline: Pipeline, recipe: _Recipe, reader: Reader) -> Written:
    made, path = recipe.made, recipe.path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        reader.ask(
            "generate",
            path=str(path.absolute()),
            columns=recipe.columns,
            rows=made.rows,
            format=made.format,
            seed=made.seed,
            name=recipe.input.name,
        )
    except OSError as error:
        message = f"{path.parent} cannot be written to: {error.strerror}."
        raise PipelineError([Fault(message, "Name another folder with -o.")]) from error
    except DataError as error:
        raise PipelineError([_fault(pipeline, recipe.step, recipe.input, str(error))]) from error
    return Written(recipe.step.name, recipe.input.name, path, made.rows, len(recipe.columns), made.seed)


def _fault(pipeline: Pipeline, step: Step, one: Input, said: str) -> Fault:
    message = f"The data for {step.name}.{one.name} cannot be made. {said}"
    return Fault(message, "Mend what is declared of the input.", _file(pipeline), one.line)


def _file(pipeline: Pipeline) -> str | None:
    return str(pipeline.path) if pipeline.path else None


def _already(path: Path) -> Fault:
    return Fault(f"{path} is there already; nothing was written.", "Name another folder with -o, or --force.")
