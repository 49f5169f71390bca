"""What a SageMaker container shows a script: the tree under /opt/ml, variables, arguments; what it leaves.

Sources: AWS documentation of processing and training containers; ``sagemaker-training`` 5.1.4
(environment.py, mapping.py), with which ``tests/test_containers.py`` compares variable by variable.
"""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from pipetest.pipeline import Input, Output, Step
from pipetest.sandbox_files import copy_file, copy_folder

ML = "/opt/ml"
CODE = {"processing": f"{ML}/processing/input/code", "training": f"{ML}/code"}
FOLDERS = {
    "processing": ("processing", "config", "output"),
    "training": ("code", "input/config", "input/data", "model", "output/data", "checkpoints"),
}
HOST, NETWORK, INSTANCE, GROUP = "algo-1", "eth0", "ml.m5.xlarge", "homogeneousCluster"
CHANNEL = {"TrainingInputMode": "File", "S3DistributionType": "FullyReplicated", "RecordWrapperType": "None"}
# Hyperparameters that are for the toolkit: sagemaker_training/params.py. Those of other names that begin with
# "sagemaker_" are "framework parameters".
TOOLKIT = frozenset(
    {
        "sagemaker_program",
        "sagemaker_submit_directory",
        "sagemaker_enable_cloudwatch_metrics",
        "sagemaker_container_log_level",
        "sagemaker_job_name",
        "_tuning_objective_metric",
        "default_user_module_name",
        "sagemaker_region",
        "sagemaker_s3_output",
    }
)
LARGEST_CODE = 10_000_000  # bytes of a file that goes with a script though nobody named its folder
SHIPPED_WITHOUT = frozenset({".git", ".pipetest", "__pycache__", ".venv", "venv", "node_modules"})


def job_of(step: Step) -> str | None:
    """``processing``, ``training``, or None for a step that is no job of SageMaker's."""
    if step.job:
        return step.job
    shown = [one.container_path for one in step.inputs] + [one.container_path for one in step.outputs]
    paths = [path for path in shown if path]
    if not paths and not step.code_path:
        return None
    trains = any(PurePosixPath(path).is_relative_to(f"{ML}/model") for path in paths)
    return "training" if trains or step.hyperparameters else "processing"


def code_path(step: Step) -> str | None:
    """The container's folder of the step's code; None outside a container."""
    return step.code_path or CODE.get(job_of(step) or "")


def shipped(step: Step) -> Path | None:
    """The folder that is shipped with the script; None: the script goes alone, as ScriptProcessor sends it.

    Where nothing is said of it, that is the script's own folder, without what is too big to be code.
    """
    if step.source_dir or step.code_uri or not step.script_path:
        return step.source_dir
    return step.script_path.parent


def working_dir(step: Step) -> str | None:
    """Where the container starts the script: None where that is the image's own affair."""
    return step.working_dir or (code_path(step) if job_of(step) == "training" else None)


def place(tree: Path, container_path: str) -> Path:
    """Where a path of the container lies on this machine."""
    return tree / PurePosixPath(container_path).relative_to(ML)


# --- the tree ----------------------------------------------------------------------------------------------


def lay_tree(step: Step, tree: Path, sources: Mapping[str, Path], above: Path) -> dict[str, Path]:
    """Make the folders of a job and copy its code and inputs into them. Returns where each input lies.

    ``above`` is a folder that is never copied: the one that the tree itself lies in.
    """
    job = job_of(step) or "processing"
    for name in FOLDERS[job]:
        (tree / name).mkdir(parents=True, exist_ok=True)
    placed = {}
    # The shorter path first: mounts nest, and the inner one covers what the outer one has there.
    for one in sorted(step.inputs, key=lambda one: len(one.container_path or "")):
        if one.name in sources and one.container_path:
            placed[one.name] = _place_input(one, tree, sources[one.name], above)
    _place_code(step, tree, above)
    for output in step.outputs:
        if output.container_path:
            folder = place(tree, output.container_path)
            (folder.parent if output.is_file else folder).mkdir(parents=True, exist_ok=True)
    for name, text in _config_files(step, job, tree).items():
        (tree / name).write_text(text, "utf-8")
    return placed


def _place_input(one: Input, tree: Path, source: Path, above: Path) -> Path:
    """Copy an input as S3 does: all below a prefix into the folder, a single object into it by its name."""
    target = place(tree, one.container_path or ML)
    if source.is_dir():
        copy_folder(source, target, one.from_step is None, (above,))
        return target
    if target.suffix and target.suffix == source.suffix:  # the path of the file itself
        target.parent.mkdir(parents=True, exist_ok=True)
    else:
        target.mkdir(parents=True, exist_ok=True)
        target /= source.name
    copy_file(source, target)
    return target


