"""Reading pipeline files: what a right one means, and all that is said of a wrong one."""

from __future__ import annotations

import copy
import json
import os
import string
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipetest import pipeline_file
from pipetest.pipeline import Input, Output, Pipeline, PipelineError, Step, Synthetic, Take, Value

WHOLE = """\
pipeline: churn
script_dirs: [scripts]
defaults: {timeout: 120, env: {STAGE: test, LEVEL: 1}, pass_env: [AWS_PROFILE], network: true}
steps:
  prepare:
    script_path: scripts/prepare.py
    inputs:
      raw: data/customers.csv
      extra: {path: /data/extra, container_path: /opt/ml/processing/input, optional: yes}
      sampled: {columns: {id: int}}
      alike: {like: data/s.csv, rows: 50, format: jsonl.gz, seed: 3}
      some: {path: data/some, rows: {take: 9, spread: true, stratify: y, expect: ">=9"}, schema: "m:S"}
      few: {path: data/few, rows: 5}
    outputs:
      clean:
        columns: {id: int, age: {type: float, min: 0, max: 1.5, nullable: true}}
        rows: ">0"
        files: "*.parquet"
      dirt:
    args: [--seed, 7, --version, 1.10, --in, "{inputs.raw}", --code, 007]
    python: venv/bin/python
  train:
    inputs: {data: prepare.clean, dirt: {from: prepare.dirt}}
    outputs: [model, metrics.json]
    job_args: {job_type: training, rate: 0.10, folds: 5, fast: true, seed: null}
    env: {LABEL: churned, LEVEL: 1.10}
    timeout: 7.5
    network: false
    python: python3.12
  publish:
    needs: train
    entry: [sh, -c, "ls {outputs.done}", 3]
    outputs: {done: {container_path: /opt/ml/model, rows: 5, optional: true}}
  old:
    stub: fixtures/old
    entry: main
"""


def write(folder: Path, text: str | bytes, name: str = "pipeline.yaml") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def faults_of(
    folder: Path, text: str | bytes, name: str = "pipeline.yaml"
) -> list[tuple[int | None, str, str]]:
    path = write(folder, text, name)
    with pytest.raises(PipelineError) as caught:
        pipeline_file.load(path)
    assert {fault.file for fault in caught.value.faults} == {str(path)}
    return [(fault.line, fault.message, fault.hint) for fault in caught.value.faults]


def said_of(folder: Path, text: str | bytes, name: str = "pipeline.yaml") -> list[tuple[int | None, str]]:
    return [(line, message) for line, message, _ in faults_of(folder, text, name)]


def test_a_whole_file_means_what_it_says(tmp_path: Path) -> None:
    script = tmp_path / "scripts" / "train.py"
    script.parent.mkdir()
    script.touch()
    env = {"STAGE": "test", "LEVEL": "1"}
    column = {"type": "float", "min": 0, "max": 1.5, "nullable": True}
    assert pipeline_file.load(write(tmp_path, WHOLE)) == Pipeline(
        name="churn",
        path=tmp_path / "pipeline.yaml",
        steps=(
            Step(
                name="prepare",
                script_path=tmp_path / "scripts/prepare.py",
                looked_for=(tmp_path / "scripts/prepare.py",),
                inputs=(
                    Input("raw", path=tmp_path / "data/customers.csv", line=8),
                    Input(
                        "extra",
                        path=Path("/data/extra"),
                        container_path="/opt/ml/processing/input",
                        optional=True,
                        line=9,
                    ),
                    Input("sampled", columns={"id": "int"}, synthetic=Synthetic(), line=10),
                    Input("alike", synthetic=Synthetic(50, "jsonl.gz", tmp_path / "data/s.csv", 3), line=11),
                    Input(
                        "some",
                        path=tmp_path / "data/some",
                        rows=">=9",
                        schema="m:S",
                        take=Take(9, spread=True, stratify="y"),
                        line=12,
                    ),
                    Input("few", path=tmp_path / "data/few", take=Take(5), line=13),
                ),
                outputs=(
                    Output(
                        "clean",
                        files=("*.parquet",),
                        columns={"id": "int", "age": column},
                        rows=">0",
                        line=15,
                    ),
                    Output("dirt", line=19),
                ),
                args=("--seed", "7", "--version", "1.10", "--in", "{inputs.raw}", "--code", "007"),
                env=env,
                pass_env=("AWS_PROFILE",),
                timeout=120,
                python=str(tmp_path / "venv/bin/python"),
                network=True,
                line=5,
            ),
            Step(
                name="train",
                script_path=script,
                looked_for=(script,),
                inputs=(
                    Input("data", from_step="prepare", from_output="clean", line=23),
                    Input("dirt", from_step="prepare", from_output="dirt", line=23),
                ),
                outputs=(Output("model", line=24), Output("metrics.json", line=24)),
                job_args={"job_type": "training", "rate": 0.1, "folds": 5, "fast": True, "seed": None},
                env={"STAGE": "test", "LEVEL": "1.10", "LABEL": "churned"},
                pass_env=("AWS_PROFILE",),
                timeout=7.5,
                python="python3.12",
                line=22,
            ),
            Step(
                name="publish",
                needs=("train",),
                entry=("sh", "-c", "ls {outputs.done}", "3"),
                outputs=(Output("done", container_path="/opt/ml/model", rows="5", optional=True, line=33),),
                env=env,
                pass_env=("AWS_PROFILE",),
                timeout=120,
                network=True,
                line=30,
            ),
            Step(
                name="old",
                entry="main",
                stub=tmp_path / "fixtures/old",
                env=env,
                pass_env=("AWS_PROFILE",),
                timeout=120,
                network=True,
                line=34,
            ),
        ),
    )


