"""Write training_oracle.json: what ``sagemaker-training`` tells a script, for the cases below.

    pip install sagemaker-training==5.1.4 && python tests/data/make_training_oracle.py

``tests/test_containers.py`` holds our own training jobs against it, variable by variable.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "src"))
from pipetest.jobs import CHANNEL, resources

TOOLKIT = {
    "sagemaker_program": '"train.py"',
    "sagemaker_submit_directory": '"s3://bucket/code/sourcedir.tar.gz"',
    "sagemaker_container_log_level": "20",
    "sagemaker_region": '"us-east-1"',
}
CASES = [
    {"channels": ["train"], "hyperparameters": dict(TOOLKIT)},
    {
        "channels": ["train", "my-val", "Test_2"],
        "hyperparameters": {
            **TOOLKIT,
            "sagemaker_job_name": '"job-1"',
            "sagemaker_estimator_class_name": '"SKLearn"',
            "n-estimators": "20",
            "learning_rate": "0.1",
            "objective": '"squared_error"',
            "flag": "true",
            "off": "false",
            "nothing": "null",
            "list": "[1, 2]",
            "map": '{"b": 1, "a": "x y"}',
            "x": "raw text, not JSON",
            "Z": '"007"',
            "empty": '""',
            "raw_empty": "",
            "umlaut": '"Größe"',
            "nan": "NaN",
            "quoted": '"it\'s \\"q\\""',
            "_tuning_objective_metric": '"mse"',
        },
    },
]
ASK = """
import json, os
before = dict(os.environ)
from sagemaker_training import environment
told = environment.Environment()
variables = {**told.to_env_vars(), **{k: v for k, v in os.environ.items() if before.get(k) != v}}
print(json.dumps({"variables": variables, "arguments": told.to_cmd_args()}))
"""


def ask(case: dict) -> dict:
    """The toolkit's answer, with its folder called /opt/ml."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("input/config", "model", "output/data", "code"):
            (Path(folder) / name).mkdir(parents=True)
        config = Path(folder) / "input/config"
        (config / "hyperparameters.json").write_text(json.dumps(case["hyperparameters"]))
        (config / "inputdataconfig.json").write_text(json.dumps(dict.fromkeys(case["channels"], CHANNEL)))
        (config / "resourceconfig.json").write_text(json.dumps(resources()))
        env = {
            "PATH": os.environ["PATH"],
            "SAGEMAKER_BASE_DIR": folder,
            "TRAINING_JOB_NAME": "pipetest-train",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        answer = subprocess.run(
            [sys.executable, "-c", ASK], env=env, check=True, stdout=subprocess.PIPE, text=True
        )
        return json.loads(answer.stdout.splitlines()[-1].replace(folder, "/opt/ml"))


if __name__ == "__main__":
    answers = [{**case, **ask(case)} for case in CASES]
    target = Path(__file__).with_name("training_oracle.json")
    target.write_text(json.dumps(answers, indent=1, ensure_ascii=False) + "\n", "utf-8")
