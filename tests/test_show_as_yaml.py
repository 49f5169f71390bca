"""A pipeline written as our own file, and read again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipetest import pipeline_file, session
from pipetest.cli import main
from pipetest.pipeline import PLACEHOLDER, Input, Local, Output, Pipeline, Step, Synthetic, Take, Value
from pipetest.pipeline_writer import to_yaml

HOME = Path("/home/of the file")


def bare(pipeline: Pipeline) -> Pipeline:
    """The pipeline without what no file says."""

    def bare_step(step: Step) -> Step:
        return replace(
            step,
            inputs=tuple(replace(one, line=None) for one in step.inputs),
            outputs=tuple(replace(one, line=None) for one in step.outputs),
            line=None,
            looked_for=(),
            findings=(),
        )

    return replace(pipeline, path=None, findings=(), steps=tuple(map(bare_step, pipeline.steps)))


def read_again(pipeline: Pipeline, folder: Path) -> Pipeline:
    path = folder / "written.yaml"
    path.write_text(to_yaml(pipeline, folder), encoding="utf-8")
    return pipeline_file.load(path)


# ---- any pipeline

CHARACTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\\")
LETTERS = st.one_of(CHARACTERS, st.sampled_from("'\":#{}[]&*!|>%@`,?- \u00e4\u2028\ufeff1"))
NAMES = st.one_of(
    st.text(LETTERS, min_size=1, max_size=8).filter(lambda name: not name.startswith(".")),
    st.sampled_from(["on", "null", "1", "1.5", "12:30", "<<", "=", "~", "- a", "a: b", "x" * 100, "0x1f"]),
)
STEP_NAMES = NAMES.filter(lambda name: "." not in name)  # else a link may be read in two ways
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
    st.sampled_from(
        ["1", "1.10", "yes", "null", "", " ", "a\nb\n", "{inputs.", "007", "x" * 300, "\r\n", "\x85"]
    ),
).filter(lambda text: not PLACEHOLDER.search(text))  # which would have to name something
FILLED = TEXTS.filter(bool)
PARTS = st.text(LETTERS, min_size=1, max_size=8).filter(lambda part: part not in (".", ".."))
BELOW = st.lists(PARTS, min_size=1, max_size=3).map("/".join)
PATHS = st.one_of(BELOW.map(lambda path: HOME / path), BELOW.map(lambda path: Path("/elsewhere") / path))
IN_CONTAINER = st.one_of(st.none(), BELOW.map(lambda path: f"/opt/ml/{path}"))
NUMBERS = st.one_of(st.integers(-(10**30), 10**30), st.floats(allow_nan=False, allow_infinity=False))
SCALARS = st.one_of(TEXTS, NUMBERS, st.booleans(), st.none())
ANY = st.recursive(
    SCALARS, lambda below: st.one_of(st.lists(below, max_size=3), st.dictionaries(TEXTS, below, max_size=3))
)
COLUMNS = st.one_of(
    st.none(),
    st.dictionaries(TEXTS, st.sampled_from(["int", "any", {"type": "float", "min": 0, "choices": [1, "1"]}])),
)
ENV = st.dictionaries(FILLED.filter(lambda name: "=" not in name), TEXTS, max_size=3)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


OUTPUTS = st.lists(
    st.builds(
        Output,
        NAMES,
        container_path=IN_CONTAINER,
        archive=maybe(PARTS.filter(lambda name: not name.startswith("."))),
        files=st.lists(FILLED, max_size=2).map(tuple),
        columns=COLUMNS,
        rows=maybe(st.sampled_from([">0", "5", "1..10"])),
        schema=maybe(st.just("m:S")),
        optional=st.booleans(),
    ),
    max_size=3,
    unique_by=lambda output: output.name,
).map(tuple)


TAKEN = st.builds(Take, st.integers(1, 9), st.booleans(), maybe(FILLED))
MADE = st.builds(
    Synthetic, st.integers(1, 9), st.sampled_from(["csv", "jsonl.gz"]), maybe(PATHS), st.integers()
)


@st.composite
def inputs(draw: st.DrawFn, done: list[Step]) -> Input:
    links = [(step.name, output.name) for step in done for output in step.outputs]
    kind = draw(st.sampled_from(["path", "uri", "columns", "open", *(["link"] * 3 if links else [])]))
    one = Input(
        draw(NAMES),
        uri=draw(FILLED) if kind == "uri" else None,
        container_path=draw(IN_CONTAINER) or ("/opt/ml/x" if kind == "open" else None),
        columns=draw(COLUMNS) or ({} if kind == "columns" else None),
        rows=draw(maybe(st.sampled_from([">0", "1..10"]))),
        files=tuple(draw(st.lists(FILLED, max_size=2))),
        schema=draw(maybe(st.just("m:S"))),
        take=draw(maybe(TAKEN)) if kind in ("path", "link") else None,
        optional=draw(st.booleans()),
    )
    if one.columns is not None and kind not in ("path", "link"):
        one = replace(one, synthetic=draw(MADE))
    if kind == "path":
        return replace(one, path=draw(PATHS), uri=draw(maybe(FILLED)))
    if kind != "link":
        return one
    step, output = draw(st.sampled_from(links))
    return replace(one, from_step=step, from_output=output, below=draw(maybe(BELOW)))


OPERANDS = st.one_of(SCALARS, st.just({"value": "v"}), st.just({"text": ["a", {"value": "v"}]}))
CONDITIONS = st.recursive(
    st.builds(
        lambda left, right: {"Type": "LessThanOrEqualTo", "LeftValue": left, "RightValue": right},
        OPERANDS,
        OPERANDS,
    ),
    lambda below: st.one_of(
        below.map(lambda one: {"Type": "Not", "Condition": one}),
        st.lists(below, max_size=2).map(lambda some: {"Type": "Or", "Conditions": some}),
    ),
    max_leaves=3,
)


@st.composite
def kinds(draw: st.DrawFn, values: dict[str, Value]) -> dict[str, Any]:
    kind = draw(st.sampled_from(["script"] * 4 + ["condition"] * 2 + ["fail", "record", "container"]))
    if kind == "condition":
        condition = tuple(draw(st.lists(CONDITIONS, max_size=2))) if "v" in values else ()
        return {"kind": kind, "condition": condition}
    if kind != "script":
        return {"kind": kind, "says": draw(TEXTS)}
    entry = draw(
        maybe(st.one_of(st.sampled_from(["script", "main"]), st.lists(FILLED, min_size=1).map(tuple)))
    )
    return {"entry": entry, "script_path": draw(maybe(PATHS)), "code_uri": draw(maybe(FILLED))}


@st.composite
def steps(draw: st.DrawFn, name: str, done: list[Step]) -> Step:
    places = [(step.name, output.name) for step in done for output in step.outputs]
    place = draw(st.sampled_from(places)) if places else None
    values = {"v": Value(*place, draw(st.one_of(st.just(""), BELOW)), draw(TEXTS))} if place else {}
    conditions = [step.name for step in done if step.kind == "condition"]
    outcomes = st.dictionaries(st.sampled_from(conditions), st.booleans()) if conditions else st.just({})
    return Step(
        name,
        inputs=tuple(draw(st.lists(inputs(done), max_size=3, unique_by=lambda one: one.name))),
        outputs=draw(OUTPUTS),
        needs=tuple(
            draw(st.lists(st.sampled_from(done), max_size=2).map(lambda some: [s.name for s in some]))
        )
        if done
        else (),
        args=tuple(draw(st.lists(TEXTS, max_size=3))),
        job_args=draw(st.dictionaries(TEXTS, SCALARS, max_size=2)),
        env=draw(ENV),
        pass_env=tuple(draw(ENV)),
        stub=draw(maybe(PATHS)),
        timeout=draw(maybe(st.floats(0.001, 1000))),
        python=draw(maybe(st.one_of(PATHS.map(str), st.just("python3.12")))),
        network=draw(st.booleans()),
        job=draw(st.sampled_from([None, "processing", "training"])),
        source_dir=draw(maybe(PATHS)),
        code_path=draw(IN_CONTAINER),
        working_dir=draw(IN_CONTAINER),
        hyperparameters=draw(st.dictionaries(TEXTS, ANY, max_size=2)),
        only_if=draw(outcomes),
        values=values,
        **draw(kinds(values)),
    )


@st.composite
def pipelines(draw: st.DrawFn) -> Pipeline:
    done: list[Step] = []
    for name in draw(st.lists(STEP_NAMES, min_size=1, max_size=4, unique=True)):
        done.append(draw(steps(name, done)))
    return Pipeline(draw(FILLED), tuple(done))


@settings(deadline=None, max_examples=200, suppress_health_check=list(HealthCheck))
@given(pipelines())
def test_what_is_written_is_read_again_as_it_was(tmp_path: Path, pipeline: Pipeline) -> None:
    at = {HOME: tmp_path}

    def moved(path: Path | None) -> Path | None:
        return at[HOME] / path.relative_to(HOME) if path is not None and path.is_relative_to(HOME) else path

    here = replace(
        pipeline,
        steps=tuple(
            replace(
                step,
                inputs=tuple(replace(one, path=moved(one.path)) for one in step.inputs),
                script_path=moved(step.script_path),
                source_dir=moved(step.source_dir),
                stub=moved(step.stub),
            )
            for step in pipeline.steps
        ),
    )
    again = read_again(here, tmp_path)
    assert bare(again) == here
    assert again.path == tmp_path / "written.yaml"


# ---- the command


CLOUD = """\
steps:
  prepare:
    code_uri: s3://a-bucket/a-pipeline/code/0123456789abcdef0123456789abcdef/prepare.py
    inputs: {raw: {uri: "s3://b/raw"}}
    outputs: [clean, report]
  gate:
    values: {mse: {from: prepare.report, file: metrics.json, path: mse}}
    condition:
    - {Type: LessThan, LeftValue: {value: mse}, RightValue: 6.0}
    - Type: Or
      Conditions:
      - {Type: Not, Condition: {Type: Equals, LeftValue: {text: [a, {value: mse}]}, RightValue: b}}
    - {Type: In, QueryValue: x, Values: [1, 2]}
  stop: {fail: too bad, only_if: {gate: false}, needs: gate}
  register: {record: a model, only_if: gate, inputs: {m: {from: prepare.clean, below: x.csv}}}
  explain: {needs_container: Clarify}
  stubbed: {needs_container: Spark, stub: ./there}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "cloud.yaml").write_text(CLOUD)
    (tmp_path / "there").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_graph_says_what_runs_nothing_and_what_is_not_here(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", "cloud.yaml"]) == 0
    assert (
        capsys.readouterr().out
        == """\
cloud: 6 steps in 3 stages; steps of one stage can run side by side

1  ●      prepare   code ← s3://a-bucket/…/prepare.py (not here), raw ← s3://b/raw (not here)
   │ ●    explain   needs its container: Clarify
   │ ○    stubbed   stub ← there (not run)
   │
2  ├─●    gate      mse < 6.0 and (not (amse == b)) and x in [1, 2], true → register, false → stop
   │ │              mse ← prepare.report
   │ │
3  │ ├─●  stop      if not gate, fails: too bad
   ●─╯    register  if gate, recorded: a model, m ← prepare.clean/x.csv
"""
    )


def test_a_pipeline_is_printed_relative_to_the_folder_and_written_relative_to_the_file(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["show", "cloud.yaml", "--as", "yaml", "--data", "prepare.raw=there"]
    assert main(words) == 0
    printed = capsys.readouterr().out
    assert (main([*words, "-o", "there/x.yaml"]), capsys.readouterr().out) == (0, "")
    written = (here / "there" / "x.yaml").read_text()
    assert "raw: {path: there, uri: 's3://b/raw'}\n" in printed
    assert "raw: {path: ., uri: 's3://b/raw'}\n" in written
    assert "stubbed: {needs_container: Spark, stub: there}\n" in printed
    pipeline = session.load("cloud.yaml", Local(data={"prepare.raw": here / "there"}))
    assert bare(pipeline_file.load(here / "there" / "x.yaml")) == bare(replace(pipeline, name="cloud"))


DATA = Path(__file__).with_name("data")
EXAMPLES = DATA.parents[1] / "examples"
DEFINITIONS = [*DATA.glob("sagemaker/*.json"), *DATA.rglob("*.dag.json"), *EXAMPLES.rglob("definition.json")]


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: path.stem)
def test_a_definition_is_read_again_as_it_was(path: Path, tmp_path: Path) -> None:
    pipeline = session.load(path)
    assert bare(read_again(pipeline, tmp_path)) == bare(pipeline)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-o", "x.json"], "x.json is to be YAML."),
        (["--step", "gate"], "--as yaml writes the whole pipeline, and --step names some of it."),
    ],
)
def test_what_cannot_be_written_is_said(
    here: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(["show", "cloud.yaml", "--as", "yaml", *words]) == 2
    assert said in capsys.readouterr().err


def test_scripts_that_were_not_found_are_looked_for_in_the_same_places(here: Path) -> None:
    (here / "own.yaml").write_text("script_dirs: [lib, /else]\nsteps: {a: , b: {script_path: b.py}}")
    pipeline = pipeline_file.load(here / "own.yaml")
    assert to_yaml(pipeline, here) == (
        "pipeline: own\nscript_dirs: [lib, /else]\nsteps:\n  a:\n  b: {script_path: b.py}\n"
    )
    assert read_again(pipeline, here).steps[0].looked_for == (here / "lib/a.py", Path("/else/a.py"))