CLOUD = """\
steps:
  prepare:
    job: processing
    script_path: prepare.py
    code_path: /opt/ml/processing/input/code
    working_dir: /opt/ml/processing/input
    inputs: {raw: {uri: "s3://b/raw", container_path: /opt/ml/processing/input, path: raw}, more: {uri: x}}
    outputs: [clean]
  train:
    job: training
    code_uri: s3://b/code.tar.gz
    source_dir: src/train
    inputs: {train: {from: prepare.clean, below: train/x.csv}, open: {container_path: /opt/ml/input/data/q/}}
    outputs: {model: {archive: model.tar.gz}, report.json: }
    hyperparameters: {depth: 5, eta: 0.10, name: "7", none: null, nested: {a: [1, true, 2020-01-01]}}
  gate:
    values: {mse: {from: train.report.json, path: "a.b[0]"}, f: {from: train.model, file: x/y.json, path: c}}
    condition:
    - {Type: LessThanOrEqualTo, LeftValue: {value: mse}, RightValue: 6.0}
    - {Type: Or, Conditions: [{Type: Not, Condition: {Type: In, QueryValue: {value: f}, Values: [1, a]}}]}
  stop: {fail: "too bad", only_if: {gate: false}}
  register: {record: a model, only_if: gate, inputs: {m: train.model}}
  explain: {needs_container: Clarify, needs: register}
"""


def test_what_a_pipeline_of_the_cloud_needs_can_be_said(tmp_path: Path) -> None:
    for name in ("train", "gate", "stop", "register", "explain"):
        write(tmp_path, "", f"{name}.py")  # not looked for: none of these steps runs a script
    assert pipeline_file.load(write(tmp_path, CLOUD)).steps == (
        Step(
            "prepare",
            script_path=tmp_path / "prepare.py",
            looked_for=(tmp_path / "prepare.py",),
            inputs=(
                Input(
                    "raw",
                    path=tmp_path / "raw",
                    uri="s3://b/raw",
                    container_path="/opt/ml/processing/input",
                    line=7,
                ),
                Input("more", uri="x", line=7),
            ),
            outputs=(Output("clean", line=8),),
            job="processing",
            code_path="/opt/ml/processing/input/code",
            working_dir="/opt/ml/processing/input",
            line=2,
        ),
        Step(
            "train",
            inputs=(
                Input("train", "prepare", "clean", below="train/x.csv", line=13),
                Input("open", container_path="/opt/ml/input/data/q/", line=13),
            ),
            outputs=(Output("model", archive="model.tar.gz", line=14), Output("report.json", line=14)),
            job="training",
            code_uri="s3://b/code.tar.gz",
            source_dir=tmp_path / "src/train",
            hyperparameters={
                "depth": 5,
                "eta": 0.1,
                "name": "7",
                "none": None,
                "nested": {"a": [1, True, "2020-01-01"]},
            },
            line=9,
        ),
        Step(
            "gate",
            kind="condition",
            values={
                "mse": Value("train", "report.json", "", "a.b[0]"),
                "f": Value("train", "model", "x/y.json", "c"),
            },
            condition=(
                {"Type": "LessThanOrEqualTo", "LeftValue": {"value": "mse"}, "RightValue": 6.0},
                {
                    "Type": "Or",
                    "Conditions": [
                        {
                            "Type": "Not",
                            "Condition": {"Type": "In", "QueryValue": {"value": "f"}, "Values": [1, "a"]},
                        }
                    ],
                },
            ),
            line=16,
        ),
        Step("stop", kind="fail", says="too bad", only_if={"gate": False}, line=21),
        Step(
            "register",
            kind="record",
            says="a model",
            only_if={"gate": True},
            inputs=(Input("m", "train", "model", line=22),),
            line=22,
        ),
        Step("explain", kind="container", says="Clarify", needs=("register",), line=23),
    )


