"""A DAG of Cursus, with the interfaces of its steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipetest.pipeline import Local, Pipeline


def recognizes(document: Any) -> bool:
    """Whether a document is a Cursus DAG: it has nodes and edges."""
    dag = document.get("dag") if isinstance(document, dict) else None
    return isinstance(dag, dict) and isinstance(dag.get("nodes"), list)


def read(document: dict[str, Any], path: Path, local: Local) -> Pipeline:
    """The pipeline that a DAG describes."""
    raise NotImplementedError
