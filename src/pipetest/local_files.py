"""What is local of a pipeline: options and a mapping file become a ``Local``, and that a changed pipeline.

An importer reads a ``Local`` itself, as it must know what the cloud's names stand for; for a file of our own
it is applied to the pipeline that was read.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipetest.pipeline import Fault, Input, Local, Pipeline, PipelineError, Step, unknown_name

SUFFIXES = (".yaml", ".yml", ".json", ".toml")
# Of a file of our own, these say what the file itself has to say.
OF_THE_CLOUD = {
    "params": ("--param", "Write the value where it is used."),
    "code": ("--code", "Write script_path in the file."),
    "links": ("--link", "Write the link in the file, under inputs: {NAME: STEP.OUTPUT}."),
    "script_dirs": ("--script-dir", "Write script_dirs in the file."),
    "interfaces": ("--interfaces", "Leave it out: the file itself names inputs and outputs."),
}


# --- options -----------------------------------------------------------------------------------------------


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that say what is local. All but ``--local`` may be given many times."""
    group = parser.add_argument_group(
        "for definitions written for the cloud",
        "What is here of what they name there. The same can stand in DEFINITION.local.yaml, beside the "
        "definition. --data, --stub and --env are for any pipeline.",
    )

    def add(name: str, form: str, text: str, parse: Callable[[str], Any] = str) -> None:
        group.add_argument(name, action="append", default=[], type=parse, metavar=form, help=text)

    add("--param", "NAME=VALUE", "the value of a pipeline parameter", _pair("NAME=VALUE"))
    add("--code", "s3://...=PATH", "where that code lies: a script, or the folder that was packed", _located)
    add("--data", "STEP.INPUT=PATH", "take this file or folder for an input, or for s3://...", _data)
    add("--stub", "STEP=PATH", "do not run the step: these files are its outputs", _pair("STEP=PATH"))
    link = "CONSUMER.INPUT=PRODUCER.OUTPUT"
    add("--link", link, "take this output for the input", _pair(link, dots=(True, True)))
    add("--env", "STEP.NAME=VALUE", "a variable of a step", _pair("STEP.NAME=VALUE", dots=(True, False)))
    add("--script-dir", "DIR", "where scripts are looked for")
    add("--interfaces", "DIR", "where the *.step.yaml of a DAG's steps lie")
    group.add_argument("--local", metavar="FILE", help="the mapping file (default: DEFINITION.local.yaml)")


def of_options(options: argparse.Namespace) -> Local | None:
    """What the options say; None: nothing. Raises PipelineError where they name files that are not there."""
    faults: list[Fault] = []

    def paths(option: str, pairs: list[tuple[str, str]]) -> dict[str, Path]:
        return {key: _here(f"--{option} {key}", text, faults) for key, text in pairs}

    env: dict[str, dict[str, str]] = {}
    for key, value in options.env:
        step, _, name = key.rpartition(".")
        env.setdefault(step, {})[name] = value
    local = Local(
        dict(options.param),
        paths("code", options.code),
        paths("data", options.data),
        paths("stub", options.stub),
        dict(options.link),
        env,
        tuple(_here("--script-dir", text, faults) for text in options.script_dir),
        tuple(_here("--interfaces", text, faults) for text in options.interfaces),
    )
    if faults:
        raise PipelineError(faults)
    return local if local != Local() else None


def words(local: Local, local_file: str | os.PathLike[str] | None) -> tuple[str, ...]:
    """The options that say the same. Data is not among them: a step that is run again is given its own."""
    pairs = {
        "--param": local.params,
        "--code": local.code,
        "--stub": local.stubs,
        "--link": local.links,
        "--env": {f"{step}.{name}": text for step, env in local.env.items() for name, text in env.items()},
    }
    said = [
        word
        for option, known in pairs.items()
        for key, to in known.items()
        for word in (option, f"{key}={to}")
    ]
    for option, folders in (("--script-dir", local.script_dirs), ("--interfaces", local.interfaces)):
        said += [word for folder in folders for word in (option, str(folder))]
    return (*said, *(("--local", os.path.abspath(local_file)) if local_file is not None else ()))  # noqa: PTH100


