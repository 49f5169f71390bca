"""Foreign formats: what others describe a pipeline in, made a ``Pipeline``. One module a format.

Each module has ``recognizes(document)`` and ``read(document, path, local)``; both are pure but for looking
whether a local path is there. ``read`` raises PipelineError with all that makes a document unreadable; what
is wrong with a single step, and would show only in the cloud, becomes a finding of that step.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipetest.importers import cursus, sagemaker
from pipetest.pipeline import Local, Pipeline

Read = Callable[[dict[str, Any], Path, Local], Pipeline]
FORMATS: dict[str, tuple[Callable[[Any], bool], Read]] = {
    "SageMaker pipeline definition": (sagemaker.recognizes, sagemaker.read),
    "Cursus DAG": (cursus.recognizes, cursus.read),
}


def importer_of(document: Any) -> Read | None:
    """The reader of the foreign format that a JSON document is in; None: it is in none of them."""
    return next((read for recognizes, read in FORMATS.values() if recognizes(document)), None)
