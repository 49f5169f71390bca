"""What a step is given in the place of its data: some rows of it, or generated data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from pipetest.data.client import DataError, Reader
from pipetest.pipeline import Input, Pipeline, Step, Synthetic, Take, declared
from pipetest.results import Finding, Severity
from pipetest.sandbox_files import remove

FOLDER = "given"  # below that of the step


class GivenError(Exception):
    """The data could not be made. Carries the finding that says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


def is_whole(pipeline: Pipeline, take: Take | None) -> bool:
    """Whether every step is given all of its real data: only then numbers of rows say something."""
    return take is None and not any(
        one.take or one.synthetic for step in pipeline.steps for one in step.inputs
    )


def prepare(
    step: Step, sources: Mapping[str, Path], folder: Path, take: Take | None, reader: Reader
) -> tuple[dict[str, Path], list[Finding]]:
    """Where the data of a step lies, with samples and generated data in ``folder``; and what to say of it.

    ``take`` is for every input from outside the pipeline that does not say for itself. Raises GivenError.
    """
    places, notes = dict(sources), []
    for one in step.inputs:
        place = folder / FOLDER / one.name
        wanted = one.take or (take if one.from_step is None else None)
        if one.synthetic and one.name not in sources:
            places[one.name] = _generate(step, one, place, take, reader)
            notes.append(_synthetic(step, one, take))
        elif wanted and one.name in sources:
            places[one.name], found = _sample(step, one, sources[one.name], place, wanted, reader)
            notes += found
    return places, notes


def _generate(step: Step, one: Input, folder: Path, take: Take | None, reader: Reader) -> Path:
    made = one.synthetic
    assert made is not None
    from pipetest.data.synthetic import file_name  # late: most inputs are real

    folder.mkdir(parents=True, exist_ok=True)
    try:
        columns, form = learnt(one, reader)
        path = folder / file_name(one.name, form)
        asked = {"rows": _rows(one, take), "format": form, "seed": made.seed, "name": one.name}
        reader.ask("generate", path=str(path), columns=columns, **asked)
    except DataError as error:
        raise GivenError(_not_made(step, one, str(error))) from error
    return path


def learnt(one: Input, reader: Reader) -> tuple[dict[str, Any], str]:
    """The columns and the format of generated data: as declared, else as in the file that it is like."""
    made = one.synthetic or Synthetic()
    if made.like is None:
        return declared(one.columns), made.format or "csv"
    told = reader.ask("learn", path=str(made.like))
    return {**told["columns"], **declared(one.columns)}, made.format or told["format"]


def _rows(one: Input, take: Take | None) -> int:
    rows = one.synthetic.rows if one.synthetic else 0
    return min(rows, take.count) if take else rows


def _sample(
    step: Step, one: Input, source: Path, folder: Path, take: Take, reader: Reader
) -> tuple[Path, list[Finding]]:
    """Some rows of an input. A column that the option names for all of them need not be in each."""
    place = folder / source.name
    folder.mkdir(parents=True, exist_ok=True)
    try:
        told = reader.ask("sample", source=str(source), target=str(place), take=asdict(take))
        if told and take.stratify and one.take is None:
            remove(folder)
            return _sample(step, one, source, folder, replace(take, stratify=None), reader)[0], [
                _not_stratified(step, one, told)
            ]
    except DataError as error:
        raise GivenError(_not_made(step, one, str(error))) from error
    return place, [_not_sampled(step, one, told)] if told else []


def _synthetic(step: Step, one: Input, take: Take | None) -> Finding:
    """``synthetic-data``: what a pass is worth."""
    message = f"{step.name}.{one.name} was generated ({_rows(one, take):,} rows): it is not real data."
    hint = f"A pass says that the scripts run. With real data: --data {step.name}.{one.name}=PATH."
    return Finding("synthetic-data", Severity.NOTE, step.name, message, hint, line=one.line)


def _not_sampled(step: Step, one: Input, reasons: list[str]) -> Finding:
    """``not-sampled``: tables that were given whole."""
    said = "; ".join(reasons[:3])
    message = f"{step.name}.{one.name} was given whole where rows could not be taken: {said}."
    hint = "Mend the file, or name a column that it has."
    return Finding("not-sampled", Severity.WARNING, step.name, message, hint, line=one.line)


def _not_stratified(step: Step, one: Input, reasons: list[str]) -> Finding:
    """``not-sampled``: the column that was to keep its shares is not there."""
    message = f"{step.name}.{one.name} was sampled without regard to a column: {'; '.join(reasons[:3])}."
    hint = "Nothing needs to be done where other inputs have it; else mend the name after --stratify."
    return Finding("not-sampled", Severity.WARNING, step.name, message, hint, line=one.line)


def _not_made(step: Step, one: Input, reason: str) -> Finding:
    """``data-not-made``: a sample or generated data that could not be made."""
    message = f"The data for {step.name}.{one.name} could not be made: {reason}"
    hint = "Mend what is declared of the input, or lend it a file: --data " + f"{step.name}.{one.name}=PATH."
    return Finding("data-not-made", Severity.ERROR, step.name, message, hint, line=one.line)