def test_what_is_wrong_with_a_pipeline_of_the_cloud_is_said_with_line_and_hint(tmp_path: Path) -> None:
    text = """\
steps:
  a:
    job: procesing
    code_path: /tmp/code
    working_dir: /opt/ml/../x
    inputs: {x: {path: x, below: y, container_path: /opt/ml}, y: {from: c.metrics, below: ../z}}
    outputs: {b: {container_path: /opt/mlx, archive: a/b}}
  b:
    values: {v: {from: c.metrcs, path: a}, w: {form: c.metrics}, "{": {from: c.x, path: x}}
    args: ["{values.u}"]
    hyperparameters: {n: ["{values.x} {inputs.x}"]}
  c: {outputs: [metrics]}
  d: {condition: [{Type: LessThan, LeftValue: 1}, {Type: lessThan}, {Type: In, Values: [[1]]}]}
  e: {condition: [{Type: Not, Condition: {Type: Equals, LeftValue: {value: q}, RightValue: 1}}]}
  f: {fail: "{values.q}", record: x, only_if: c}
  g: {needs_container: x, script_path: x.py, only_if: {ee: maybe}}
  h: {only_if: {ee: true}, entry: main, condition: []}
  i: {only_if: d}
"""
    assert faults_of(tmp_path, text) == [
        (
            3,
            'steps.a.job is "procesing", which is none of processing, training',
            (
                'Did you mean "processing"? "job" is processing or training: the kind of SageMaker job '
                "whose container the script sees."
            ),
        ),
        (
            4,
            'steps.a.code_path is "/tmp/code", which is not below /opt/ml',
            '"code_path" is the container\'s folder of the code, such as /opt/ml/processing/input/code.',
        ),
        (
            5,
            'steps.a.working_dir is "/opt/ml/../x", which is not below /opt/ml',
            (
                '"working_dir" is the folder of the container in which the script starts, such as '
                "/opt/ml/code."
            ),
        ),
        (
            6,
            'steps.a.inputs.x.container_path is "/opt/ml", which is not below /opt/ml',
            '"container_path" is a full path inside the container, such as /opt/ml/processing/input.',
        ),
        (
            6,
            'steps.a.inputs.y.below is "../z", which does not lead inwards',
            (
                '"below" is the file or folder below the output of "from" that is taken, such as '
                "train/data.csv."
            ),
        ),
        (
            6,
            'steps.a.inputs.x has "below" and no "from"',
            'Add from: STEP.OUTPUT, or write the whole path in "path".',
        ),
        (
            7,
            'steps.a.outputs.b.container_path is "/opt/mlx", which is not below /opt/ml',
            '"container_path" is a full path inside the container, such as /opt/ml/processing/input.',
        ),
        (
            7,
            'steps.a.outputs.b.archive is "a/b", which cannot be read',
            ('"archive" is the name of the tar.gz in which the output is handed on, such as model.tar.gz.'),
        ),
        (
            9,
            'steps.b.values.w has no key "from"',
            "A value is a mapping such as {from: STEP.OUTPUT, file: metrics.json, path: a.b[0].c}.",
        ),
        (
            9,
            'steps.b.values.w has no key "path"',
            "A value is a mapping such as {from: STEP.OUTPUT, file: metrics.json, path: a.b[0].c}.",
        ),
        (9, 'the key "form" is unknown in steps.b.values.w', 'Did you mean "from"?'),
        (
            9,
            '"{" cannot be a name in steps.b.values',
            "A value's name is not empty and has no braces and no control character.",
        ),
        (
            9,
            'steps.b.values.v: the step "c" has no output "metrcs"',
            'Did you mean "c.metrics"? Its outputs: metrics.',
        ),
        (9, 'steps.b.values."{": the step "c" has no output "x"', "Its outputs: metrics."),
        (
            13,
            'steps.d.condition[0] has no key "RightValue"',
            "Write {Type: LessThan, LeftValue: {value: NAME}, RightValue: 6.0}.",
        ),
        (
            13,
            (
                'steps.d.condition[1].Type is "lessThan", which is none of Equals, GreaterThan, '
                "GreaterThanOrEqualTo, LessThan, LessThanOrEqualTo, In, Not, Or"
            ),
            (
                'Did you mean "LessThan"? The type of a condition is that of SageMaker, such as '
                "LessThanOrEqualTo."
            ),
        ),
        (
            13,
            (
                "steps.d.condition[2].Values[0] is a list, not a mapping or text or a number or true or "
                "false or nothing"
            ),
            (
                "What is compared is a text, a number, true, false or null, or {value: NAME}, with NAME "
                "under values."
            ),
        ),
        (
            13,
            'steps.d.condition[2] has no key "QueryValue"',
            "Write {Type: In, QueryValue: {value: NAME}, Values: [1, 2]}.",
        ),
        (14, 'steps.e.condition names the value "q", which is unknown', "The values of this step: none."),
        (15, 'steps.f has both "fail" and "record"', "Keep one of them."),
        (15, 'steps.f.fail names "{values.q}", which is unknown', "The values of this step: none."),
        (
            15,
            'steps.f.only_if: the step "c" has no condition',
            "Name a step with a condition, or write needs.",
        ),
        (
            16,
            'steps.g.only_if.ee is "maybe", not true or false',
            (
                '"only_if" is the name of a step with a condition, or a mapping from such names to true '
                "or false."
            ),
        ),
        (16, 'steps.g has both "needs_container" and "script_path"', "Keep one of them."),
        (17, 'steps.h has both "condition" and "entry"', "Keep one of them."),
        (17, 'steps.h.only_if: there is no step "ee"', 'Did you mean "e"?'),
    ]