def _place_code(step: Step, tree: Path, above: Path) -> None:
    target = place(tree, code_path(step) or ML)
    target.mkdir(parents=True, exist_ok=True)
    folder = shipped(step)
    if folder:
        largest = None if step.source_dir else LARGEST_CODE
        copy_folder(folder, target, True, (above,), SHIPPED_WITHOUT, largest)
    elif step.script_path:
        copy_file(step.script_path, target / step.script_path.name)


def script_in_container(step: Step) -> str:
    """The path that the script has in the container."""
    script, folder = step.script_path or Path(), shipped(step)
    inside = script.relative_to(folder) if folder else Path(script.name)
    return f"{code_path(step)}/{inside.as_posix()}"


def _config_files(step: Step, job: str, tree: Path) -> dict[str, str]:
    """The files that the platform writes, by their path under /opt/ml."""
    if job == "processing":
        resource: dict[str, Any] = {"current_host": HOST, "hosts": [HOST]}
        files: dict[str, Any] = {
            "config/resourceconfig.json": resource,
            "config/processingjobconfig.json": _processing_job(step),
        }
    else:
        files = {
            "input/config/hyperparameters.json": raw_hyperparameters(step),
            "input/config/inputdataconfig.json": dict.fromkeys(channels(tree), CHANNEL),
            "input/config/resourceconfig.json": _resources(),
        }
    return {name: json.dumps(content) for name, content in files.items()}


def _processing_job(step: Step) -> dict[str, Any]:
    """The request of the job, as far as a script may ask for it."""
    inputs = [
        {
            "InputName": one.name,
            "S3Input": {"LocalPath": one.container_path, "S3Uri": one.uri or f"s3://pipetest/{one.name}"},
        }
        for one in step.inputs
    ]
    outputs = [
        {
            "OutputName": one.name,
            "S3Output": {
                "LocalPath": one.container_path,
                "S3Uri": f"s3://pipetest/{one.name}",
                "S3UploadMode": "EndOfJob",
            },
        }
        for one in step.outputs
    ]
    return {
        "ProcessingJobArn": f"arn:aws:sagemaker:us-east-1:000000000000:processing-job/{step.name}",
        "ProcessingJobName": step.name,
        "Environment": dict(step.env),
        "ProcessingInputs": inputs,
        "ProcessingOutputConfig": {"Outputs": outputs, "KmsKeyId": None},
        "ProcessingResources": {"ClusterConfig": {"InstanceCount": 1, "InstanceType": INSTANCE}},
        "StoppingCondition": {"MaxRuntimeInSeconds": 86400},
    }


def _resources() -> dict[str, Any]:
    group = {"instance_group_name": GROUP, "instance_type": INSTANCE, "hosts": [HOST]}
    return {
        "current_host": HOST,
        "current_instance_type": INSTANCE,
        "current_group_name": GROUP,
        "hosts": [HOST],
        "instance_groups": [group],
        "network_interface_name": NETWORK,
    }


def channels(tree: Path) -> list[str]:
    """The channels of a training job: the folders of its data."""
    return sorted(entry.name for entry in (tree / "input/data").iterdir() if entry.is_dir())


# --- what a training job is told ---------------------------------------------------------------------------


def raw_hyperparameters(step: Step) -> dict[str, str]:
    """What is in hyperparameters.json: every value is a text."""
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in step.hyperparameters.items()
    }


def _typed(step: Step) -> dict[str, Any]:
    """What the toolkit makes of them: JSON where it can be read as such, else the text itself."""
    typed = {}
    for name, text in raw_hyperparameters(step).items():
        try:
            typed[name] = json.loads(text)
        except ValueError:
            typed[name] = text
    return typed


def _is_own(name: str) -> bool:
    return not name.startswith("sagemaker_") and name not in TOOLKIT


def arguments(step: Step) -> list[str]:
    """Hyperparameters as the command line of a training script: sorted, one letter as ``-x``."""
    if job_of(step) != "training":
        return []
    words = []
    for name, value in sorted(_typed(step).items()):
        if _is_own(name):
            words += [f"--{name}" if len(name) > 1 else f"-{name}", _word(value)]
    return words


def _word(value: object) -> str:
    if isinstance(value, dict):
        return ",".join(f"{key}={one}" for key, one in sorted(value.items()))
    return "" if value is None else str(value)


