"""What is local of a pipeline: options, the mapping file, and what they change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipetest import importers, local_files, session
from pipetest.cli import main
from pipetest.pipeline import Input, Local, Pipeline, PipelineError, Step

OWN = """\
steps:
  make:
    inputs: {raw: {uri: "s3://b/raw/"}, more: {uri: "s3://b/raw"}}
    outputs: [clean]
    env: {A: 1, B: 2}
  a.b:
    inputs: {x: make.clean}
"""
WHOLE = """\
params: {Rate: 0.10, Kind: big, Fast: true}
code: {"s3://b/code/prep.py": prep.py}
data:
  s3://b/raw: raw
  make.raw: raw/../raw
stubs: {train: raw}
links: {train.data: make.clean}
env: {make: {A: 1.10}}
script_dirs: raw
interfaces: [raw, /]
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "raw").mkdir()
    (tmp_path / "prep.py").touch()
    (tmp_path / "own.yaml").write_text(OWN)
    (tmp_path / "definition.json").write_text('{"Steps": []}')
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def imported(monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict[str, Any], Path, Local]]:
    """What the importer of definitions was called with; it makes a pipeline of one step."""
    calls = []

    def read(document: dict[str, Any], path: Path, local: Local) -> Pipeline:
        calls.append((document, path, local))
        return Pipeline("cloud", (Step("make", kind="fail", inputs=(Input("raw", uri="s3://b/raw"),)),), path)

    recognizes: Callable[[Any], bool] = lambda document: isinstance(document.get("Steps"), list)  # noqa: E731
    monkeypatch.setattr(importers, "FORMATS", {"x": (recognizes, read)})
    return calls


def said(call: Callable[[], object]) -> list[tuple[str | None, int | None, str, str]]:
    with pytest.raises(PipelineError) as caught:
        call()
    return [(fault.file, fault.line, fault.message, fault.hint) for fault in caught.value.faults]


# ---- the mapping file


@pytest.mark.parametrize("suffix", [".yaml", ".json", ".toml"])
def test_a_mapping_file_says_what_is_here_relative_to_itself(here: Path, suffix: str) -> None:
    text = {
        ".yaml": WHOLE,
        ".json": """{"params": {"Rate": 0.10, "Kind": "big", "Fast": true},
            "code": {"s3://b/code/prep.py": "prep.py"},
            "data": {"s3://b/raw": "raw", "make.raw": "./raw"}, "stubs": {"train": "raw"},
            "links": {"train.data": "make.clean"},
            "env": {"make": {"A": 1.10}}, "script_dirs": "raw",
            "interfaces": ["raw", "/"]}""",
        ".toml": """params = {Rate = 0.10, Kind = "big", Fast = true}
            script_dirs = "raw"
            interfaces = ["raw", "/"]
            [code]
            "s3://b/code/prep.py" = "prep.py"
            [data]
            "s3://b/raw" = "raw"
            "make.raw" = "./raw"
            [stubs]
            train = "raw"
            [links]
            "train.data" = "make.clean"
            [env.make]
            A = 1.10""",
    }[suffix]
    path = here / f"some{suffix}"
    path.write_text(text)
    assert local_files.read(Path(path.name)) == Local(
        params={"Rate": "0.10", "Kind": "big", "Fast": "true"},
        code={"s3://b/code/prep.py": here / "prep.py"},
        data={"s3://b/raw": here / "raw", "make.raw": here / "raw"},
        stubs={"train": here / "raw"},
        links={"train.data": "make.clean"},
        env={"make": {"A": "1.10"}},
        script_dirs=(here / "raw",),
        interfaces=(here / "raw", Path("/")),
    )


def test_all_faults_of_a_mapping_file_are_shown_with_line_and_nearest_spelling(here: Path) -> None:
    text = """\
param: {A: 1}
params: [A]
code: {"s3://b/prep.py": pre.py}
data: {raw: raw}
stubs: {train: 5}
links: {train.data: make}
env: {make: {A: yes}}
interfaces: [gone]
"""
    Path("x.yaml").write_text(text)
    assert said(lambda: local_files.read(Path("x.yaml"))) == [
        ("x.yaml", 1, 'the key "param" is unknown in the file', 'Did you mean "params"?'),
        (
            "x.yaml",
            2,
            "params is a list, not a mapping",
            '"params" is a mapping from the names of pipeline parameters to texts, numbers, true or false.',
        ),
        (
            "x.yaml",
            3,
            f'code: s3://b/prep.py is not there: "{here}/pre.py"',
            'Did you mean "prep.py", in the same folder?',
        ),
        (
            "x.yaml",
            4,
            '"raw" cannot be a name in data',
            "Data is named by its place, s3://..., or by who reads it, STEP.INPUT.",
        ),
        ("x.yaml", 5, "stubs.train is 5, not text", 'Put it in quotes: "5".'),
        (
            "x.yaml",
            6,
            'links."train.data" is "make", which cannot be read',
            "A link is written CONSUMER.INPUT: PRODUCER.OUTPUT.",
        ),
        (
            "x.yaml",
            7,
            "env.make.A is yes, not text or a number",
            'Put it in quotes, as the script is to read it: "yes" or "Yes".',
        ),
        (
            "x.yaml",
            8,
            f'interfaces is not there: "{here}/gone"',
            "Put it there, or mend the path.",
        ),
    ]


