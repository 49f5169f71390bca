"""The pages of ``docs/findings``, one a code: what a finding means, why it matters, how to mend it."""

from __future__ import annotations

from pathlib import Path

from pipetest.pipeline import PipelineError, unknown_name

# Beside the package in a wheel, in docs/ in a checkout.
PLACES = (Path(__file__).parent / "findings", Path(__file__).parents[2] / "docs" / "findings")


def explain(code: str | None) -> str:
    """The page of a code, or without one the list of all codes. Raises PipelineError for an unknown code."""
    pages = {path.stem: path for path in _folder().glob("*.md")}
    index = pages.pop("README")
    if code is None:
        return index.read_text("utf-8")
    if code not in pages:
        raise PipelineError([unknown_name("explain", code, sorted(pages), "pipetest")])
    return pages[code].read_text("utf-8")


def _folder() -> Path:
    return next(place for place in PLACES if place.is_dir())