def variables(step: Step, tree: Path) -> dict[str, str]:
    """What the platform sets besides the step's own variables. A processing job gets nothing."""
    if job_of(step) != "training":
        return {}
    typed = _typed(step)
    told = _told(step, tree, typed)
    told["user_args"] = arguments(step)
    told["hps"] = told.pop("hyperparameters")
    told["framework_params"] = told.pop("additional_framework_parameters")
    dirs = told.pop("channel_input_dirs")
    told["channels"] = sorted(dirs)
    told["training_env"] = _training_env(step, tree, typed)
    told.update({f"channel_{name}": path for name, path in dirs.items()})
    told.update({f"hp_{name}": value for name, value in typed.items() if _is_own(name)})
    return {
        "TRAINING_JOB_NAME": job_name(step),
        "TRAINING_JOB_ARN": f"arn:aws:sagemaker:us-east-1:000000000000:training-job/{job_name(step)}",
        "CURRENT_HOST": HOST,
        "SAGEMAKER_REGION": str(typed.get("sagemaker_region", "us-east-1")),
        "SAGEMAKER_JOB_NAME": str(typed.get("sagemaker_job_name", "")),
        **{f"SM_{name.upper()}": _shown(value) for name, value in told.items()},
    }


def job_name(step: Step) -> str:
    """The name of the job that a training step starts."""
    return f"pipetest-{step.name}"


def _shown(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, separators=(",", ":"))


def _told(step: Step, tree: Path, typed: Mapping[str, Any]) -> dict[str, Any]:
    """What both the variables and SM_TRAINING_ENV say."""
    program = str(typed.get("sagemaker_program") or (step.script_path.name if step.script_path else ""))
    resources = _resources()
    return {
        "additional_framework_parameters": {
            name: value
            for name, value in typed.items()
            if name.startswith("sagemaker_") and name not in TOOLKIT
        },
        "channel_input_dirs": {name: f"{ML}/input/data/{name}" for name in channels(tree)},
        "current_host": HOST,
        "current_instance_group": GROUP,
        "current_instance_group_hosts": [HOST],
        "current_instance_type": INSTANCE,
        "distribution_instance_groups": [],
        "framework_module": None,
        "hosts": [HOST],
        "hyperparameters": {name: value for name, value in typed.items() if _is_own(name)},
        "input_config_dir": f"{ML}/input/config",
        "input_data_config": dict.fromkeys(channels(tree), CHANNEL),
        "input_dir": f"{ML}/input",
        "instance_groups": [GROUP],
        "instance_groups_dict": {GROUP: resources["instance_groups"][0]},
        "is_hetero": False,
        "log_level": typed.get("sagemaker_container_log_level", 20),
        "model_dir": f"{ML}/model",
        "module_dir": str(typed.get("sagemaker_submit_directory", f"{ML}/code")),
        "module_name": program.removesuffix(".py"),
        "network_interface_name": NETWORK,
        "num_cpus": os.cpu_count() or 1,
        "num_gpus": 0,
        "num_neurons": 0,
        "output_data_dir": f"{ML}/output/data",
        "output_dir": f"{ML}/output",
        "output_intermediate_dir": f"{ML}/output/intermediate",
        "resource_config": resources,
        "user_entry_point": program,
    }


def _training_env(step: Step, tree: Path, typed: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **_told(step, tree, typed),
        "distribution_hosts": [],
        "is_master": True,
        "is_modelparallel_enabled": None,
        "is_smddpmprun_installed": False,
        "is_smddprun_installed": False,
        "job_name": job_name(step),
        "master_hostname": HOST,
        "topology": [],
    }


# --- what comes out ----------------------------------------------------------------------------------------


def pack(step: Step, tree: Path, root: Path) -> dict[str, Path]:
    """Make the archives that SageMaker makes of a job's folders. Returns what is handed on, by output."""
    handed: dict[str, Path] = {}
    for output in step.outputs:
        folder = place(tree, output.container_path) if output.container_path else None
        if output.archive and folder and any(folder.iterdir()):
            target = root / "outputs" / output.name / output.archive
            _archive(folder, target)
            handed[output.name] = target
    bundle = next((one for one in step.outputs if is_bundle(one)), None)
    if bundle and handed:
        folder = root / "outputs" / bundle.name
        for path in handed.values():
            (folder / job_name(step) / "output").mkdir(parents=True, exist_ok=True)
            copy_file(path, folder / job_name(step) / "output" / path.name)
        handed[bundle.name] = folder
    return handed


def is_bundle(output: Output) -> bool:
    """Whether an output is the folder of a job's archives: ``<job>/output/model.tar.gz`` and its like."""
    return output.name == "job" and not output.container_path


def _archive(folder: Path, target: Path) -> None:
    """Members at the root, without a leading ``./``: as ``tar -C folder`` of its entries."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(target, "w:gz", compresslevel=1) as archive:
        for entry in sorted(folder.iterdir()):
            archive.add(entry, arcname=entry.name)


def last_words(tree: Path) -> tuple[str, str]:
    """What the job left for SageMaker's FailureReason and ExitMessage: ``failure`` and ``message``, cut as
    SageMaker cuts them; the message is ``\\ufffd`` at least where it is not UTF-8."""
    return _beginning(tree / "output/failure"), _beginning(tree / "output/message")


def _beginning(path: Path) -> str:
    try:
        return path.read_bytes()[:1024].decode("utf-8", "replace").strip()
    except OSError:
        return ""