def _here(what: str, text: str, faults: list[Fault]) -> Path:
    path = Path(os.path.abspath(text))  # noqa: PTH100 - a link stays what it was called
    if not os.path.exists(path):  # noqa: PTH110 - Path.exists raises where a name is too long
        faults.append(Fault(f"{what}: there is no {text}.", "Name a file or a folder that exists."))
    return path


def _pair(form: str, dots: tuple[bool, bool] = (False, False)) -> Callable[[str], tuple[str, str]]:
    """Reads ``KEY=VALUE``, each side with a dot inside where ``dots`` says so."""

    def parse(text: str) -> tuple[str, str]:
        key, equals, value = text.partition("=")
        sides = zip((key, value), dots, strict=True)
        is_right = all("." in part.strip(".") or not dot for part, dot in sides)
        if not key or not equals or not is_right or (not value and form.endswith("PATH")):
            raise argparse.ArgumentTypeError(f"{text!r} is not of the form {form}")
        return key, value

    return parse


def _located(text: str) -> tuple[str, str]:
    """``URI=PATH``, cut at the equals sign after which there is a path, else at the last."""
    cuts = [at for at, char in enumerate(text) if char == "="]
    if not cuts or not text[: cuts[-1]] or not text[cuts[-1] + 1 :]:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form s3://...=PATH")
    there = (at for at in cuts if os.path.exists(text[at + 1 :]))  # noqa: PTH110
    cut = next(there, cuts[-1])
    return text[:cut], text[cut + 1 :]


def _data(text: str) -> tuple[str, str]:
    if "://" in text.partition("=")[0]:
        return _located(text)
    return _pair("STEP.INPUT=PATH", dots=(True, False))(text)


# --- the mapping file --------------------------------------------------------------------------------------


def beside(definition: Path) -> Path | None:
    """The mapping file of a definition: ``NAME.local.yaml`` beside ``NAME.json``. None: there is none."""
    places = (definition.with_name(f"{definition.stem}.local{suffix}") for suffix in SUFFIXES)
    return next((path for path in places if path.is_file()), None)


def read(path: Path) -> Local:
    """What a mapping file says. Raises PipelineError with all that is wrong with it."""
    from pipetest import file_formats, file_shape
    from pipetest.file_marks import Faults, Node, check_path, items_of

    faults = Faults(str(path))
    folder = Path(os.path.abspath(path)).parent  # noqa: PTH100 - a link stays what it was called
    root = file_formats.read(path, faults, "params: {NAME: VALUE}")
    file_shape.check(root, faults, file_shape.LOCAL)

    def located(node: Node, what: str) -> Path:
        place = Path(os.path.abspath(folder / str(node.value)))  # noqa: PTH100 - no .. on the way
        check_path(place, what, "", node.line, faults)
        return place

    def named(key: str) -> Mapping[str, Node]:
        node = root.get(key)
        return node.value if node is not None else {}

    def paths(key: str) -> dict[str, Path]:
        return {name: located(node, f"{key}: {name}") for name, node in named(key).items()}

    local = Local(
        {name: node.text for name, node in named("params").items()},
        paths("code"),
        paths("data"),
        paths("stubs"),
        {name: node.value for name, node in named("links").items()},
        {step: {name: node.text for name, node in body.value.items()} for step, body in named("env").items()},
        tuple(located(node, "script_dirs") for node in items_of(root.get("script_dirs"))),
        tuple(located(node, "interfaces") for node in items_of(root.get("interfaces"))),
    )
    if faults.found:
        raise PipelineError(sorted(faults.found, key=lambda fault: fault.line or 0))
    return local