JSON = """\
\ufeff{
  "steps": {
    "prepare": {
      "inputs": {"raw": "data/raw.csv"},
      "outputs": ["clean",
                  "a \\"quote\\": [1] {"],
      "args": ["--version", 1.10, -7]
    },
    "train": {"inputs": {"data": "prepare.clean"}}
  }
}
"""
TOML = """\
[steps.prepare]
inputs = { raw = "data/raw.csv" }
args = ["--version", 1.10, -7]

[steps.prepare.outputs.clean]
[steps.prepare.outputs.'a "quote": [1] {']

[steps.train.inputs]
data = "prepare.clean"
"""


@pytest.mark.parametrize(
    ("text", "name", "lines"),
    [(JSON, "churn.json", [3, 4, 5, 6, 9, 9]), (TOML, "churn.toml", [1, 2, 5, 6, 8, 9])],
)
def test_json_and_toml_say_the_same_each_with_its_own_lines(
    tmp_path: Path, text: str, name: str, lines: list[int]
) -> None:
    places = {step: tuple(tmp_path / folder / f"{step}.py" for folder in (".", "scripts", "src"))
              for step in ("prepare", "train")}  # fmt: skip
    assert pipeline_file.load(write(tmp_path, text, name)) == Pipeline(
        "churn",
        (
            Step(
                "prepare",
                looked_for=places["prepare"],
                inputs=(Input("raw", path=tmp_path / "data/raw.csv", line=lines[1]),),
                outputs=(Output("clean", line=lines[2]), Output('a "quote": [1] {', line=lines[3])),
                args=("--version", "1.10", "-7"),
                line=lines[0],
            ),
            Step(
                "train",
                looked_for=places["train"],
                inputs=(Input("data", "prepare", "clean", line=lines[5]),),
                line=lines[4],
            ),
        ),
        tmp_path / name,
    )


def test_a_pipeline_without_a_name_has_that_of_its_file_or_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "churn"
    folder.mkdir()
    names = [
        pipeline_file.load(write(folder, "steps: {a: }", name)).name for name in ("pipeline.yml", "b.yaml")
    ]
    assert names == ["churn", "b"]


def test_keys_are_text_even_where_yaml_has_other_ideas(tmp_path: Path) -> None:
    pipeline = pipeline_file.load(
        write(tmp_path, "steps: {on: , 1: , null: , 'ä \"b': {job_args: {t: 12:30}}}")
    )
    assert [step.name for step in pipeline.steps] == ["on", "1", "null", 'ä "b']
    assert pipeline.steps[3].job_args == {"t": "12:30"}


def test_merge_keys_bring_what_the_step_does_not_say_itself(tmp_path: Path) -> None:
    text = "steps:\n  a: &a\n    timeout: 5\n    env: {A: 1}\n  b:\n    <<: [*a]\n    timeout: 6\n"
    pipeline = pipeline_file.load(write(tmp_path, text))
    assert [(step.timeout, step.env) for step in pipeline.steps] == [(5, {"A": "1"}), (6, {"A": "1"})]


def test_the_longest_step_name_before_a_dot_is_the_step_of_a_link(tmp_path: Path) -> None:
    steps = "a: {outputs: [b.c]}, a.b: {outputs: [c]}"
    text = f"steps: {{{steps}, d: {{inputs: {{x: a.b.c, y: {{from: a.b.c}}}}}}}}"
    links = [
        (i.from_step, i.from_output)
        for s in pipeline_file.load(write(tmp_path, text)).steps
        for i in s.inputs
    ]
    assert links == [("a.b", "c"), ("a.b", "c")]


