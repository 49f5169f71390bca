"""Read a pipeline, whatever it is written in: a file of our own, or what was written for the cloud."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from pipetest.pipeline import Local, Pipeline

MARKS = (b'"Steps"', b'"dag"')  # one of them is in every file of a foreign format


def load(path: str | os.PathLike[str], local: Local | None = None) -> Pipeline:
    """The pipeline of a file, with what ``local`` says of this machine. Raises PipelineError."""
    file = Path(path)
    document = _foreign(file)
    if document is not None:
        from pipetest.importers import importer_of

        read = importer_of(document)
        if read is not None:
            return read(document, Path(os.path.abspath(file)), local or Local())  # noqa: PTH100 - as it was called
    from pipetest.pipeline_file import load as load_file

    return load_file(file)


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
