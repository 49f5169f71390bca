"""Read a pipeline, whatever it is written in: a file of our own, or what was written for the cloud."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipetest import local_files
from pipetest.pipeline import Local, Pipeline, PipelineError, with_findings

if TYPE_CHECKING:
    from pipetest.importers import Read

MARKS = (b'"Steps"', b'"dag"', b'"PipelineDefinition"')  # one of them is in every file of a foreign format


def load(
    path: str | os.PathLike[str],
    local: Local | None = None,
    local_file: str | os.PathLike[str] | None = None,
) -> Pipeline:
    """The pipeline of a file, with what is said of this machine. Raises PipelineError.

    That is what ``local_file`` says (for a definition, by default ``NAME.local.yaml`` beside it), and
    over it what ``local`` says.
    """
    file = Path(path)
    document = _foreign(file)
    if document is not None:
        from pipetest.importers import importer_of

        importer = importer_of(document)
        if importer is not None:
            return _imported(importer, document, file, local or Local(), local_file)
    from pipetest.pipeline_file import load as load_file

    pipeline = load_file(file)
    if local_file is not None:
        pipeline = local_files.apply(pipeline, local_files.read(Path(local_file)), Path(local_file))
    pipeline = local_files.apply(pipeline, local) if local is not None else pipeline
    if any(one.columns and one.from_step for step in pipeline.steps for one in step.inputs):
        from pipetest.fit import judge_promises  # late: few pipelines declare both ends of a link

        pipeline = with_findings(pipeline, judge_promises(pipeline))
    return replace(pipeline, asked=local_files.words(local or Local(), local_file))


def _imported(
    read: Read, document: dict[str, Any], path: Path, local: Local, local_file: str | os.PathLike[str] | None
) -> Pipeline:
    mapping = Path(local_file) if local_file is not None else local_files.beside(path)
    said = local_files.read(mapping) if mapping else Local()
    pipeline = read(document, Path(os.path.abspath(path)), local_files.merged(said, local))  # noqa: PTH100 - as called
    unknown = local_files.unknown_steps(pipeline, said, mapping) + local_files.unknown_steps(pipeline, local)
    if unknown:
        raise PipelineError(unknown)
    return replace(pipeline, asked=local_files.words(local, local_file))


def _foreign(path: Path) -> dict[str, Any] | None:
    """The document of a JSON file that may be in a foreign format.

    None for all others, and for what cannot be read: the reader of our own files says what is wrong with it.
    """
    from pipetest.file_formats import LARGEST_FILE

    if path.suffix.lower() != ".json":
        return None
    try:
        if not path.is_file() or path.stat().st_size > LARGEST_FILE:
            return None
        data = path.read_bytes()
        document = json.loads(data.decode("utf-8-sig")) if any(mark in data for mark in MARKS) else None
    except (OSError, ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