def test_an_empty_mapping_file_says_what_may_be_in_it(here: Path) -> None:
    Path("x.yaml").touch()
    assert said(lambda: local_files.read(Path("x.yaml"))) == [
        ("x.yaml", None, "the file is empty", "Write at least: params: {NAME: VALUE}")
    ]


# ---- with a definition


def test_a_definition_is_read_with_the_file_beside_it_over_which_options_win(
    here: Path, imported: list[tuple[dict[str, Any], Path, Local]], capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "prep.py").touch()
    (here / "definition.local.yaml").write_text(
        "params: {A: 1, B: 2}\nenv: {make: {X: 1, Y: 1}}\nscript_dirs: [raw]"
    )
    words = ["--param", "B=3=4", "--env", "make.Y=2", "--script-dir", ".", "--code", "s3://b/year=1=prep.py"]
    assert main(["show", "definition.json", *words, "--data", "s3://b/raw=raw"]) == 0
    assert imported == [
        (
            {"Steps": []},
            here / "definition.json",
            Local(
                params={"A": "1", "B": "3=4"},
                code={"s3://b/year=1": here / "prep.py"},
                data={"s3://b/raw": here / "raw"},
                env={"make": {"X": "1", "Y": "2"}},
                script_dirs=(here, here / "raw"),
            ),
        )
    ]
    assert capsys.readouterr().out.startswith("cloud: 1 step in 1 stage")


def test_a_mapping_file_that_is_named_stands_in_for_the_one_beside(
    here: Path, imported: list[tuple[dict[str, Any], Path, Local]]
) -> None:
    (here / "definition.local.yaml").write_text("params: {A: 1}")
    (here / "other.toml").write_text("params = {A = 2}")
    session.load("definition.json", local_file="other.toml")
    session.load("definition.json")
    session.check(["definition.json"], local=Local(params={"A": "3"}))
    assert [local.params for _, _, local in imported] == [{"A": "2"}, {"A": "1"}, {"A": "3"}]


def test_a_step_that_the_definition_has_not_is_a_fault_of_who_named_it(
    here: Path, imported: list[tuple[dict[str, Any], Path, Local]]
) -> None:
    (here / "definition.local.yaml").write_text("stubs: {mkae: raw}\ndata: {s3://b/x: raw}")
    local = Local(env={"maek": {}}, data={"other.x": here})
    near = "Did you mean `make`?"
    assert said(lambda: session.load("definition.json", local)) == [
        ("definition.local.yaml", None, "stubs names `mkae`, which cloud does not have.", near),
        (None, None, "--env names `maek`, which cloud does not have.", near),
        (None, None, "--data names `other`, which cloud does not have.", "There are: make."),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"Steps": [', "this is not JSON: expecting value, at column 12"),
        ('{"Steps": 5}', 'the key "Steps" is unknown in the file'),
        ('{"steps": {"dag": {"timeout": "Steps"}}}', 'steps.dag.timeout is "Steps", not a number'),
        ('["Steps"]', "the file is a list, not a mapping"),
        ("[" * 100_000 + '"Steps"', "the values are nested more than 50 deep"),
        ('{"Steps": [], "Steps": "\xff"}', "the file is not UTF-8 text: byte 0xff"),
    ],
)
def test_what_is_no_definition_has_the_faults_of_a_pipeline_file(here: Path, text: str, message: str) -> None:
    (here / "x.json").write_bytes(text.encode("latin-1"))
    assert said(lambda: session.load("x.json"))[0][2] == message


def test_a_definition_is_checked_beside_scripts(
    here: Path, imported: list[tuple[dict[str, Any], Path, Local]]
) -> None:
    (here / "prep.py").write_text("x = 1\nif __name__ == '__main__':\n    print(x)\n")
    report = session.check(["prep.py", "definition.json"])
    assert [step.name for step in report.steps] == ["prep.py", "make"]


