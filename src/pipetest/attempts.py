"""What is asked of the pool for one step: an ``Attempt``, from the step, its script and its sandbox."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipetest import containers
from pipetest.isolate import Attempt
from pipetest.pipeline import Step, job_arguments
from pipetest.sandbox import Sandbox, is_read_at_import
from pipetest.source import package_of
from pipetest.survey import Script

UNLIMITED = 0.0  # seconds; the caller says how long


def of_step(step: Step, script: Script | None, python: str, box: Sandbox, around: Sequence[Path]) -> Attempt:
    """The attempt to run a step. ``around`` are folders that must stay visible to it at their place."""
    args = tuple(box.fill(argument) for argument in (*step.args, *_hyperparameters(step)))
    words = (*args, *job_arguments(step.job_args))
    # A link must stay a link, as for python itself.
    path = os.path.abspath(script.source.path) if script else ""  # noqa: PTH100
    place = containers.script_in_container(step) if script and box.tree else path
    folders = (place.rpartition("/")[0],) if box.tree else tuple(map(str, script.folders if script else ()))
    return Attempt(
        str(script.entry) if script else "command",
        place,
        (place, *words) if script else _command(step, box, python, words),
        box.env,
        UNLIMITED,
        python,
        str(box.root),
        folders if script else (),
        package_of(script.source)[0] if script and script.entry == "main" else None,
        _given(step, box) if script else {},
        keep=_needed(step, script, box, (*args, *map(str, step.job_args.values())), around),
        source=path,
        container={"tree": str(box.tree), "cwd": containers.working_dir(step) or ""} if box.tree else {},
    )


def differing(box: Sandbox, base: Mapping[str, str]) -> list[str]:
    """The variables that libraries read when imported, and that the step has otherwise than its worker.

    What the platform sets does not count: nothing reads that when it is imported.
    """
    return is_read_at_import({name: box.env[name] for name in box.env.keys() - box.told}, base)


def _hyperparameters(step: Step) -> list[str]:
    """The arguments that a training job makes of its hyperparameters."""
    if not step.hyperparameters:
        return []
    from pipetest.jobs import arguments  # late: most runs have no container

    return arguments(step)


def _command(step: Step, box: Sandbox, python: str, words: Sequence[str]) -> tuple[str, ...]:
    entry = step.entry if isinstance(step.entry, tuple) else ()
    argv = (*(box.fill(str(word)) for word in entry), *words)
    return (python, *argv[1:]) if argv and argv[0] in ("python", "python3") else argv


def _needed(
    step: Step, script: Script | None, box: Sandbox, words: Sequence[str], around: Sequence[Path]
) -> tuple[str, ...]:
    """Paths that a step must find at their place: its own, and those that its pipeline names."""
    own = [*around, Path(__file__).parent]
    if script:
        own += [Path(os.path.abspath(script.source.path)).parent, *script.folders]  # noqa: PTH100 (of the link, too)
    declared = [box.env[name] for name in (*step.env, *step.pass_env) if name in box.env]
    command = step.entry if isinstance(step.entry, tuple) else ()
    named = [word for word in (*words, *declared, *command) if word.startswith("/")]
    return (*map(str, own), *named)


def _given(step: Step, box: Sandbox) -> dict[str, Any]:
    """What ``main`` receives, by the names of its parameters."""
    declared = [*step.env, *step.pass_env]
    return {
        "input_paths": {name: box.seen(path) for name, path in box.inputs.items()},
        "output_paths": {name: box.seen(path) for name, path in box.outputs.items()},
        "environ_vars": {name: box.env[name] for name in declared if name in box.env},
        "job_args": dict(step.job_args),
    }
