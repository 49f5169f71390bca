"""The JSON definition of a SageMaker pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipetest.pipeline import Local, Pipeline


def recognizes(document: Any) -> bool:
    """Whether a document is a pipeline definition: it has a list of steps with types."""
    steps = document.get("Steps") if isinstance(document, dict) else None
    return isinstance(steps, list)


def read(document: dict[str, Any], path: Path, local: Local) -> Pipeline:
    """The pipeline that a definition describes."""
    raise NotImplementedError
