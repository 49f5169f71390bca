"""A pipeline definition of SageMaker becomes a pipeline, or all that is wrong with it is said."""

from __future__ import annotations

import copy
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipetest.conditions import ConditionError, evaluate, json_value
from pipetest.importers import sagemaker
from pipetest.pipeline import Input, Local, Output, Pipeline, PipelineError, Step, Value
from pipetest.results import Severity

FOLDER = Path(__file__).parent / "data" / "sagemaker"
DEFINITIONS = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))}
BUCKET = "s3://sagemaker-us-east-1-111122223333"
ROOT = "/opt/ml/processing"
NOTHING = Local()


# ---- small definitions


def get(path: str) -> dict[str, str]:
    return {"Get": path}


def join(*values: Any, on: str = "") -> dict[str, Any]:
    return {"Std:Join": {"On": on, "Values": list(values)}}


def uri_of(step: str, output: str) -> dict[str, str]:
    return get(f"Steps.{step}.ProcessingOutputConfig.Outputs['{output}'].S3Output.S3Uri")


def given_input(name: str, uri: Any, path: str | None = None) -> dict[str, Any]:
    return {"InputName": name, "S3Input": {"S3Uri": uri, "LocalPath": path or f"{ROOT}/{name}"}}


def processing(
    name: str,
    inputs: dict[str, Any] | None = None,
    outputs: dict[str, Any] | None = None,
    entry: list[Any] | None = None,
    args: list[Any] | None = None,
    env: dict[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A processing step whose code is the single object CODE/name.py."""
    code = given_input("code", f"s3://bucket/code/{name}.py", f"{ROOT}/input/code")
    made = [given_input(key, uri) for key, uri in (inputs or {}).items()]
    left = [
        {"OutputName": key, "S3Output": {"S3Uri": uri, "LocalPath": f"{ROOT}/{key}"}}
        for key, uri in (outputs or {}).items()
    ]
    arguments = {
        "AppSpecification": {
            "ContainerEntrypoint": entry or ["python3", f"{ROOT}/input/code/{name}.py"],
            "ContainerArguments": args,
        },
        "ProcessingInputs": [*made, code],
        "ProcessingOutputConfig": {"Outputs": left},
        "Environment": env,
    }
    return {"Name": name, "Type": "Processing", "Arguments": arguments, **more}


def training(name: str, channels: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    listed = [
        {"ChannelName": key, "DataSource": {"S3DataSource": {"S3Uri": uri}}}
        for key, uri in (channels or {}).items()
    ]
    arguments = {
        "InputDataConfig": listed,
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/models"},
        **more,
    }
    return {"Name": name, "Type": "Training", "Arguments": arguments}


def script_mode(program: str = "train.py", **more: str) -> dict[str, str]:
    uri = "s3://bucket/code/train/sourcedir.tar.gz"
    return {"sagemaker_program": json.dumps(program), "sagemaker_submit_directory": json.dumps(uri), **more}


def condition(name: str, *conditions: Any, yes: list[Any] | None = None, no: list[Any] | None = None) -> Any:
    arguments = {"Conditions": list(conditions), "IfSteps": yes, "ElseSteps": no}
    return {"Name": name, "Type": "Condition", "Arguments": arguments}


def read(*steps: Any, local: Local = NOTHING, parameters: list[Any] | None = None) -> Pipeline:
    document = {"Version": "2020-12-01", "Parameters": parameters, "Steps": list(steps)}
    return sagemaker.read(document, Path("/somewhere/churn.json"), local)


def faults(*steps: Any, local: Local = NOTHING, parameters: list[Any] | None = None) -> list[str]:
    with pytest.raises(PipelineError) as caught:
        read(*steps, local=local, parameters=parameters)
    return [f"{fault.message} {fault.hint}" for fault in caught.value.faults]


def findings(*steps: Any, local: Local = NOTHING) -> list[str]:
    found = [one for step in read(*steps, local=local).steps for one in step.findings]
    return [f"{one.severity} {one.code}: {one.message}" for one in found]


def files(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    return folder


def plain_input(one: Input) -> dict[str, Any]:
    """The fields of an input that are set."""
    return {key: value for key in one.__slots__ if (value := getattr(one, key)) not in (None, False, ())}


# ---- the definitions that the SDK generates


def test_abalone_is_read_whole(tmp_path: Path) -> None:
    source = files(tmp_path, "preprocess.py", "evaluate.py", "src/train.py")
    sources = "f016a15724d26a5064aed57f053a1cee2a99de1e927b858a66ccadc7eadbf8f4"
    local = Local(
        code={
            f"{BUCKET}/AbalonePipeline/code": source,
            f"{BUCKET}/AbalonePipeline/code/{sources}/sourcedir.tar.gz": source / "src",
        },
        data={"AbaloneProcess.raw": tmp_path / "abalone.csv"},
    )
    pipeline = sagemaker.read(DEFINITIONS["abalone_classic"], FOLDER / "abalone_classic.json", local)
    process, train, evaluation, check, register, create, transform, fail = pipeline.steps

    assert pipeline.name == "abalone_classic"
    assert process == Step(
        name="AbaloneProcess",
        script_path=source / "preprocess.py",
        looked_for=(source / "preprocess.py",),
        inputs=(
            Input(
                "raw",
                path=tmp_path / "abalone.csv",
                uri=f"{BUCKET}/abalone/abalone.csv",
                container_path=f"{ROOT}/input",
            ),
        ),
        outputs=tuple(Output(name, f"{ROOT}/{name}") for name in ("train", "validation", "test")),
        args=("--input-file", "abalone.csv", "--test-ratio", "0.15"),
        env={"STAGE": "prep", "RUN": "pipetest"},
        entry="script",
        job="processing",
        code_path=f"{ROOT}/input/code",
        code_uri=f"{BUCKET}/AbalonePipeline/code/"
        "f690ddbb6060159562b49e7c01c8c6f8229a60f7771c2da00eb2b0b748d6a43c/preprocess.py",
    )
    assert train == Step(
        name="AbaloneTrain",
        script_path=source / "src" / "train.py",
        looked_for=(source / "src" / "train.py",),
        source_dir=source / "src",
        inputs=tuple(
            Input(name, "AbaloneProcess", name, container_path=f"/opt/ml/input/data/{name}")
            for name in ("train", "validation")
        ),
        outputs=(
            Output("model", "/opt/ml/model", archive="model.tar.gz"),  # promised: two steps read it
            Output("output", "/opt/ml/output/data", archive="output.tar.gz", optional=True),
            Output("job", optional=True),
        ),
        env={"PIPE": "1"},
        entry="script",
        job="training",
        code_path="/opt/ml/code",
        working_dir="/opt/ml/code",
        code_uri=f"{BUCKET}/AbalonePipeline/code/{sources}/sourcedir.tar.gz",
        hyperparameters={
            "n-estimators": "20",
            "max-depth": "3",
            "objective": '"squared_error"',
            "sagemaker_submit_directory": f'"{BUCKET}/AbalonePipeline/code/{sources}/sourcedir.tar.gz"',
            "sagemaker_program": '"train.py"',
            "sagemaker_container_log_level": "20",
            "sagemaker_region": '"us-east-1"',
        },
    )
    assert [plain_input(one) for one in evaluation.inputs] == [
        {
            "name": "input-1",
            "from_step": "AbaloneTrain",
            "from_output": "model",
            "container_path": f"{ROOT}/model",
        },
        {
            "name": "input-2",
            "from_step": "AbaloneProcess",
            "from_output": "test",
            "container_path": f"{ROOT}/test",
        },
    ]
    mse = "AbaloneEval.regression_metrics.mse.value"
    approval = "PendingManualApproval"
    assert check == Step(
        name="AbaloneCheck",
        kind="condition",
        condition=(
            {"Type": "LessThanOrEqualTo", "LeftValue": {"value": mse}, "RightValue": 6.0},
            {
                "Type": "Or",
                "Conditions": [
                    {"Type": "Equals", "LeftValue": True, "RightValue": True},
                    {"Type": "In", "QueryValue": approval, "Values": ["Approved"]},
                ],
            },
            {"Type": "Not", "Condition": {"Type": "Equals", "LeftValue": approval, "RightValue": "Rejected"}},
        ),
        values={mse: Value("AbaloneEval", "evaluation", "evaluation.json", "regression_metrics.mse.value")},
    )
    assert evaluate(check.condition, {mse: 3.2}.__getitem__) == (
        True,
        f"3.2 <= 6.0 and (True == True or '{approval}' in ['Approved']) and not ('{approval}' == 'Rejected')",
    )
    yes, no = {"AbaloneCheck": True}, {"AbaloneCheck": False}
    model = Input("ModelDataUrl", "AbaloneTrain", "model")
    report = Input("Statistics", "AbaloneEval", "evaluation", below="evaluation.json")
    assert register == Step(
        name="AbaloneRegister-RegisterModel",
        kind="record",
        says="RegisterModel",
        inputs=(report, model),
        only_if=yes,
    )
    assert create == Step(
        name="AbaloneCreate-CreateModel", kind="record", says="Model", inputs=(model,), only_if=yes
    )
    assert transform == Step(
        name="AbaloneTransform",
        kind="container",
        says="a batch transform runs in the container of its model",
        inputs=(Input("TransformInput", "AbaloneProcess", "test"),),
        outputs=(Output("transform"),),
        needs=("AbaloneCreate-CreateModel",),
        only_if=yes,
    )
    assert fail == Step(name="AbaloneFail", kind="fail", says="MSE above 6.0", only_if=no)


def test_no_definition_that_the_sdk_generates_raises_an_alarm() -> None:
    for name, document in DEFINITIONS.items():
        pipeline = sagemaker.read(document, FOLDER / f"{name}.json", NOTHING)
        assert [one for step in pipeline.steps for one in step.findings] == []


def test_steps_that_need_their_container_say_why_and_can_be_stubbed(tmp_path: Path) -> None:
    stubs = Local(stubs={"BuiltinXGB": tmp_path})
    pipeline = sagemaker.read(DEFINITIONS["misc_step_types"], FOLDER / "misc.json", stubs)
    assert {step.name: (step.says, [one.name for one in step.outputs]) for step in pipeline.steps} == {
        "Notify": ("a Lambda function runs in AWS only", ["OutputParameters.json"]),
        "WaitHuman": (
            "a message to a queue is answered by something outside the pipeline",
            ["OutputParameters.json"],
        ),
        "Spark": ("it runs on an EMR cluster", []),
        "DataQuality": ("a quality check runs in the image of Model Monitor", ["quality_check_output"]),
        "DataBias": ("a Clarify check runs in the image of Clarify", ["analysis_result"]),
        "BuiltinXGB": (
            "its image says what is run: a built-in algorithm, or an image of your own",
            ["model", "output", "job"],
        ),
        "NB": ("it is a notebook job", ["model", "output", "job"]),
    }
    assert {step.kind for step in pipeline.steps} == {"container"}
    assert pipeline.step("WaitHuman").needs == ("Notify",)
    assert pipeline.step("BuiltinXGB").stub == tmp_path
    assert all(
        one.optional for step in pipeline.steps for one in step.inputs
    )  # nothing runs that would read them


def test_answer_of_describe_pipeline_is_read_as_the_definition_in_it() -> None:
    answer = {"PipelineArn": "arn:...", "PipelineDefinition": json.dumps(DEFINITIONS["misc_step_types"])}
    assert sagemaker.recognizes(answer)
    assert len(sagemaker.read(answer, FOLDER / "misc.json", NOTHING).steps) == 7


# ---- where the code is


def test_framework_processor_takes_the_script_from_runproc_or_from_the_option(tmp_path: Path) -> None:
    source = files(tmp_path / "src", "preprocess.py", "helpers.py")
    runproc = tmp_path / "runproc.sh"
    runproc.write_text('set -e\npython -m pip install -r requirements.txt\n\npython preprocess.py "$@"\n')
    document = DEFINITIONS["abalone_framework_processor"]
    code = f"{BUCKET}/AbaloneFramework/code/26a664cba5a90c16f500b84e34c2261b9ebb02c2bb62a4f250c86350c2b1094c"
    sources = f"{code}/sourcedir.tar.gz"
    hashed = "0d453f34961f367d397854869f8b2673fec384779e12ff533eda22686866dfa6"
    runner = f"{BUCKET}/AbaloneFramework/code/{hashed}/runproc.sh"

    def process(told: dict[str, Path]) -> Step:
        return sagemaker.read(document, FOLDER / "x.json", Local(code=told)).step("AbaloneProcess")

    for told in ({sources: source, runner: runproc}, {sources: source / "preprocess.py"}):
        step = process(told)
        assert (step.script_path, step.source_dir) == (source / "preprocess.py", source)
        assert (step.entry, step.args[:1], step.code_path) == (
            "script",
            ("--input-file",),
            f"{ROOT}/input/code",
        )
        assert step.working_dir == step.code_path
        assert [one.name for one in step.inputs] == ["raw"]
        assert step.findings == ()

    nothing_told = process({})
    assert (nothing_told.script_path, nothing_told.looked_for, nothing_told.code_uri) == (None, (), sources)
    (unnamed,) = process({code: source}).findings
    assert unnamed.code == "unnamed-script"
    assert unnamed.message == (
        "AbaloneProcess: which file of its code is run stands only in runproc.sh; it holds helpers.py, "
        "preprocess.py."
    )
    assert f"--code {sources}=FOLDER/SCRIPT.py" in unnamed.hint
    (source / "helpers.py").unlink()
    assert process({sources: source}).script_path == source / "preprocess.py"  # there is no other
    assert process({f"{BUCKET}/AbaloneFramework": source}).script_path is None  # too far up to be sure


def test_code_below_a_prefix_is_shipped_with_its_folder_and_a_single_object_alone(tmp_path: Path) -> None:
    source = files(tmp_path, "steps/prepare.py", "steps/helpers.py")
    step = processing("prepare", entry=["python3", f"{ROOT}/input/code/steps/prepare.py", "--fast"])
    step["Arguments"]["ProcessingInputs"][-1]["S3Input"]["S3Uri"] = "s3://bucket/code/v1.2"
    whole = read(step, local=Local(code={"s3://bucket/code/v1.2/": source})).steps[0]
    assert (whole.script_path, whole.source_dir, whole.args) == (
        source / "steps/prepare.py",
        source,
        ("--fast",),
    )
    alone = read(processing("prepare"), local=Local(code={"s3://bucket/code": source / "steps"})).steps[0]
    assert (alone.script_path, alone.source_dir) == (source / "steps/prepare.py", None)


@pytest.mark.parametrize(
    ("entry", "args", "expected"),
    [
        (["/usr/bin/python3.9", "-u", "CODE/a.py"], ["--x"], ("script", ("--x",))),
        (["python3"], ["CODE/a.py", "--x"], ("script", ("--x",))),
        (["python3", "-W", "error", "CODE/a.py"], None, (("python3", "-W", "error", "CODE/a.py"), ())),
        (["bash", "CODE/a.py"], ["x"], (("bash", "CODE/a.py", "x"), ())),
        (["sh", "-c", "cd CODE && python a.py; python CODE/a.py"], None, None),
        (["CODE/a.py", "--x"], None, None),
        (["python3", "-m", "jobs.a"], None, (("python3", "-m", "jobs.a"), ())),
        (["python3", "-m", "torch.distributed.run", "CODE/a.py"], None, None),
    ],
)
def test_entry_point_is_a_script_or_a_command(
    entry: list[str], args: list[str] | None, expected: Any
) -> None:
    def put(words: list[str]) -> list[str]:
        return [word.replace("CODE", f"{ROOT}/input/code") for word in words]

    step = read(processing("a", entry=put(entry), args=put(args or []))).steps[0]
    kind, rest = expected or (tuple(entry), ())
    assert (step.kind, step.entry, step.args, step.code_path, step.inputs, step.findings) == (
        "script",
        kind if isinstance(kind, str) else tuple(put(list(kind))),
        rest,
        f"{ROOT}/input/code",
        (),
        (),
    )


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        (["smspark-submit", f"{ROOT}/input/code/a.py"], "smspark-submit is a program of its image"),
        (["/opt/program/run"], "/opt/program/run is a program of its image"),
        (["bash", "/app/run.sh"], "what it runs lies in its image"),
        (["bash", "-c", f"cat {ROOT}/input/code/a.csv"], "what it runs lies in its image"),
        (["python3", "/app/main.py"], "/app/main.py lies in its image"),
        (["python3"], "it starts Python without a script"),
    ],
)
def test_entry_point_in_the_image_needs_the_container(entry: list[str], says: str) -> None:
    step = read(processing("a", outputs={"out": "s3://bucket/out"}, entry=entry)).steps[0]
    assert (step.kind, step.says, [one.name for one in step.outputs]) == ("container", says, ["out"])


def test_script_mode_with_a_shell_program_is_the_command_of_the_toolkit() -> None:
    hyperparameters = script_mode("run/train.sh", b="true", a="[1, 2]", epochs='"3"', z="null")
    step = read(training("train", HyperParameters=hyperparameters)).steps[0]
    assert step.entry == ("/bin/sh", "-c", "./run/train.sh -a [1, 2] -b True --epochs 3 -z ")
    assert step.script_path is None


def test_script_mode_finds_a_program_in_a_subfolder(tmp_path: Path) -> None:
    source = files(tmp_path, "jobs/train.py")
    step = training("train", HyperParameters=script_mode("jobs/train.py"))
    uri = "s3://bucket/code/train/sourcedir.tar.gz"
    for told in (source, source / "jobs/train.py"):
        made = read(step, local=Local(code={uri: told})).steps[0]
        assert (made.source_dir, made.script_path) == (source, source / "jobs/train.py")
    lost = read(step, local=Local(code={uri: source / "jobs"})).steps[0]
    assert (lost.script_path, lost.looked_for) == (None, (source / "jobs/jobs/train.py",))
    [finding] = lost.findings
    assert (finding.code, finding.severity) == ("script-not-shipped", Severity.ERROR)
    assert "Did you mean train.py?" in finding.hint


def test_an_archive_of_sources_is_unpacked_once_wherever_it_is_named(tmp_path: Path) -> None:
    source = files(tmp_path / "src", "train.py", "helper.py")
    archive = tmp_path / "mirror/code/train/sourcedir.tar.gz"
    archive.parent.mkdir(parents=True)
    with tarfile.open(archive, "w:gz") as packed:
        for path in source.iterdir():
            packed.add(path, path.name)
    step = training("train", HyperParameters=script_mode("train.py"))
    uri = "s3://bucket/code/train/sourcedir.tar.gz"
    found = set()
    for told in ({uri: archive}, {"s3://bucket": tmp_path / "mirror"}):
        made = sagemaker.read({"Steps": [step]}, tmp_path / "definition.json", Local(code=told)).steps[0]
        assert made.source_dir is not None
        assert sorted(path.name for path in made.source_dir.iterdir()) == ["helper.py", "train.py"]
        found.add(made.script_path)
    assert len(found) == 1
    archive.write_bytes(b"no archive")
    with pytest.raises(PipelineError, match="cannot be unpacked"):
        sagemaker.read({"Steps": [step]}, tmp_path / "definition.json", Local(code={uri: archive}))


def test_a_script_may_lie_in_a_folder_of_data_and_is_missed_where_it_does_not(tmp_path: Path) -> None:
    step = processing("prep", entry=["python3", f"{ROOT}/raw/jobs/prep.py"])
    step["Arguments"]["ProcessingInputs"] = [given_input("raw", "s3://bucket/raw")]
    local = Local(data={"s3://bucket/raw": tmp_path})
    [finding] = read(step, local=local).steps[0].findings
    assert finding.code == "script-not-shipped"
    files(tmp_path, "jobs/prep.py")
    made = read(step, local=local).steps[0]
    assert (made.script_path, made.source_dir, made.findings) == (tmp_path / "jobs/prep.py", tmp_path, ())


def test_the_folder_of_checkpoints_is_there_where_a_job_names_its_own() -> None:
    def paths(local_path: str | None) -> list[str | None]:
        config = {"S3Uri": "s3://bucket/checkpoints", "LocalPath": local_path}
        made = read(training("train", CheckpointConfig=config)).steps[0]
        return [one.container_path for one in made.outputs if one.name == "checkpoints"]

    assert paths("/opt/ml/mine/") == ["/opt/ml/mine"]
    assert paths(None) == paths("/opt/ml/checkpoints") == paths("/tmp/elsewhere") == []


def test_training_without_the_toolkit_runs_what_a_channel_brings(tmp_path: Path) -> None:
    source = files(tmp_path, "fit.py")
    algorithm = {
        "ContainerEntrypoint": ["python", "/opt/ml/input/data/code/fit.py"],
        "ContainerArguments": ["--depth", get("Parameters.Depth")],
    }
    step = training(
        "fit",
        {"code": "s3://bucket/code/", "train": "s3://bucket/t.csv"},
        AlgorithmSpecification=algorithm,
        HyperParameters={"lr": get("Parameters.Rate")},
    )
    parameters = [
        {"Name": "Depth", "Type": "Integer", "DefaultValue": 3},
        {"Name": "Rate", "Type": "Float", "DefaultValue": 0.5},
    ]
    made = read(step, parameters=parameters, local=Local(code={"s3://bucket/code": source})).steps[0]
    assert (made.entry, made.args, made.script_path) == ("script", ("--depth", "3"), source / "fit.py")
    assert (made.source_dir, made.hyperparameters) == (source, {"lr": "0.5"})
    assert [one.name for one in made.inputs] == ["train"]


def test_function_step_and_repacking_need_their_container() -> None:
    driver = "/opt/ml/input/data/sagemaker_remote_function_bootstrap/job_driver.sh"
    function = training(
        "prep",
        {"sagemaker_remote_function_bootstrap": "s3://bucket/boot"},
        AlgorithmSpecification={"ContainerEntrypoint": ["/bin/bash", driver]},
    )
    repack = training("repack", HyperParameters=script_mode("_repack_script_launcher.sh"))
    assert [(step.kind, step.says) for step in read(function, repack).steps] == [
        ("container", "it is a @step function, which SageMaker's own driver loads from a pickle"),
        ("container", "it packs a model anew with the code of its endpoint"),
    ]


# ---- links and order


def inputs_of(pipeline: Pipeline, step: str) -> list[dict[str, Any]]:
    return [plain_input(one) for one in pipeline.step(step).inputs]


def test_reference_is_a_link_with_what_lies_below_it() -> None:
    made = read(
        processing(
            "use", {"part": join(uri_of("make", "out"), "day=1/x.csv", on="/"), "all": uri_of("make", "out")}
        ),
        processing(
            "copy",
            {
                "same": get("Steps.use.ProcessingInputs['all'].S3Input.S3Uri"),
                "beside": join(uri_of("make", "out"), "-old"),
                "job": get("Steps.train.OutputDataConfig.S3OutputPath"),
                "model": join(
                    get("Steps.train.OutputDataConfig.S3OutputPath"),
                    get("Steps.train.TrainingJobName"),
                    "output/model.tar.gz",
                    on="/",
                ),
            },
        ),
        training("train"),
        processing("make", outputs={"out": join("s3:/", "bucket", get("Execution.PipelineName"), on="/")}),
    )
    link = {"from_step": "make", "from_output": "out"}
    assert inputs_of(made, "use") == [
        {"name": "part", **link, "below": "day=1/x.csv", "container_path": f"{ROOT}/part"},
        {"name": "all", **link, "container_path": f"{ROOT}/all"},
    ]
    assert inputs_of(made, "copy") == [
        {"name": "same", **link, "container_path": f"{ROOT}/same"},
        {"name": "beside", "uri": "s3://bucket/churn-old", "container_path": f"{ROOT}/beside"},
        {"name": "job", "from_step": "train", "from_output": "job", "container_path": f"{ROOT}/job"},
        {"name": "model", "from_step": "train", "from_output": "model", "container_path": f"{ROOT}/model"},
    ]
    assert made.step("copy").needs == ("use",)  # and make, which is linked


def test_same_place_in_s3_is_a_link_and_a_warning_where_nothing_orders_it() -> None:
    made = read(
        processing("late", {"clean": "s3://bucket/clean/x.csv"}, DependsOn=["make"]),
        processing("early", {"clean": "s3://bucket/clean/"}),
        processing("make", {"old": "s3://bucket/state"}, {"clean": "s3://bucket/clean"}),
        processing("save", {"in": uri_of("make", "clean")}, {"state": "s3://bucket/state"}),
    )
    assert {step.name: [one.code for one in step.findings] for step in made.steps} == {
        "late": [],
        "early": ["unordered-data"],
        "make": [],
        "save": [],
    }
    assert made.step("early").findings[0].message == (
        "early.clean reads s3://bucket/clean/, where make.clean is written, but nothing says that early "
        "runs after make."
    )
    assert inputs_of(made, "late") == [
        {
            "name": "clean",
            "from_step": "make",
            "from_output": "clean",
            "below": "x.csv",
            "container_path": f"{ROOT}/clean",
        }
    ]
    assert inputs_of(made, "make") == [  # written by a step after it: what an earlier execution left
        {"name": "old", "uri": "s3://bucket/state", "container_path": f"{ROOT}/old"}
    ]


def test_place_that_many_jobs_share_is_no_link() -> None:
    made = read(
        training("train"),
        training("again", {"data": "s3://bucket/models/other.csv"}),
        processing(
            "use",
            {
                "model": join(
                    "s3://bucket/models", get("Steps.train.TrainingJobName"), "output/model.tar.gz", on="/"
                )
            },
        ),
    )
    assert made.step("again").inputs[0].from_step is None
    assert (made.step("use").inputs[0].from_output, made.step("use").findings) == ("model", ())


def test_best_model_of_a_tuning_step_is_its_output() -> None:
    tuning = {
        "Name": "tune",
        "Type": "Tuning",
        "Arguments": {"TrainingJobDefinition": training("x", {"train": "s3://bucket/t"})["Arguments"]},
    }
    best = join(
        "s3:/",
        "bucket",
        "models",
        get("Steps.tune.TrainingJobSummaries[0].TrainingJobName"),
        "output/model.tar.gz",
        on="/",
    )
    made = read(tuning, processing("use", {"model": best}))
    assert made.step("tune").outputs == (Output("model", archive="model.tar.gz"),)
    assert inputs_of(made, "use")[0]["from_step"] == "tune"


def test_local_data_is_told_by_input_by_place_or_by_prefix(tmp_path: Path) -> None:
    step = processing(
        "use", {"a": "s3://bucket/raw/a.csv", "b": "s3://bucket/raw/b.csv", "c": "s3://bucket/rawest"}
    )
    told = {"use.a": tmp_path / "1", "s3://bucket/raw/": tmp_path / "2"}
    made = read(step, local=Local(data=told)).steps[0]
    assert [one.path for one in made.inputs] == [tmp_path / "1", tmp_path / "2" / "b.csv", None]
    other = read(processing("make", outputs={"out": "s3://bucket/raw"}), step, local=Local(data=told))
    assert [one.from_step for one in other.step("use").inputs] == [None, "make", None]


def test_branches_are_bound_to_all_outer_outcomes() -> None:
    always = {"Type": "Equals", "LeftValue": 1, "RightValue": 1}
    inner = condition("inner", always, yes=[processing("a")], no=[processing("b", DependsOn=["a"])])
    made = read(condition("outer", always, no=[inner]), processing("after", DependsOn=["outer"]))
    assert [(step.name, step.only_if, step.needs) for step in made.steps] == [
        ("outer", {}, ()),
        ("inner", {"outer": False}, ()),
        ("a", {"outer": False, "inner": True}, ()),
        ("b", {"outer": False, "inner": False}, ("a",)),
        ("after", {}, ("outer",)),
    ]


def test_run_time_values_are_placeholders_in_text() -> None:
    ask = {
        "Name": "ask",
        "Type": "Lambda",
        "OutputParameters": [{"OutputName": "how.much"}, {"OutputName": "n"}],
    }
    report = {"PropertyFileName": "Report", "OutputName": "eval", "FilePath": "metrics/report.json"}
    read_report = {
        "Std:JsonGet": {"PropertyFile": get("Steps.judge.PropertyFiles.Report"), "Path": "a['b c'][0]"}
    }
    made = read(
        ask,
        processing("judge", outputs={"eval": "s3://bucket/eval"}, PropertyFiles=[report]),
        processing(
            "use",
            args=[
                "--x",
                join("{values.n} is ", read_report),
                join("n=", get("Steps.ask.OutputParameters['n']")),
            ],
            env={
                "MUCH": get("Steps.ask.OutputParameters['how.much']"),
                "JOB": get("Steps.judge.ProcessingJobName"),
            },
        ),
        condition("which", {"Type": "Equals", "LeftValue": join("v", read_report), "RightValue": "v1"}),
    )
    use = made.step("use")
    assert use.args == ("--x", "{values.n} is {values.judge.a_b_c_0}", "n={values.ask.n}")
    assert use.env == {"MUCH": "{values.ask._how.much}", "JOB": "pipetest-judge"}
    assert use.values == {
        "judge.a_b_c_0": Value("judge", "eval", "metrics/report.json", "a['b c'][0]"),
        "ask.n": Value("ask", "OutputParameters.json", "", "n"),
        "ask._how.much": Value("ask", "OutputParameters.json", "", "['how.much']"),
    }
    assert use.upstream() == {"ask", "judge"}
    (compared,) = made.step("which").condition
    assert compared["LeftValue"] == {"text": ["v", {"value": "judge.a_b_c_0"}]}
    assert evaluate([compared], {"judge.a_b_c_0": 1}.__getitem__) == (True, "'v1' == 'v1'")


def test_value_of_a_file_that_a_step_writes_in_s3_is_known_and_of_another_is_not() -> None:
    function = training("fn", OutputDataConfig={"S3OutputPath": "s3://bucket/p/fn/results"})

    def compare(*uri: Any) -> Any:
        got = {"Std:JsonGet": {"S3Uri": join(*uri, on="/"), "Path": "Result"}}
        return {"Type": "Equals", "LeftValue": got, "RightValue": 1}

    root = get("Steps.fn.OutputDataConfig.S3OutputPath")
    made = read(
        function,
        condition("a", compare(root, "results.json")),
        condition("b", compare("s3://bucket", "p", "fn", "results/results.json")),
        condition("c", compare("s3://bucket", "q.json")),
    )
    value = Value("fn", "job", "results.json", "Result")
    assert [list(made.step(name).values.values()) for name in "abc"] == [[value], [value], []]
    assert made.step("c").kind == "container"
    assert (
        made.step("c").says == "it reads a value of s3://bucket/q.json, which no step of the pipeline writes"
    )


# ---- parameters

PARAMETERS = [
    {"Name": "Rate", "Type": "Float", "DefaultValue": 0.1},
    {"Name": "Depth", "Type": "Integer"},
    {"Name": "Kind", "Type": "String", "DefaultValue": "a", "EnumValues": ["a", "b"]},
    {"Name": "Fast", "Type": "Boolean", "DefaultValue": False},
]


def test_parameters_are_converted_to_their_type() -> None:
    names = ("Rate", "Depth", "Kind", "Fast")
    step = processing("a", args=[join(get(f"Parameters.{name}")) for name in names])
    both = [{"Type": "Equals", "LeftValue": get(f"Parameters.{name}"), "RightValue": 1} for name in names]
    local = Local(params={"Rate": "2", "Depth": "7", "Kind": "b", "Fast": "True"})
    made = read(step, condition("c", *both), parameters=PARAMETERS, local=local)
    assert made.steps[0].args == ("2.0", "7", "b", "true")
    assert [one["LeftValue"] for one in made.steps[1].condition] == [2.0, 7, "b", True]


def test_faults_of_parameters_are_told_together() -> None:
    params = {"Rate": "fast", "Kind": "c", "Fst": "true"}
    step = processing("a", args=[get("Parameters.Kinds"), get("Execution.PipelineNam")])
    assert faults(step, parameters=PARAMETERS, local=Local(params=params)) == [
        "--param names `Fst`, which the pipeline does not have. Did you mean `Fast`?",
        '--param Rate is "fast", where a number is needed. Give it another: --param Rate=VALUE',
        "The parameter Depth has no default, and no value was given. Give it one: --param Depth=VALUE",
        'The parameter Kind is "c", which is none of: a, b. Give it another: --param Kind=VALUE',
        "a: Get names `Parameters.Kinds`, which the pipeline does not have. Did you mean `Parameters.Kind`?",
        "a: Get names `Execution.PipelineNam`, which the pipeline does not have. Did you mean "
        "`Execution.PipelineName`?",
    ]


# ---- what is wrong


def test_names_that_lead_nowhere_are_told_together() -> None:
    report = {"Std:JsonGet": {"PropertyFile": get("Steps.make.PropertyFiles.Report"), "Path": "a"}}
    of_cursus = "is for a DAG of Cursus, which churn.json is not."
    assert faults(
        processing("make", outputs={"train": "s3://bucket/t"}),
        processing("make"),
        processing(
            "use",
            {
                "a": uri_of("mak", "train"),
                "b": uri_of("make", "trian"),
                "c": get("Steps.make.ModelArtifacts.S3ModelArtifacts"),
            },
            args=[report, {"Std:Joyn": {}}, {"Std:Join": {"Value": ["a"]}}, get("Parametrs.X")],
            DependsOn=["maker"],
        ),
        {"Name": "odd", "Type": "Procesing"},
        local=Local(
            data={"use.aa": Path("x")},
            links={"use.a": "make.train"},
            script_dirs=(Path("x"),),
            interfaces=(Path("x"),),
        ),
    ) == [
        "Two steps have the name make. Rename one: SageMaker refuses the definition.",
        "The step odd has the Type Procesing. Did you mean Processing?",
        "use: Std:JsonGet names `Steps.make.PropertyFiles.Report`, which the pipeline does not have. "
        "There are: none.",
        "use uses Std:Joyn, which SageMaker does not have. Did you mean Std:Join?",
        "use has a Std:Join without Values. List what it joins under Values.",
        'use has a Get of "Parametrs.X". Write "Parameters.NAME" or "Steps.NAME.PROPERTY".',
        "use: Get names `Steps.mak`, which the pipeline does not have. Did you mean `Steps.make`?",
        "use: Get names `make.trian`, which the pipeline does not have. Did you mean `make.train`?",
        'use has a Get of "Steps.make.ModelArtifacts.S3ModelArtifacts", but the Processing step make has no '
        "ModelArtifacts. Steps of these types have it: Training.",
        "DependsOn of use names `maker`, which the pipeline does not have. Did you mean `make`?",
        f"--link {of_cursus} Give the input data: --data STEP.INPUT=PATH; a definition has its own links.",
        f"--script-dir {of_cursus} Say where the code of a step lies: --code s3://...=PATH.",
        f"--interfaces {of_cursus} Leave it out: the definition itself names inputs and outputs.",
        "--data names `use.aa`, which the pipeline does not have. Did you mean `use.a`?",
    ]


def test_cycle_through_data_and_order_names_its_steps() -> None:
    told = faults(
        processing("a", {"in": uri_of("b", "out")}, {"out": "s3://bucket/a"}),
        processing("b", outputs={"out": "s3://bucket/b"}, DependsOn=["c"]),
        processing("c", env={"X": get("Steps.a.ProcessingJobName")}),
    )
    assert len(told) == 1
    assert told[0].startswith("These steps wait for each other: ")
    assert set(told[0].split(". ")[0].removeprefix("These steps wait for each other: ").split(" -> ")) == set(
        "abc"
    )


def long(count: int) -> str:
    return "x" * count


SEVENTEEN = {f"in{number}": "s3://bucket/x" for number in range(10)}  # and the code: eleven


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (
            processing("a", SEVENTEEN),
            "error service-limit: a has 11 ProcessingInputs; SageMaker takes at most 10.",
        ),
        (
            processing("a", env={"LONG": long(257)}),
            "error service-limit: a: the Environment variable LONG has 257 characters; SageMaker takes at "
            "most 256: "
            f'"{long(30)}..."',
        ),
        (
            processing("a", env={f"V{number}": "" for number in range(101)}),
            "error service-limit: a has 101 Environment variables; SageMaker takes at most 100.",
        ),
        (
            processing("a", args=["x"] * 101),
            "error service-limit: a has 101 ContainerArguments; SageMaker takes at most 100.",
        ),
        (
            processing("a", args=["y", long(300)]),
            "error service-limit: a: the element 2 of ContainerArguments has 300 characters; SageMaker "
            "takes at most "
            f'256: "{long(30)}..."',
        ),
        (
            training("a", HyperParameters={"x": long(2501)}),
            "error service-limit: a: the hyperparameter x has 2501 characters; SageMaker takes at most 2500: "
            f'"{long(30)}..."',
        ),
        (
            training("a", Environment={"X": long(513)}),
            "error service-limit: a: the Environment variable X has 513 characters; SageMaker takes at most "
            "512: "
            f'"{long(30)}..."',
        ),
        (
            training("a", StoppingCondition={"MaxRuntimeInSeconds": 0}),
            "error service-limit: a: MaxRuntimeInSeconds is 0; SageMaker takes 1 to 2419200.",
        ),
        (
            training("a", {"my channel": "s3://bucket/x"}),
            'error bad-name: a: SageMaker refuses the name of the channel "my channel".',
        ),
        (
            processing("a", env={"1X": ""}),
            'error bad-name: a: SageMaker refuses the name of the Environment variable "1X".',
        ),
        (
            processing("a b") | {"Arguments": {}},
            "error bad-name: a b: the name of a step has letters, digits, - and _, at most 64; this has 3.",
        ),
        (
            processing("a", CacheConfig={"Enabled": True, "ExpireAfter": "12 hours"}),
            'error bad-duration: a: ExpireAfter of CacheConfig is "12 hours", which is no ISO 8601 duration.',
        ),
        (
            processing("a", {"raw": "https://bucket.s3.amazonaws.com/x"}),
            'warning bad-uri: a: S3Uri of the input raw is "https://bucket.s3.amazonaws.com/x": it does not '
            "begin with "
            "s3://.",
        ),
        (
            processing("a", {"raw": join("s3:/", "/bucket", "x", on="/")}),
            'error bad-uri: a: S3Uri of the input raw is "s3:///bucket/x": it names no bucket.',
        ),
        (
            processing("a", outputs={"out": "s3://my_bucket/x"}),
            'error bad-uri: a: S3Uri of the output out is "s3://my_bucket/x": "my_bucket" cannot be the '
            "name of a bucket.",
        ),
        (processing("a", {"raw": ""}), 'error bad-uri: a: S3Uri of the input raw is "": it is empty.'),
        (
            processing("a", entry=["python3", f"{ROOT}/input/code/b.py"]),
            f"error script-not-shipped: a starts {ROOT}/input/code/b.py, but its input brings a single file "
            "there, a.py.",
        ),
        (
            processing("a", entry=["python3", "/opt/ml/code/a.py"]),
            "warning script-not-shipped: a starts /opt/ml/code/a.py, and none of its inputs lies above that "
            "path.",
        ),
        (
            processing(
                "a",
                outputs={"out": "s3://bucket/x"},
                PropertyFiles=[{"PropertyFileName": "R", "OutputName": "evaluation", "FilePath": "r.json"}],
            ),
            'error property-file: a: the property file R lies in the output "evaluation", which the step '
            "does not have.",
        ),
        (
            training("a", {"t": "s3://bucket/x"}, AlgorithmSpecification={"TrainingInputMode": "Pipe"}),
            "note input-mode: a: the input t is a stream (Pipe mode) in production, and files here.",
        ),
    ],
)
def test_what_aws_refuses_at_run_time_is_a_finding(step: dict[str, Any], expected: str) -> None:
    assert findings(step) == [expected]


def test_local_path_must_lie_in_the_place_of_processing_jobs_and_be_taken_once() -> None:
    step = processing("a", {"x": "s3://bucket/x", "y": "s3://bucket/y"}, {"out": "s3://bucket/out"})
    first, second, _ = step["Arguments"]["ProcessingInputs"]
    first["S3Input"]["LocalPath"] = second["S3Input"]["LocalPath"] = "/opt/ml/input/data"
    step["Arguments"]["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["LocalPath"] = f"{ROOT}/../model"
    assert findings(step) == [
        'error local-path: a: LocalPath of the input x is "/opt/ml/input/data", not below '
        "/opt/ml/processing/.",
        'error local-path: a: LocalPath of the input y is "/opt/ml/input/data", not below '
        "/opt/ml/processing/.",
        'error local-path: a: the inputs x and y share the LocalPath "/opt/ml/input/data".',
        'error local-path: a: LocalPath of the output out is "/opt/ml/processing/../model", not below '
        "/opt/ml/processing/.",
    ]


def test_what_the_service_takes_is_no_finding() -> None:
    for duration in ("P30D", "30d", "T16m", "30dT5h", "PT1H", "P1Y2M3W4DT5H6M7S", "p30d"):
        assert findings(processing("a", CacheConfig={"ExpireAfter": duration})) == []
    quiet = processing(
        "a-1_B",
        {
            "whole": "s3://bucket",
            "deep": "s3://my.bucket-1//x/",
            "point": "s3://arn:aws:s3:us-east-1:1:accesspoint/x",
        },
        {"out": join("s3://bucket", get("Execution.PipelineExecutionId"), on="/")},
        args=["", long(256)],
        env={"_X1": long(256), "NULL": None},
        DependsOn=None,
        PropertyFiles=None,
        CacheConfig=None,
        Unknown={"x": 1},
    )
    nulls = {"Name": "b", "Type": "Training", "Arguments": {"HyperParameters": None, "InputDataConfig": None}}
    assert findings(quiet, nulls, {"Name": "c", "Type": "Model", "Arguments": None}) == []


# ---- any shape at all


def below(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        yield from below(value, (*path, key))


PLACES = {name: list(below(document)) for name, document in DEFINITIONS.items()}
SCALARS = (
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats() | st.text(max_size=8) | st.just("Steps.A.B")
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Get", "Std:Join", "Std:JsonGet", "Name", "Type", "S3Uri", "Values"]),
            inner,
            max_size=2,
        )
    ),
    max_leaves=6,
)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_definition_of_any_shape_is_read_or_refused_with_a_message(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(DEFINITIONS)))
    document = copy.deepcopy(DEFINITIONS[name])
    for _ in range(data.draw(st.integers(1, 3))):
        _spoil(document, data.draw(st.sampled_from(PLACES[name])), data.draw(ANYTHING))
    _read_or_refuse(document)


def _read_or_refuse(document: Any) -> None:
    try:
        sagemaker.read(document, Path("x.json"), NOTHING)
    except PipelineError as error:
        assert error.faults
        assert all(fault.message and fault.hint for fault in error.faults)


def _spoil(tree: Any, path: tuple[Any, ...], value: Any) -> None:
    """Put a value at a path, if an earlier one has left it there."""
    try:
        for key in path[:-1]:
            tree = tree[key]
        tree[path[-1]] = value
    except (KeyError, IndexError, TypeError):
        return


@settings(max_examples=200, deadline=None)
@given(ANYTHING)
def test_any_json_is_read_or_refused_with_a_message(document: Any) -> None:
    for whole in (document, {"Steps": document}, {"Steps": [document]}, {"PipelineDefinition": document}):
        sagemaker.recognizes(whole)
        _read_or_refuse(whole)


def test_what_is_nested_too_deep_is_a_fault() -> None:
    value: Any = "x"
    test: dict[str, Any] = {"Type": "Equals", "LeftValue": 1, "RightValue": 1}
    branch = processing("z")
    for number in range(200):
        value, test, branch = (
            join(value),
            {"Type": "Not", "Condition": test},
            condition(f"c{number}", yes=[branch]),
        )
    assert len(faults(processing("a", args=[value]), condition("b", test), branch)) == 3


# ---- conditions, while the pipeline runs

VALUES = {"n": 3, "x": 0.5, "s": "ok", "t": True, "null": None, "map": {}}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"Type": "GreaterThan", "LeftValue": {"value": "n"}, "RightValue": 2.5}, (True, "3 > 2.5")),
        ({"Type": "GreaterThanOrEqualTo", "LeftValue": 3, "RightValue": {"value": "n"}}, (True, "3 >= 3")),
        ({"Type": "LessThan", "LeftValue": "a", "RightValue": "b"}, (True, "'a' < 'b'")),
        ({"Type": "Equals", "LeftValue": {"value": "t"}, "RightValue": 1}, (False, "True == 1")),
        ({"Type": "Equals", "LeftValue": "3", "RightValue": {"value": "n"}}, (False, "'3' == 3")),
        (
            {"Type": "In", "QueryValue": {"value": "s"}, "Values": ["no", "ok"]},
            (True, "'ok' in ['no', 'ok']"),
        ),
        (
            {"Type": "LessThan", "LeftValue": {"value": "s"}, "RightValue": 1},
            "'ok' < 1 cannot be decided: 'ok' is a text, 1 a number.",
        ),
        ({"Type": "Equals", "LeftValue": {"value": "gone"}, "RightValue": 1}, "The value gone is not there."),
        (
            {"Type": "Equals", "LeftValue": {"value": "null"}, "RightValue": 1},
            "null is null, where one value is needed.",
        ),
        (
            {"Type": "Equals", "LeftValue": {"value": "map"}, "RightValue": 1},
            "map is a whole mapping, where one value is needed.",
        ),
    ],
)
def test_condition_is_evaluated_with_an_account_of_it(condition: dict[str, Any], expected: Any) -> None:
    try:
        assert evaluate([condition], VALUES.__getitem__) == expected
    except ConditionError as error:
        assert str(error) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.b[1].c", 7),
        ("a['x.y']", 1),
        ('["a"]["x.y"]', 1),
        ("a.b-c", 2),
        ("a.d", 'There is no "a.d": "a" has no key "d". It has: b, x.y, b-c.'),
        ("a.bc", 'There is no "a.bc": "a" has no key "bc". Did you mean "b-c"?'),
        ("a.b[2]", 'There is no "a.b[2]": "a.b" has 2 elements, counted from 0.'),
        ("a[0]", 'There is no "a[0]": "a" is a mapping, not a list.'),
        ("a.b.c", 'There is no "a.b.c": "a.b" is a list, and has no key "c".'),
        ("a[", 'The path "a[" cannot be read from "[" on: write a.b[0].c or a[\'b.c\'].'),
    ],
)
def test_json_get_finds_the_value_or_names_the_nearest(path: str, expected: Any) -> None:
    document = {"a": {"b": [{"c": 6}, {"c": 7}], "x.y": 1, "b-c": 2}}
    try:
        assert json_value(document, path) == expected
    except ConditionError as error:
        assert str(error) == expected


def test_errors_and_warnings_are_told_apart() -> None:
    early = processing("early", {"clean": "s3://bucket/clean"})
    (found,) = read(early, processing("make", outputs={"clean": "s3://bucket/clean"})).steps[0].findings
    assert found.severity is Severity.WARNING