def merged(below: Local, above: Local) -> Local:
    """Both; where both say something of the same name, ``above`` is right. Its folders come first."""
    steps = {**below.env, **above.env}
    return Local(
        {**below.params, **above.params},
        {**below.code, **above.code},
        {**below.data, **above.data},
        {**below.stubs, **above.stubs},
        {**below.links, **above.links},
        {step: {**below.env.get(step, {}), **above.env.get(step, {})} for step in steps},
        (*above.script_dirs, *below.script_dirs),
        (*above.interfaces, *below.interfaces),
    )


# --- on a pipeline -----------------------------------------------------------------------------------------


def apply(pipeline: Pipeline, local: Local, file: Path | None = None) -> Pipeline:
    """The pipeline with the stubs, variables and data that were named, by options or by ``file``.

    Raises PipelineError for names that the pipeline does not have, and for what only a definition takes.
    """
    faults = [*_of_the_cloud(pipeline, local), *_unknown(pipeline, local, file)]
    if faults:
        raise PipelineError([_by(file, fault) for fault in faults])
    fed = {split_input(pipeline, key): path for key, path in local.data.items() if "://" not in key}
    return replace(pipeline, steps=tuple(_with(step, local, fed) for step in pipeline.steps))


def split_input(pipeline: Pipeline, key: str) -> tuple[str, str]:
    """``STEP.INPUT`` where a step's name ends; the longest, as names may have dots."""
    known = [step.name for step in pipeline.steps if key.startswith(f"{step.name}.")]
    step = max(known, key=len, default=key.partition(".")[0])
    return step, key[len(step) + 1 :]


def unknown_steps(pipeline: Pipeline, local: Local, file: Path | None = None) -> list[Fault]:
    """A fault for each step that is named and not there."""
    known = [step.name for step in pipeline.steps]
    places = [split_input(pipeline, key)[0] for key in local.data if "://" not in key]
    named = {"--stub": local.stubs, "--env": local.env, "--data": places}
    words = {"--stub": "stubs", "--env": "env", "--data": "data"}
    return [
        _by(file, unknown_name(words[option] if file else option, name, known, pipeline.name))
        for option, names in named.items()
        for name in names
        if name not in known
    ]


def _by(file: Path | None, fault: Fault) -> Fault:
    return replace(fault, file=str(file)) if file else fault


def _of_the_cloud(pipeline: Pipeline, local: Local) -> Iterator[Fault]:
    name = pipeline.path.name if pipeline.path else pipeline.name
    for key, (option, hint) in OF_THE_CLOUD.items():
        if getattr(local, key):
            message = f"{option} is for definitions written for the cloud, and {name} is a file of our own."
            yield Fault(message, hint)


def _unknown(pipeline: Pipeline, local: Local, file: Path | None) -> Iterator[Fault]:
    yield from unknown_steps(pipeline, local, file)
    inputs = {step.name: [one.name for one in step.inputs] for step in pipeline.steps}
    uris = [one.uri for step in pipeline.steps for one in step.inputs if one.uri]
    option = "data" if file else "--data"
    for key in local.data:
        step, name = split_input(pipeline, key)
        if "://" in key:
            if not any(_same(key, uri) for uri in uris):
                yield unknown_name(option, key, uris, pipeline.name)
        elif step in inputs and name not in inputs[step]:
            yield unknown_name(option, name, inputs[step], step)


def _with(step: Step, local: Local, fed: Mapping[tuple[str, str], Path]) -> Step:
    return replace(
        step,
        stub=local.stubs.get(step.name, step.stub),
        env={**step.env, **local.env.get(step.name, {})},
        inputs=tuple(
            _lent(one, fed.get((step.name, one.name)) or _by_uri(one, local)) for one in step.inputs
        ),
    )


def _by_uri(given: Input, local: Local) -> Path | None:
    return next((path for uri, path in local.data.items() if given.uri and _same(uri, given.uri)), None)


def _lent(given: Input, path: Path | None) -> Input:
    if path is None:
        return given
    return replace(given, path=path, from_step=None, from_output=None, below=None, synthetic=None)


def _same(one: str, other: str) -> bool:
    return one.rstrip("/") == other.rstrip("/")
