"""Many runs of one pipeline, which differ in what they are given: on one pool, up to the first failure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipetest import fit, runner
from pipetest.data.client import Reader
from pipetest.pipeline import Pipeline
from pipetest.planning import RunOptions
from pipetest.results import BAD, StepResult

# Runs the pipeline in a folder; gives the first step that did not pass, or None
Run = Callable[[Pipeline, Path], StepResult | None]


@contextmanager
def engine(pipeline: Pipeline, options: RunOptions, folder: Path, reader: Reader) -> Iterator[Run]:
    """What runs a pipeline as ``runner.run`` does, time after time, with workers that are started once.

    Declared numbers of rows do not count, as the data is some of the rows. ``folder`` is for the workers.
    """
    with runner.engine(pipeline, options, folder) as ours:

        def run(varied: Pipeline, place: Path) -> StepResult | None:
            fitting = fit.Fitting(varied, reader, False, place, ours.base)
            state = runner.Run(varied, options, place, ours, fitting)
            bad = next((one for one in runner.walk(state, ours.pool) if one.status in BAD), None)
            with suppress(IndexError):  # what else is under way comes to its end
                while bad:
                    ours.pool.next()
            return bad

        yield run
