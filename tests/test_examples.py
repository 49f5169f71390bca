"""The SageMaker example, as the README runs it: a copy of it, so that nothing is left in the repository."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Project

SAGEMAKER = Path(__file__).parents[1] / "examples" / "sagemaker"
GOOD = {
    "Preprocess": "passed",
    "Train": "passed",
    "Evaluate": "passed",
    "GoodEnough": "passed condition-result",
    "Register": "stubbed recorded",
    "TooFarOff": "skipped branch-not-taken",
}
BAD = {**GOOD, "Register": "skipped branch-not-taken", "TooFarOff": "failed fail-reached"}

pytest.importorskip("sklearn", reason="the example needs scikit-learn")


@pytest.fixture
def example(project: Project) -> Project:
    """A project with a copy of the example."""
    shutil.copytree(SAGEMAKER, project.folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".pipetest"))
    return project


def test_the_definition_runs_with_its_scripts_as_they_are(example: Project) -> None:
    answer = example("run", "definition.json")
    assert (answer.code, answer.verdicts) == (0, GOOD)


def test_written_as_our_own_file_it_runs_the_same(example: Project) -> None:
    assert example.run("show", "definition.json", "--as", "yaml", "-o", "pipeline.yaml").code == 0
    answer = example("run", "pipeline.yaml", "--fresh")
    assert (answer.code, answer.verdicts) == (0, GOOD)


def test_a_parameter_sends_it_into_the_other_branch(example: Project) -> None:
    answer = example("run", "definition.json", "--param", "MseThreshold=0.001")
    assert (answer.code, answer.verdicts) == (1, BAD)
    assert "The error is above 0.001" in answer.finding("fail-reached")["message"]


def test_without_what_is_local_each_missing_piece_is_named_once(example: Project) -> None:
    (example.folder / "definition.local.yaml").unlink()
    answer = example("run", "definition.json")
    bucket = "s3://sagemaker-eu-central-1-111122223333"
    assert answer.code == 2
    assert [line.split(": ")[-1] for line in answer.err.splitlines() if "    " in line] == [
        f"--code {bucket}/Rings/code/preprocess.py=PATH.",
        "--data Preprocess.raw=PATH.",
        f"--code {bucket}/Rings/code/training/sourcedir.tar.gz=PATH.",
        f"--code {bucket}/Rings/code/evaluate.py=PATH.",
    ]


def test_one_step_runs_alone_on_what_another_run_left(example: Project) -> None:
    first = example("run", "definition.json")
    rerun = first.step("Evaluate")["rerun"].split()
    assert rerun[:2] == ["pipetest", "run"]
    again = example(*rerun[1:])
    assert (again.code, again.step("Evaluate")["status"]) == (0, "passed")