def test_what_is_no_link_and_looks_like_a_path_is_a_path(tmp_path: Path) -> None:
    (tmp_path / "prepar.clean").touch()
    (tmp_path / "raw").touch()
    (tmp_path / "prepare.csv").touch()
    texts = ["prepar.clean", "raw", "prepare.csv", "./x", "a\\b", "/x", "customers.csv"]
    text = json.dumps({"steps": {"prepare": {}, "b": {"inputs": {f"i{n}": t for n, t in enumerate(texts)}}}})
    inputs = pipeline_file.load(write(tmp_path, text, "p.json")).steps[1].inputs
    assert [item.path for item in inputs] == [tmp_path / text for text in texts]


TYPES = "int, float, bool, str, date, datetime, any"
TYPES_OR = "is int, float, bool, str, date, datetime or any."
COLUMN = f"A column {TYPES_OR[:-1]}, or a mapping such as {{type: int, min: 0}}."
NAME = "A name has 1 to 100 characters, no slash and no control character, and does not begin with a dot."
WORD = 'Write "" for an empty text, or leave it out. A word of a command line is a text or a number.'


def test_all_faults_of_a_file_are_shown_at_once_with_line_and_nearest_spelling(tmp_path: Path) -> None:
    text = """\
scripts_dir: [a]
defaults: {timeout: fast}
steps:
  prepare:
    outputs: {clean: {colums: {id: int}, rows: "> many"}}
  load:
    outputs: {clean: {columns: {id: integer, b: {type: flaot}}}}
    args: [yes, null, "{inputs.raw}"]
    env: {DEBUG: true}
  train:
    inputs:
      data: load.cleen
      more: laod.clean
      both: {from: load.clean, path: x}
      none: {optional: true}
      bare: load
      gone: customers
      real: prepare.anything
    needs: [loda, prepare]
    entry: mian
    timeout: 0
    outpus: [model]
  a/b: {network: 5}
  .c: 7
"""
    assert faults_of(tmp_path, text) == [
        (1, 'the key "scripts_dir" is unknown in the file', 'Did you mean "script_dirs"?'),
        (
            2,
            'defaults.timeout is "fast", not a number',
            '"timeout" is a number of seconds, at most those of a year.',
        ),
        (
            5,
            'steps.prepare.outputs.clean.rows is "> many", which cannot be read',
            '"rows" says how many rows there must be: ">0", ">=10", "5", "<=100" or "1..10".',
        ),
        (5, 'the key "colums" is unknown in steps.prepare.outputs.clean', 'Did you mean "columns"?'),
        (
            7,
            'steps.load.outputs.clean.columns.id is "integer", which is none of ' + TYPES,
            'Did you mean "int"? ' + COLUMN,
        ),
        (
            7,
            'steps.load.outputs.clean.columns.b.type is "flaot", which is none of ' + TYPES,
            'Did you mean "float"? The type of a column ' + TYPES_OR,
        ),
        (
            8,
            "steps.load.args[0] is yes, not text or a number",
            'Put it in quotes, as the script is to read it: "yes" or "Yes".',
        ),
        (
            8,
            "steps.load.args[1] is nothing (null), not text or a number",
            WORD,
        ),
        (
            9,
            "steps.load.env.DEBUG is true, not text or a number",
            'Put it in quotes, as the script is to read it: "true" or "True".',
        ),
        (
            12,
            'steps.train.inputs.data: the step "load" has no output "cleen"',
            'Did you mean "load.clean"? Its outputs: clean.',
        ),
        (
            13,
            'steps.train.inputs.more: there is no step "laod"',
            'Did you mean "load.clean"? A path is written with a slash: ./laod.clean',
        ),
        (14, 'steps.train.inputs.both has both "from" and "path"', "Keep one of them."),
        (
            15,
            'steps.train.inputs.none has neither "from" nor "path"',
            "Add from: STEP.OUTPUT, or path: PATH.",
        ),
        (
            16,
            'steps.train.inputs.bare is "load", a step and not one of its outputs',
            "Name one of its outputs, such as load.clean",
        ),
        (
            17,
            'steps.train.inputs.gone is "customers", neither an output of a step nor a path that exists',
            "Write STEP.OUTPUT, or a path with a slash: ./customers",
        ),
        (18, 'steps.train.inputs.real: the step "prepare" has no output "anything"', "Its outputs: clean."),
        (19, 'steps.train.needs: there is no step "loda"', 'Did you mean "load"?'),
        (
            20,
            'steps.train.entry is "mian", which is none of script, main',
            'Did you mean "main"? "entry" is script, main, or a command as a list of words.',
        ),
        (
            21,
            "steps.train.timeout is 0; it must be more than 0",
            '"timeout" is a number of seconds, at most those of a year.',
        ),
        (22, 'the key "outpus" is unknown in steps.train', 'Did you mean "outputs"?'),
        (
            23,
            'steps."a/b".network is 5, not true or false',
            '"network" is true or false: may the step use the network?',
        ),
        (
            23,
            '"a/b" cannot be a name in steps',
            NAME,
        ),
        (
            24,
            'steps.".c" is 7, not a mapping or nothing',
            "A step is a mapping, or nothing where its name says it all.",
        ),
        (
            24,
            '".c" cannot be a name in steps',
            NAME,
        ),
    ]


