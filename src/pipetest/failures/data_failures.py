"""Failures joined with facts: what an error complains of, held against what the step was given.

An error is explained only where the facts bear it out: a column is missing when no table, or not every one,
has it; a null is to blame when there is one. All else stays the exception that it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePath

from pipetest.failures import column_failures, file_failures, value_failures
from pipetest.failures.error_texts import complaint_of
from pipetest.failures.failing_code import Code, code_at
from pipetest.failures.failure_cases import Case, Explained, Given
from pipetest.failures.failure_traces import raised

__all__ = ["Explained", "Given", "explain"]

EXPLAINED: dict[str, Callable[[Case], Explained | None]] = {  # by what the complaint is about
    "column": column_failures.column,
    "attribute": column_failures.attribute,
    "key": column_failures.key,
    "features": column_failures.features,
    "count": column_failures.count,
    "type": value_failures.type_,
    "null": value_failures.null,
    "category": value_failures.category,
    "class": value_failures.one_class,
    "lengths": value_failures.lengths,
    "format": file_failures.format_,
    "shape": file_failures.shape,
    "empty": file_failures.empty,
    "place": file_failures.position,
    "file": file_failures.file,
    "folder": file_failures.folder,
    "class of": file_failures.class_of,
}


def explain(
    step: str, path: Path, answer: Mapping[str, object], log: str, given: Sequence[Given]
) -> Explained | None:
    """Why a step failed, where it is the data that it was given; None where that is not known.

    ``answer`` is what the step's process said of its end; the errors that it was raised from are in ``log``.
    """
    for said in raised(path, answer, log):
        complaint = complaint_of({"error": said.error, "message": said.message}, said.inner)
        if complaint:
            code = code_at(said.file, said.line) if said.line else Code()
            script = PurePath(said.file).name or step
            found = EXPLAINED[complaint.about](Case(script, said, complaint, code, given))
            if found:
                return found
    return None
