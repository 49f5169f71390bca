"""What the platform tells a job: its configuration files, and to a training script variables and arguments.

Sources: the AWS documentation of processing and training containers; ``sagemaker-training`` 5.1.4
(environment.py, mapping.py), with which ``tests/test_containers.py`` compares variable by variable.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from pipetest.containers import ML, code_path, job_name, job_of
from pipetest.pipeline import Step

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


# --- files ---


def config_files(step: Step, job: str, tree: Path) -> dict[str, str]:
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
            "input/config/inputdataconfig.json": dict.fromkeys(channels(step, tree), CHANNEL),
            "input/config/resourceconfig.json": resources(),
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


def resources() -> dict[str, Any]:
    """What resourceconfig.json of a training job says: one host."""
    group = {"instance_group_name": GROUP, "instance_type": INSTANCE, "hosts": [HOST]}
    return {
        "current_host": HOST,
        "current_instance_type": INSTANCE,
        "current_group_name": GROUP,
        "hosts": [HOST],
        "instance_groups": [group],
        "network_interface_name": NETWORK,
    }


def channels(step: Step, tree: Path) -> list[str]:
    """The channels of a training job: the folders of its data, and those that it must have."""
    there = {entry.name for entry in (tree / "input/data").iterdir() if entry.is_dir()}
    paths = (PurePosixPath(one.container_path or "") for one in step.inputs if not one.optional)
    return sorted(there | {path.name for path in paths if str(path.parent) == f"{ML}/input/data"})


# --- a training script ---


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
        except (ValueError, RecursionError):  # RecursionError: a hundred thousand brackets
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
        "PYTHONPATH": code_path(step) or "",  # what the script starts finds the modules beside it
        **{f"SM_{name.upper()}": _shown(value) for name, value in told.items()},
    }


def _shown(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, separators=(",", ":"))


def _told(step: Step, tree: Path, typed: Mapping[str, Any]) -> dict[str, Any]:
    """What both the variables and SM_TRAINING_ENV say."""
    program = str(typed.get("sagemaker_program") or (step.script_path.name if step.script_path else ""))
    told = resources()
    return {
        "additional_framework_parameters": {
            name: value
            for name, value in typed.items()
            if name.startswith("sagemaker_") and name not in TOOLKIT
        },
        "channel_input_dirs": {name: f"{ML}/input/data/{name}" for name in channels(step, tree)},
        "current_host": HOST,
        "current_instance_group": GROUP,
        "current_instance_group_hosts": [HOST],
        "current_instance_type": INSTANCE,
        "distribution_instance_groups": [],
        "framework_module": None,
        "hosts": [HOST],
        "hyperparameters": {name: value for name, value in typed.items() if _is_own(name)},
        "input_config_dir": f"{ML}/input/config",
        "input_data_config": dict.fromkeys(channels(step, tree), CHANNEL),
        "input_dir": f"{ML}/input",
        "instance_groups": [GROUP],
        "instance_groups_dict": {GROUP: told["instance_groups"][0]},
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
        "resource_config": told,
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