# ---- with a file of our own


def test_stubs_variables_and_data_are_put_into_a_pipeline_of_our_own(here: Path) -> None:
    local = Local(
        data={"a.b.x": here / "prep.py", "s3://b/raw": here / "raw"},
        stubs={"make": here / "raw"},
        env={"make": {"B": "3"}},
    )
    before = session.load("own.yaml")
    make, reader = before.steps
    assert session.load("own.yaml", local).steps == (
        replace(
            make,
            stub=here / "raw",
            env={"A": "1", "B": "3"},
            inputs=tuple(replace(one, path=here / "raw") for one in make.inputs),
        ),
        replace(
            reader,
            inputs=(replace(reader.inputs[0], path=here / "prep.py", from_step=None, from_output=None),),
        ),
    )


def test_what_a_file_of_our_own_does_not_take_or_have_is_a_fault(here: Path) -> None:
    local = Local(
        params={"A": "1"},
        code={"s3://b": here},
        links={"a.b": "c.d"},
        script_dirs=(here,),
        interfaces=(here,),
        stubs={"maek": here},
        data={"make.rwa": here, "s3://b/raww": here, "no": here},
    )
    of_the_cloud = "is for definitions written for the cloud, and own.yaml is a file of our own."
    expected = [
        (f"--param {of_the_cloud}", "Write the value where it is used."),
        (f"--code {of_the_cloud}", "Write script_path in the file."),
        (f"--link {of_the_cloud}", "Write the link in the file, under inputs: {NAME: STEP.OUTPUT}."),
        (f"--script-dir {of_the_cloud}", "Write script_dirs in the file."),
        (f"--interfaces {of_the_cloud}", "Leave it out: the file itself names inputs and outputs."),
        ("--stub names `maek`, which own does not have.", "Did you mean `make`?"),
        ("--data names `no`, which own does not have.", "There are: make, a.b."),
        ("--data names `rwa`, which make does not have.", "Did you mean `raw`?"),
        ("--data names `s3://b/raww`, which own does not have.", "Did you mean `s3://b/raw`?"),
    ]
    assert said(lambda: session.load("own.yaml", local)) == [(None, None, *pair) for pair in expected]
    (here / "x.yaml").write_text("params: {A: 1}")
    assert said(lambda: session.load("own.yaml", local_file="x.yaml"))[0][0] == "x.yaml"


def test_options_without_a_pipeline_are_a_fault(here: Path) -> None:
    assert said(lambda: session.check(["prep.py"], local=Local(params={"A": "1"})))[0][2] == (
        "The options say what is local of a pipeline, and no pipeline is named."
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--param", "A"], "'A' is not of the form NAME=VALUE"),
        (["--code", "s3://b/x="], "'s3://b/x=' is not of the form s3://...=PATH"),
        (["--code", "s3://b/x=gone.py"], "--code s3://b/x: there is no gone.py."),
        (["--data", "s3://b/x=gone"], "--data s3://b/x: there is no gone."),
        (["--data", "make=raw"], "'make=raw' is not of the form STEP.INPUT=PATH"),
        (["--stub", "make"], "'make' is not of the form STEP=PATH"),
        (["--stub", "make=gone"], "--stub make: there is no gone."),
        (["--link", "a.b=c"], "'a.b=c' is not of the form CONSUMER.INPUT=PRODUCER.OUTPUT"),
        (["--env", "A=1"], "'A=1' is not of the form STEP.NAME=VALUE"),
        (["--script-dir", "gone"], "--script-dir: there is no gone."),
        (["--interfaces", "gone"], "--interfaces: there is no gone."),
        (["--local", "gone.yaml"], 'there is no file "gone.yaml"'),
    ],
)
@pytest.mark.parametrize("command", ["show", "check", "run"])
def test_a_wrong_option_says_what_is_wrong(
    here: Path, capsys: pytest.CaptureFixture[str], command: str, words: list[str], message: str
) -> None:
    try:
        code = main([command, "own.yaml", *words])
    except SystemExit as error:
        code = int(str(error.code))
    assert (code, message in capsys.readouterr().err) == (2, True)


def test_a_run_takes_data_by_its_place_too(here: Path) -> None:
    (here / "x.py").write_text("import sys\nprint(open(sys.argv[1]).read())\n")
    (here / "x.json").write_text(
        '{"steps": {"x": {"inputs": {"a": {"uri": "s3://b/prep.py"}}, "args": ["{inputs.a}"]}}}'
    )
    data = {"s3://b/prep.py": "prep.py"}
    assert session.run("x.json", data=data).ok
    assert session.run(session.load("x.json"), data=data).ok
