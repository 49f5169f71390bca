"""A link of a pipeline is broken in many ways, and the message alone leads to the cause.

The corpus lies in ``data/breaks``, a file for each family of libraries, which is run once: the step
``prepare`` writes the data, and each break is a step of its own that is given some of it, and fails. In its
script each file is a variable, ``clean`` of clean.csv. What has nothing to do with the data stays the
exception that it is.
"""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import pipetest
from pipetest.failures.nearest import nearest
from pipetest.results import Finding, Severity

CORPUS = Path(__file__).parent / "data" / "breaks"


@dataclass(frozen=True)
class Break:
    """A step that fails: ``files`` is what it is given, ``code`` and ``says`` what the finding must have."""

    family: str
    kind: str  # "break", or "innocent" where the data is not to blame
    name: str
    files: str
    script: str
    code: str
    says: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.family}-{self.name}"

    @property
    def step(self) -> str:
        return f"{self.kind}_{self.name}"


@cache
def corpus(family: str) -> dict[str, Any]:
    return tomllib.loads((CORPUS / f"{family}.toml").read_text(encoding="utf-8"))


def listed(kind: str) -> list[Break]:
    return [
        Break(family, kind, name, of["files"], of["script"], of.get("code", ""), tuple(of.get("says", ())))
        for family in sorted(path.stem for path in CORPUS.glob("*.toml"))
        for name, of in corpus(family).get(kind, {}).items()
    ]


BREAKS, INNOCENT = listed("break"), listed("innocent")


def stem(name: str) -> str:
    return name.partition(".")[0].strip("/")


def script(one: Break) -> str:
    """The script of a step."""
    lines = ["import sys", "from pathlib import Path", corpus(one.family)["imports"].strip()]
    for i, name in enumerate(one.files.split(), 1):
        below = "" if name.endswith("/") else f" / {name!r}"
        lines.append(f"{stem(name)} = Path(sys.argv[{i}]){below}")
    return "\n".join([*lines, one.script.strip(), ""])


def pipeline(folder: Path, family: str) -> Path:
    """The pipeline of a family, written into a folder."""
    steps = [one for one in (*BREAKS, *INNOCENT) if one.family == family]
    outputs = sorted({stem(name) for one in steps for name in one.files.split()})
    args = [f"{{outputs.{outputs[0]}}}", *corpus(family)["prepares"]]
    document: dict[str, Any] = {"prepare": {"outputs": outputs, "args": args}}
    shutil.copy(CORPUS / "prepare.py", folder)
    for one in steps:
        (folder / f"{one.step}.py").write_text(script(one), encoding="utf-8")
        stems = [stem(name) for name in one.files.split()]
        document[one.step] = {
            "inputs": {name: f"prepare.{name}" for name in stems},
            "args": [f"{{inputs.{name}}}" for name in stems],
        }
    path = folder / "pipeline.json"
    path.write_text(json.dumps({"steps": document}), encoding="utf-8")
    return path


Found = Callable[[str], dict[str, Finding]]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """What failed the steps of a family, by the names of the steps. A family is run once."""

    @cache
    def found(family: str) -> dict[str, Finding]:
        for library in corpus(family)["needs"]:
            pytest.importorskip(library, reason=f"{library} is not installed")
        report = pipetest.run(pipeline(tmp_path_factory.mktemp(family), family))
        assert not report.steps[0].errors(), [one.message for one in report.steps[0].errors()]
        return {step.name: step.errors()[0] for step in report.steps if step.errors()}

    return found


@pytest.mark.parametrize("one", BREAKS, ids=str)
def test_the_message_leads_to_the_cause(one: Break, found: Found) -> None:
    finding = found(one.family)[one.step]
    assert finding.code == one.code, finding
    assert [word for word in one.says if word not in finding.message] == [], finding.message
    assert finding.severity is Severity.ERROR
    assert finding.hint
    assert finding.detail  # the traceback is there as well


@pytest.mark.parametrize("one", INNOCENT, ids=str)
def test_what_is_not_about_the_data_stays_as_it_is(one: Break, found: Found) -> None:
    finding = found(one.family)[one.step]
    assert finding.code in ("exception", "exit-code"), finding.message


@pytest.mark.parametrize("family", sorted({one.family for one in BREAKS}))
def test_no_value_of_the_data_is_in_what_explains(family: str, found: Found) -> None:
    for finding in found(family).values():
        if finding.code not in ("exception", "exit-code"):
            told = finding.message + finding.hint
            assert [value for value in ("n.b.", "oops", "José", "zz") if value in told] == []


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        ("amount", ["Amount"]),
        ("unit cost", ["unit_cost"]),
        ("qty", ["quantity"]),
        ("cost", ["unit_cost"]),
        ("colour", ["color"]),
        ("id", []),
        ("zzz", []),
    ],
)
def test_the_nearest_name_is_the_one_that_was_meant(asked: str, near: list[str]) -> None:
    assert nearest(asked, ["Amount", "unit_cost", "quantity", "color", "day"]) == near


def test_what_is_near_in_the_strict_sense_is_the_same_name_written_otherwise() -> None:
    assert nearest("learning_rate", ["LearningRate", "rate"], strict=True) == ["LearningRate"]
    assert nearest("rate", ["learning_rate", "ratio_of"], strict=True) == []
