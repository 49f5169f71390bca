"""Processing and training jobs: the request with its expressions resolved, and the step that it makes."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from pipetest.importers.declarations import inputs_of, outputs_of
from pipetest.importers.expressions import Resolved, is_known_later, plain
from pipetest.importers.judgements import PROCESSING, TRAINING, Place, Request, judge
from pipetest.importers.references import place_below
from pipetest.importers.sagemaker_code import Code, code_of, needs_container, toolkit_code
from pipetest.importers.sagemaker_reading import Reading
from pipetest.pipeline import Input, Output, Step

DATA = "/opt/ml/input/data"
MODEL = Output("model", "/opt/ml/model", archive="model.tar.gz", optional=True)
REST = Output("output", "/opt/ml/output/data", archive="output.tar.gz", optional=True)
JOB = Output("job", optional=True)  # the folder in S3 with what training jobs left: <job>/output/*.tar.gz
CHECKPOINTS = "/opt/ml/checkpoints"
AS_FILES = ("File", "FastFile")
NOT_YET = "a place that is known only while the pipeline runs"


# ---- processing


def processing(reading: Reading) -> Step:
    """The step of a processing job."""
    request = _processing_request(reading)
    reading.findings += judge(request)
    return _step(reading, request, code_of(reading, request), "processing")


def processing_in_image(reading: Reading, says: str) -> Step:
    """The step of a processing job whose image is SageMaker's own."""
    return _step(reading, _processing_request(reading), needs_container(says), "processing")


def _processing_request(reading: Reading) -> Request:
    request = _request(reading, PROCESSING, "AppSpecification")
    return replace(request, inputs=tuple(_inputs(reading)), outputs=tuple(_outputs(reading)))


def _request(reading: Reading, kind: str, specification: str) -> Request:
    """What the requests of both kinds of jobs have."""
    image, stopping = reading.section(specification), reading.section("StoppingCondition")
    return Request(
        reading.name,
        kind,
        words=reading.texts(image.get("ContainerEntrypoint"), "ContainerEntrypoint"),
        args=reading.texts(image.get("ContainerArguments"), "ContainerArguments"),
        env=reading.text_map(reading.declared.arguments.get("Environment"), "Environment"),
        max_runtime=reading.number(stopping.get("MaxRuntimeInSeconds"), "MaxRuntimeInSeconds"),
    )


def _inputs(reading: Reading) -> Iterable[Place]:
    for index, one in enumerate(inputs_of(reading.definition, reading.declared), 1):
        name = reading.plain(one.get("InputName")) or f"input-{index}"
        s3, dataset = reading.section("S3Input", one), reading.section("DatasetDefinition", one)
        if not s3:
            how = "the answer of a query" if dataset else None
            yield Place(name, _path(reading, dataset), None, mode=how)
            continue
        how = _mode(reading, s3.get("S3InputMode"), s3.get("S3DataType"))
        yield _place(name, _path(reading, s3), reading.resolve(s3.get("S3Uri")), how)


def _outputs(reading: Reading) -> Iterable[Place]:
    for name, s3 in outputs_of(reading.definition, reading.declared).items():
        if s3:
            yield _place(name, _path(reading, s3), reading.resolve(s3.get("S3Uri")))
        else:  # it goes to a feature store
            yield Place(name, None, None)


def _path(reading: Reading, s3: dict[str, Any]) -> str | None:
    return reading.plain(s3.get("LocalPath")) or None


def _place(name: str, local_path: str | None, uri: Resolved, mode: str | None = None) -> Place:
    return Place(name, local_path, None if is_known_later(uri) else plain(uri), place_below(uri), mode)


def _mode(reading: Reading, mode: Any, kind: Any) -> str | None:
    mode, kind = reading.plain(mode), reading.plain(kind)
    if kind.endswith("ManifestFile"):
        return f"the files that a manifest lists ({kind})"
    return f"a stream ({mode} mode)" if mode and mode not in AS_FILES else None


# ---- training