def test_a_cycle_is_printed_whole_from_its_first_step_on_the_line_that_closes_it(tmp_path: Path) -> None:
    text = """\
steps:
  a:
    inputs: {x: c.o}
  b:
    needs: [a]
  c:
    needs: [b]
    outputs: [o]
  d:
    needs: d
"""
    assert said_of(tmp_path, text) == [
        (3, "the steps go in a circle: a -> b -> c -> a"),
        (10, "the steps go in a circle: d -> d"),
    ]


def test_a_chain_of_five_thousand_steps_is_read_in_any_order(tmp_path: Path) -> None:
    steps = {f"s{n}": {"needs": [f"s{n + 1}"]} for n in range(5000)} | {"s5000": {}}
    assert len(pipeline_file.load(write(tmp_path, json.dumps({"steps": steps}), "p.json")).steps) == 5001


def test_a_placeholder_of_an_unknown_name_is_a_fault_and_other_braces_are_left_alone(tmp_path: Path) -> None:
    text = """\
defaults: {env: {D: "{outputs.modle}"}}
steps:
  a:
    inputs: {raw: ./x}
    outputs: [model]
    args: ["{inputs.rwa}/{inputs.raw}", "{other.x} {inputs.} {} {{"]
    entry: [sh, "{outputs.model}{outputs.q}"]
  b:
    values: {mse: {from: a.model, file: x.json, path: mse}}
    args: ["{values.mse}{values.mae}"]
    hyperparameters: {k: [{j: "{values.x} {inputs.x}"}], "{values.y}": 1}
"""
    assert faults_of(tmp_path, text) == [
        (
            1,
            'steps.a.env names "{outputs.modle}", which is unknown',
            'Did you mean "{outputs.model}"? The outputs of this step: model.',
        ),
        (1, 'steps.b.env names "{outputs.modle}", which is unknown', "The outputs of this step: none."),
        (
            6,
            'steps.a.args names "{inputs.rwa}", which is unknown',
            'Did you mean "{inputs.raw}"? The inputs of this step: raw.',
        ),
        (7, 'steps.a.entry names "{outputs.q}", which is unknown', "The outputs of this step: model."),
        (
            10,
            'steps.b.args names "{values.mae}", which is unknown',
            'Did you mean "{values.mse}"? The values of this step: mse.',
        ),
        (
            11,
            'steps.b.hyperparameters names "{values.x}", which is unknown',
            "The values of this step: mse.",
        ),
    ]


def test_a_fault_in_the_outputs_of_a_step_makes_no_faults_of_the_links_to_it(tmp_path: Path) -> None:
    text = "steps:\n  a: {output: [x]}\n  b: 5\n  c: {inputs: {x: a.x, y: b.y}, args: ['{inputs.x}']}\n"
    assert said_of(tmp_path, text) == [
        (2, 'the key "output" is unknown in steps.a'),
        (3, "steps.b is 5, not a mapping or nothing"),
    ]


LARGE = "the file has 10,000,001 bytes; a pipeline file has at most 10,000,000"
DEEP = "the values are nested more than 50 deep"


