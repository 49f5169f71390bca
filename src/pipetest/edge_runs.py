"""Many runs of one pipeline, which differ in what they are given: on one pool, up to the first failure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from pipetest import fit, runner, survey
from pipetest.data import Reader
from pipetest.isolate import Pool
from pipetest.pipeline import Pipeline
from pipetest.planning import RunOptions
from pipetest.results import BAD, StepResult
from pipetest.sandbox_files import remove

# Runs the pipeline in a folder; gives the first step that did not pass, or None
Run = Callable[[Pipeline, Path], StepResult | None]


@contextmanager
def engine(pipeline: Pipeline, options: RunOptions, folder: Path, reader: Reader) -> Iterator[Run]:
    """What runs a pipeline as ``runner.run`` does, time after time, with workers that are started once.

    Declared numbers of rows do not count, as the data is some of the rows. ``folder`` is for the workers.
    """
    scripts = runner.scripts_of(pipeline)
    base = survey.environments({survey.interpreter(step.python) for step in pipeline.steps}, options.jobs)
    readable = [script for script in scripts.values() if not script.source.problem]
    roots = {} if options.fresh else survey.shared_roots(readable)
    try:
        with Pool(options.jobs, base, folder, roots) as pool:
            why_fresh = partial(survey.fresh_reason, pool)
            is_missing = survey.missing(pool, readable)

            def run(varied: Pipeline, place: Path) -> StepResult | None:
                fitting = fit.Fitting(varied, reader, False, place, base)
                state = runner._Run(varied, options, place, scripts, is_missing, base, why_fresh, {}, fitting)
                bad = next((result for result in runner.walk(state, pool) if result.status in BAD), None)
                with suppress(IndexError):  # what else is under way comes to its end
                    while bad:
                        pool.next()
                return bad

            yield run
    finally:
        remove(folder)