def training(reading: Reading) -> Step:
    """The step of a training job."""
    request = _training_request(reading)
    reading.findings += judge(request)
    algorithm = reading.section("AlgorithmSpecification")
    if request.hyperparameters.get("sagemaker_program"):
        code = toolkit_code(reading, request)
    elif request.words:
        code = code_of(reading, request)
    elif algorithm.get("AlgorithmName"):
        code = needs_container(f"the algorithm {reading.plain(algorithm['AlgorithmName'])} is no script")
    else:
        code = needs_container("its image says what is run: a built-in algorithm, or an image of your own")
    step = _step(reading, request, code, "training")
    return replace(step, outputs=(*step.outputs, *_checkpoints(reading)))


def _checkpoints(reading: Reading) -> Iterable[Output]:
    """The folder of the checkpoints, where it is not the usual one, which every training job has."""
    path = posixpath.normpath(_path(reading, reading.section("CheckpointConfig")) or CHECKPOINTS)
    if path != CHECKPOINTS and path.startswith("/opt/ml/"):
        yield Output("checkpoints", path, optional=True)


def tuning(reading: Reading) -> Step:
    """The step of a tuning job: many training jobs, of which the best model is kept."""
    listed = reading.declared.arguments.get("TrainingJobDefinitions")
    jobs = [reading.section("TrainingJobDefinition")]
    jobs += reading.definition.mappings(listed, f"TrainingJobDefinitions of {reading.name}")
    channels = {place.name: place for job in jobs for place in _channels(reading, job)}
    request = Request(reading.name, TRAINING, inputs=tuple(channels.values()))
    code = needs_container("it starts many training jobs to tune their hyperparameters")
    step = _step(reading, request, code, "training")
    return replace(step, outputs=(replace(MODEL, container_path=None),))


def _training_request(reading: Reading) -> Request:
    arguments = reading.declared.arguments
    return replace(
        _request(reading, TRAINING, "AlgorithmSpecification"),
        hyperparameters=reading.text_map(arguments.get("HyperParameters"), "HyperParameters"),
        inputs=tuple(_channels(reading, arguments)),
    )


def _channels(reading: Reading, arguments: dict[str, Any]) -> Iterable[Place]:
    mode = reading.section("AlgorithmSpecification", arguments).get("TrainingInputMode")
    listed = arguments.get("InputDataConfig")
    for channel in reading.definition.mappings(listed, f"InputDataConfig of {reading.name}"):
        name = reading.plain(channel.get("ChannelName"))
        source = reading.section("DataSource", channel)
        s3, files = reading.section("S3DataSource", source), source.get("FileSystemDataSource")
        path = f"{DATA}/{name}"
        if not s3:
            yield Place(name, path, None, mode="a file system" if files else None)
            continue
        how = _mode(reading, channel.get("InputMode") or mode, s3.get("S3DataType"))
        yield _place(name, path, reading.resolve(s3.get("S3Uri")), how)


# ---- the step


def _step(reading: Reading, request: Request, code: Code, job: str) -> Step:
    outputs = tuple(Output(place.name, container_path=place.local_path) for place in request.outputs)
    return Step(
        name=reading.name,
        script_path=code.script_path,
        looked_for=code.looked_for,
        inputs=tuple(given_of(place, code.kind) for place in request.inputs if place.name not in code.brings),
        outputs=outputs if job == "processing" else (MODEL, REST, JOB),
        args=code.args,
        env={**request.env, **reading.local.env.get(reading.name, {})},
        entry=code.entry,
        kind=code.kind,
        says=code.says,
        job=job,
        source_dir=code.source_dir,
        code_path=code.code_path,
        code_uri=code.code_uri,
        working_dir=code.working_dir,
        hyperparameters=request.hyperparameters,
    )


def given_of(place: Place, kind: str) -> Input:
    """A place as an input: a link where it is written as one, else its URI, which only a script needs."""
    step, output, below = place.source or (None, None, "")
    return Input(
        name=place.name,
        from_step=step,
        from_output=output,
        below=below or None,
        uri=place.uri or place.mode or NOT_YET if step is None else None,
        container_path=place.local_path,
        optional=step is None and kind != "script",
    )