@pytest.mark.parametrize(
    ("name", "text", "line", "message"),
    [
        ("a.yaml", b"steps:\n  a: \xff", 2, "the file is not UTF-8 text: byte 0xff"),
        ("a.yaml", b"steps: {a: }\n# \0", 2, "this is not YAML: a control character"),
        ("a.yaml", 'steps: {a: {args: ["\\0"]}}', 1, 'the text "\\u0000" holds a NUL character'),
        ("a.yaml", "", None, "the file is empty"),
        ("a.json", "\ufeff \n", None, "the file is empty"),
        ("a.yaml", "# nothing", 1, "the file is nothing (null), not a mapping"),
        ("a.toml", "# nothing", 1, 'the file has no key "steps"'),
        ("a.yaml", "- a", 1, "the file is a list, not a mapping"),
        ("a.json", "[]", 1, "the file is a list, not a mapping"),
        ("a.yaml", "steps: {}", 1, "steps is empty"),
        ("a.yaml", b" " * 10_000_001, None, LARGE),
        ("a.yaml", "[" * 100_000, 1, DEEP),
        ("a.yaml", "- " * 100_000, 1, DEEP),
        ("a.json", "[" * 100_000, None, DEEP),
        ("a.json", "[" * 60 + "]" * 60, 1, DEEP),
        ("a.toml", "a = " + "[" * 100_000, None, DEEP),
        ("a.yaml", "steps:\n\ta:\n", 2, "this is not YAML: a tab where none may be"),
        ("a.yaml", "steps: {a: }\n---\nsteps: {b: }", 2, "a second document begins here"),
        ("a.yaml", "steps:\n  a:\n  b:\n  a:\n", 4, 'the key "a" is there twice, on lines 2 and 4'),
        ("a.json", '{"steps": {\n"a": {},\n"a": {}}}', 3, 'the key "a" is there twice, on lines 2 and 3'),
        ("a.toml", "[steps.a]\n[steps.b]\n[steps.a]", 3, 'the key "a" is there twice, on lines 1 and 3'),
        ("a.yaml", "steps: {a: {timeout: .nan}}", 1, ".nan is not a finite number"),
        ("a.json", '{"steps": {"a": {"timeout": NaN}}}', 1, "NaN is not a finite number"),
        ("a.toml", "[steps.a]\ntimeout = inf", 2, "inf is not a finite number"),
        ("a.json", '{"steps": {"\\ud800": {}}}', 1,
         'the text "\\ud800" holds half a character (a surrogate)'),
        ("a.yaml", "steps: {a: !!python/object:o {}}", 1, 'the tag "!!python/object:o" means nothing here'),
        ("a.yaml", "steps: {a: {args: [!!int x]}}", 1, '"x" cannot be read as int'),
        ("a.yaml", "steps: {a: {timeout: 0x%s}}" % ("9" * 999), 1,
         f"the number 0x{'9' * 55}... is too large"),
        ("a.json", '{"steps": {"a": {"timeout": %s}}}' % ("9" * 5000), 1,
         f"the number {'9' * 57}... has too many digits"),
        ("a.toml", "[steps.a]\ntimeout = 1979-05-27", 2, 'steps.a.timeout is "1979-05-27", not a number'),
        ("a.toml", "a = = 1", 1, "this is not TOML: invalid value"),
        ("a.yaml", "steps: {a: *b}", 1, 'the alias "*b" stands for nothing that is complete above it'),
        ("a.yaml", "steps: {a: {<<: 5}}", 1, '"<<" takes mappings'),
        ("a.yaml", "steps:\n  a:\n  ? [b]\n  : 1\n", 3, "a key here is a list or a mapping"),
        ("a.yaml", "steps: {'': }", 1, '"" cannot be a name in steps'),
        ("a.yaml", 'steps: {"a\\tb": }', 1, '"a\\tb" cannot be a name in steps'),
        ("a.txt", "steps: {a: }", None, 'the name "a.txt" does not say whether this is YAML, TOML or JSON'),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_why_and_where(
    tmp_path: Path, name: str, text: str | bytes, line: int | None, message: str
) -> None:
    assert said_of(tmp_path, text, name) == [(line, message)]


def test_an_alias_bomb_is_refused_before_it_goes_off(tmp_path: Path) -> None:
    rows = [f"b{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)]
    said = said_of(tmp_path, "\n".join(["b0: &a0 [x]", *rows]))
    assert said == [(7, "the file holds more than 1,000,000 values, its aliases written out")]


@pytest.mark.parametrize("text", ["&a [*a]", "&a {b: *a}", "steps: &a\n  <<: *a\n", "&a {? *a : 1}"])
def test_an_alias_inside_itself_is_a_fault(tmp_path: Path, text: str) -> None:
    said = [message for _, message in said_of(tmp_path, text)]
    assert 'the alias "*a" stands for nothing that is complete above it' in said


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a named pipe")
def test_what_is_no_file_is_a_fault_too(tmp_path: Path) -> None:
    churn = write(tmp_path, "steps: {a: }", "churn.yaml")
    os.mkfifo(tmp_path / "pipe.yaml")
    said = []
    for path in (tmp_path, tmp_path / "chrun.yaml", tmp_path / "pipe.yaml", churn / "x", tmp_path / "a\0b"):
        with pytest.raises(PipelineError) as caught:
            pipeline_file.load(path)
        said += [(fault.message.replace(str(tmp_path), ""), fault.hint) for fault in caught.value.faults]
    check = "Check the path and its permissions."
    assert said == [
        ('"" is a folder', "Name the pipeline file inside it."),
        ('there is no file "/chrun.yaml"', 'Did you mean "churn.yaml"?'),
        ('"/pipe.yaml" is not an ordinary file', "Name a file of YAML, TOML or JSON."),
        ('"/churn.yaml/x" cannot be read: Not a directory', check),
        ('"/a\0b" cannot be read: embedded null byte', check),
    ]


def test_the_default_file_is_the_first_of_four_names(tmp_path: Path) -> None:
    assert pipeline_file.find_default(tmp_path) is None
    for name in reversed(pipeline_file.DEFAULT_NAMES):
        write(tmp_path, "", name)
        assert pipeline_file.find_default(tmp_path) == tmp_path / name


def test_missing_inputs_and_stubs_of_the_selected_steps_are_found(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    write(tmp_path, "", "data/raw.csv")
    text = """\
steps:
  a:
    inputs:
      here: data/raw.csv
      raw: data/rwa.csv
      maybe: {path: data/no, optional: true}
      none: {columns: {a: int}}
  b: {stub: ./nowhere, inputs: {gone: ./gone}}
  c: {inputs: {gone: ./gone}}
  d: {inputs: {open: {container_path: /opt/ml/x}, far: {uri: s3}, maybe: {uri: s3, optional: true}}}
  e: {record: a model, inputs: {gone: ./gone}}
"""
    path = write(tmp_path, text)
    faults = pipeline_file.missing_paths(pipeline_file.load(path), {"a", "b", "d", "e"})
    assert [(fault.file, fault.line, fault.message, fault.hint) for fault in faults] == [
        (
            str(path),
            5,
            f'the input a.raw is not there: "{tmp_path}/data/rwa.csv"',
            'Did you mean "raw.csv", in the same folder? Or lend it one: --data a.raw=PATH',
        ),
        (
            str(path),
            8,
            f'the stub of b is not there: "{tmp_path}/nowhere"',
            "Put it there, or mend the path.",
        ),
        (str(path), 10, "the input d.open is left open", "Lend it one: --data d.open=PATH"),
    ]


# ---- whatever the file holds, there is a Pipeline or a PipelineError

STEPS = {
    "prepare": {
        "inputs": {
            "raw": "x.csv",
            "more": {"path": "a/b", "columns": {"id": {"type": "int", "choices": [1]}}},
        },
        "outputs": {"clean": {"columns": {"id": "int"}, "rows": ">0", "files": ["*"]}, "b.c": None},
        "args": ["--in", "{inputs.raw}", 1.5],
        "env": {"A": "b"},
        "job_args": {"k": 1},
    },
    "train": {"inputs": {"data": "prepare.clean"}, "needs": ["prepare"], "entry": ["sh", 1], "timeout": 3},
    "last": {"inputs": {"d": {"from": "prepare.b.c"}}, "needs": "train", "stub": "x", "outputs": ["a", "b"]},
}
WORDS = ["", "a.b", "prepare.clean", "train", "\0", "\ud800", "x" * 5000, "{inputs.q}"]
ODD: st.SearchStrategy[object] = st.sampled_from(
    [None, True, 0, -1, 1e308, 1.10, [], {}, [None], {"": {}}, *WORDS]
)
ANY_BYTES = st.tuples(st.sampled_from(["p.yaml", "p.json", "p.toml"]), st.binary(max_size=200))


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, bytes]:
    """A right file in one of the formats, with some of its characters or lines changed."""
    name, text = draw(
        st.sampled_from([("p.yaml", WHOLE), ("p.yaml", CLOUD), ("p.json", JSON), ("p.toml", TOML)])
    )
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        if draw(st.booleans()):
            end = at + draw(st.integers(0, 12))
            text = text[:at] + draw(st.text(string.printable + "\0é\u2028", max_size=4)) + text[end:]
        elif lines := text.splitlines(keepends=True):
            del lines[at % len(lines)]
            text = "".join(lines)
    return name, text.encode()


@st.composite
def swapped(draw: st.DrawFn) -> tuple[str, bytes]:
    """A right tree with some of its keys and values changed, as JSON, which is YAML too."""
    tree = json.loads(json.dumps({"steps": STEPS}))
    for _ in range(draw(st.integers(1, 3))):
        node = tree
        while isinstance(node, dict) and node:
            key = draw(st.sampled_from(sorted(node)))
            below = node[key]
            if not isinstance(below, dict) or not below or draw(st.integers(0, 4)) == 0:
                del node[key]
                new = draw(st.sampled_from([key, key[:-1], key + "s", "steps", "a/b", "$x"]))
                node[new] = draw(st.one_of(st.just(below), ODD.map(copy.deepcopy)))
                break
            node = below
    return draw(st.sampled_from(["p.yaml", "p.json"])), json.dumps(tree).encode()


@settings(deadline=None, max_examples=600, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(mutated(), swapped(), ANY_BYTES))
def test_any_file_is_a_pipeline_or_a_pipeline_error(tmp_path: Path, file: tuple[str, bytes]) -> None:
    try:
        pipeline = pipeline_file.load(write(tmp_path, file[1], file[0]))
    except PipelineError as error:
        assert error.faults
        assert all(fault.message and fault.hint for fault in error.faults)
    else:
        assert pipeline.steps
        pipeline_file.missing_paths(pipeline, {step.name for step in pipeline.steps})
