"""A Cursus DAG becomes a pipeline: nodes by interfaces, links by name and alias, scripts by contracts."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pipetest.contract_checks import Contract, judge
from pipetest.contracts import observe
from pipetest.importers import cursus
from pipetest.pipeline import Fault, Input, Local, Output, Pipeline, PipelineError, Step
from pipetest.results import Finding

SHOP = Path(__file__).parent / "data" / "cursus" / "shop"
DAG = SHOP / "dags" / "boost" / "boost.dag.json"
SCRIPTS = SHOP / "steps" / "scripts"
LABELS = {name: {"LABEL": "churned"} for name in ("TableCleaning_training", "TableCleaning_calibration")}
NAMED = Local(env={**LABELS, "BoostScoring_calibration": {"ID_FIELD": "id"}})


def read(path: Path = DAG, local: Local = NAMED, document: Any = None) -> Pipeline:
    return cursus.read(json.loads(path.read_text()) if document is None else document, path, local)


def faults(path: Path = DAG, local: Local = NAMED, document: Any = None) -> list[Fault]:
    with pytest.raises(PipelineError) as caught:
        read(path, local, document)
    return caught.value.faults


def found(pipeline: Pipeline) -> dict[str, list[str]]:
    """The findings of each step: code, severity and line."""
    shown = {
        step.name: [f"{one.code} {one.severity} {one.line or ''}".strip() for one in step.findings]
        for step in pipeline.steps
    }
    return {name: findings for name, findings in shown.items() if findings}


def links(step: Step) -> dict[str, str]:
    return {one.name: f"{one.from_step}.{one.from_output}" for one in step.inputs if one.from_step}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    shutil.copytree(SHOP, tmp_path / "shop")
    return tmp_path / "shop"


def change(path: Path, change_it: Callable[[Any], None]) -> None:
    load = json.loads if path.suffix == ".json" else yaml.safe_load
    data = load(path.read_text())
    change_it(data)
    path.write_text(json.dumps(data))  # JSON is YAML


# --- the whole of it ---------------------------------------------------------------------------------------


def test_whole_pipeline() -> None:
    pipeline = read()
    assert (pipeline.name, pipeline.path, pipeline.findings) == ("boost_end_to_end", DAG, ())
    assert found(pipeline) == {}
    assert pipeline.step("TableCleaning_calibration") == Step(
        "TableCleaning_calibration",
        SCRIPTS / "table_cleaning.py",
        inputs=(
            Input(
                "ORDERS",
                "OrderLoading_calibration",
                "ORDERS",
                container_path="/opt/ml/processing/input/orders",
            ),
            Input(
                "bounds_input",
                "TableCleaning_training",
                "bounds_output",
                container_path="/opt/ml/processing/input/bounds",
            ),
        ),
        outputs=(
            Output("clean_orders", "/opt/ml/processing/output/data"),
            Output("bounds_output", "/opt/ml/processing/output/bounds"),
        ),
        args=("--job_type", "calibration"),
        env={"TRAIN_SHARE": "1.0", "SEED": "7", "LABEL": "churned"},
        entry="script",
        job="processing",
        code_path="/opt/ml/processing/input/code",
    )
    assert pipeline.step("BoostTraining") == Step(
        "BoostTraining",
        SCRIPTS / "boost_training.py",
        inputs=(
            Input(
                "train_data", "TableCleaning_training", "clean_orders", container_path="/opt/ml/input/data"
            ),
        ),
        outputs=(
            Output("model_output", "/opt/ml/model", "model.tar.gz"),
            Output("evaluation_output", "/opt/ml/output/data", "output.tar.gz"),
        ),
        env={"ROUNDS": "20"},
        entry="script",
        job="training",
        source_dir=SCRIPTS,
        code_path="/opt/ml/code",
        working_dir="/opt/ml/code",
    )


def test_every_link_and_every_kind_of_step() -> None:
    pipeline = read()
    assert {step.name: links(step) for step in pipeline.steps if step.inputs} == {
        "TableCleaning_training": {"ORDERS": "OrderLoading_training.ORDERS"},
        "BoostTraining": {"train_data": "TableCleaning_training.clean_orders"},
        "TableCleaning_calibration": {
            "ORDERS": "OrderLoading_calibration.ORDERS",
            "bounds_input": "TableCleaning_training.bounds_output",
        },
        "BoostScoring_calibration": {
            "model_input": "BoostTraining.model_output",
            "scored_data": "TableCleaning_calibration.clean_orders",
        },
        "ScoreCalibration_calibration": {"evaluation_data": "BoostScoring_calibration.scores"},
        "Bundling": {
            "model_input": "BoostTraining.model_output",
            "calibration_model": "ScoreCalibration_calibration.calibrator",
        },
        "ModelRegistration": {"PackagedModel": "Bundling.bundle"},
    }
    without = {step.name: (step.kind, step.says) for step in pipeline.steps if step.kind != "script"}
    by_service = "OrderLoading is done by the service, without a script"
    assert without == {
        "OrderLoading_training": ("container", by_service),
        "OrderLoading_calibration": ("container", by_service),
        "ModelRegistration": ("record", "ModelRegistrationProcessing"),
    }
    assert [step.name for step in pipeline.steps if step.needs] == []


def test_a_stub_and_data_stand_in_for_what_cannot_run_here(tmp_path: Path) -> None:
    data = {"TableCleaning_calibration.ORDERS": tmp_path}
    local = Local(data=data, stubs={"OrderLoading_training": tmp_path}, env=NAMED.env)
    pipeline = read(local=local)
    loading = pipeline.step("OrderLoading_training")
    assert (loading.stub, [one.optional for one in loading.outputs]) == (tmp_path, [False, False])
    assert links(pipeline.step("TableCleaning_training")) == {
        "ORDERS": "OrderLoading_training.ORDERS",
        "COLUMNS": "OrderLoading_training.COLUMNS",  # it is there now
    }
    cleaning = pipeline.step("TableCleaning_calibration")
    assert cleaning.inputs[0].path == tmp_path
    assert cleaning.upstream() == {"TableCleaning_training"}  # it does not wait for what it does without


def test_a_configuration_beside_the_dag_gives_what_it_says_for_certain(shop: Path) -> None:
    config = {
        "shared": {"LABEL": "churned", "author": "a", "seed": 1},
        "specific": {
            "TableCleaning_training": {"train_share": 0.5, "job_type": "testing", "env": {"EXTRA": True}},
            "BoostScoring_calibration": {"id_field": "order_id", "batch_size": 4},
            "BoostTraining": {"training_entry_point": "nested/train.py", "source_dir": "code"},
        },
    }
    folder = shop / "dags" / "boost"
    (folder / "config.json").write_text(json.dumps({"configuration": config, "metadata": {}}))
    (folder / "other.json").write_text("{}")
    (folder / "code" / "nested").mkdir(parents=True)
    shutil.copy(SCRIPTS / "boost_training.py", folder / "code" / "nested" / "train.py")
    pipeline = read(folder / "boost.dag.json", Local())
    cleaning = pipeline.step("TableCleaning_training")
    assert cleaning.args == ("--job_type", "testing")
    assert cleaning.env == {"LABEL": "churned", "TRAIN_SHARE": "0.5", "SEED": "1", "EXTRA": "true"}
    scoring = pipeline.step("BoostScoring_calibration")
    assert scoring.args == ("--job_type", "calibration", "--batch-size", "4")
    assert (scoring.env, scoring.source_dir) == ({"ID_FIELD": "order_id"}, shop / "steps" / "scripts")
    training = pipeline.step("BoostTraining")
    assert (training.script_path, training.source_dir) == (folder / "code/nested/train.py", folder / "code")
    assert found(pipeline) == {}


def test_a_boolean_of_the_configuration_is_a_bare_flag_or_none(shop: Path) -> None:
    def declare(data: Any) -> None:
        flags = [{"flag": "--job_type", "source": "job_type"}, {"flag": "--loud", "source": "loud"}]
        data["contract"]["job_arguments"] = [*flags, {"flag": "--quiet", "source": "quiet"}]

    change(shop / "steps" / "interfaces" / "score_calibration.step.yaml", declare)
    fields = {"ScoreCalibration_calibration": {"loud": True, "quiet": False}}
    folder = shop / "dags" / "boost"
    (folder / "config.json").write_text(json.dumps({"configuration": {"specific": fields}}))
    step = read(folder / "boost.dag.json").step("ScoreCalibration_calibration")
    assert step.args == ("--job_type", "calibration", "--loud")
    assert [f"{one.code} {one.severity}" for one in step.findings] == [
        "refused-argument error",  # it is passed, and argparse does not know it
        "refused-argument warning",  # it is only declared
    ]


def test_a_script_is_looked_for_in_the_given_folders_first(shop: Path) -> None:
    own = shop / "own"
    own.mkdir()
    shutil.copy(SCRIPTS / "bundling.py", own)
    (shop / "steps" / "scripts" / "boost_scoring.py").unlink()
    dag = shop / "dags" / "boost" / "boost.dag.json"
    pipeline = read(dag, Local(script_dirs=(own,), env=NAMED.env))
    assert pipeline.step("Bundling").script_path == own / "bundling.py"
    scoring = pipeline.step("BoostScoring_calibration")
    places = [own, shop / "steps/scripts", shop / "steps/interfaces/scripts", dag.parent / "scripts"]
    assert scoring.script_path is None
    assert scoring.looked_for == tuple(place / "boost_scoring.py" for place in places)


def test_interfaces_are_found_above_beside_and_where_they_are_said_to_be(shop: Path, tmp_path: Path) -> None:
    (shop / ".git").mkdir()
    shutil.move(shop / "steps", shop / "deep" / "in" / "steps")
    dag = shop / "dags" / "boost" / "boost.dag.json"
    assert len(read(dag).steps) == 9
    shutil.move(shop / "deep" / "in" / "steps" / "interfaces", tmp_path / "elsewhere")
    missing = faults(dag)
    assert len(missing) == 7 + 2  # every node
    assert missing[0] == Fault(
        "No interface says what the node `OrderLoading_training` is.",
        "No *.step.yaml was found: name the folder that holds them with --interfaces DIR.",
        str(dag),
    )
    shutil.move(tmp_path / "elsewhere", tmp_path / "package" / "steps" / "interfaces")
    local = Local(interfaces=(tmp_path / "package",), script_dirs=(SCRIPTS,), env=NAMED.env)
    assert found(read(dag, local)) == {}


def test_a_step_without_an_entry_point_runs_nothing_and_the_container_sets_its_own(shop: Path) -> None:
    interfaces = shop / "steps" / "interfaces"

    def needs_more(data: Any) -> None:
        data["contract"]["env_vars"]["required"] = ["SM_MODEL_DIR", "REGION"]

    change(interfaces / "boost_training.step.yaml", needs_more)
    change(interfaces / "bundling.step.yaml", lambda data: data["contract"].update(entry_point=None))
    pipeline = read(shop / "dags" / "boost" / "boost.dag.json")
    assert found(pipeline) == {"BoostTraining": ["unset-variable warning"]}
    bundling = pipeline.step("Bundling")
    assert (bundling.kind, bundling.says) == (
        "container",
        "the interface bundling.step.yaml names no script (`entry_point`)",
    )
    assert [one.name for one in bundling.inputs] == ["model_input", "calibration_model"]


# --- links -------------------------------------------------------------------------------------------------


def test_an_open_input_lists_what_could_be_bound_and_a_link_binds_it(shop: Path) -> None:
    interfaces = shop / "steps" / "interfaces"
    change(
        interfaces / "boost_scoring.step.yaml", lambda data: data["spec"]["outputs"]["scores"].pop("aliases")
    )
    dag = shop / "dags" / "boost" / "boost.dag.json"
    pipeline = read(dag)
    step = pipeline.step("ScoreCalibration_calibration")
    assert (step.inputs, step.needs) == ((), ("BoostScoring_calibration",))
    [open_input] = step.findings
    assert (open_input.code, open_input.severity) == ("open-input", "error")
    assert open_input.message == (
        "Nothing feeds the input `evaluation_data` of ScoreCalibration_calibration: no output before it"
        " has that name or alias (BoostScoring_calibration.scores)."
    )
    assert open_input.hint == (
        "Bind it: --link ScoreCalibration_calibration.evaluation_data=BoostScoring_calibration.scores;"
        " or name data for it: --data ScoreCalibration_calibration.evaluation_data=PATH."
    )
    key, _, value = open_input.hint.removeprefix("Bind it: --link ").partition(";")[0].partition("=")
    bound = read(dag, Local(links={key: value}, env=NAMED.env))
    assert found(bound) == {}
    assert bound.step("ScoreCalibration_calibration").inputs[0].from_output == "scores"


def test_two_outputs_for_one_input_are_ambiguous_unless_it_says_whom_it_takes(shop: Path) -> None:
    dag = shop / "dags" / "boost" / "boost.dag.json"
    edge = ["TableCleaning_training", "BoostScoring_calibration"]
    change(dag, lambda data: data["dag"]["edges"].append(edge))
    step = read(dag).step("BoostScoring_calibration")
    assert step.findings == (
        Finding(
            "ambiguous-link",
            step.findings[0].severity,
            "BoostScoring_calibration",
            "The input `scored_data` of BoostScoring_calibration could come from"
            " TableCleaning_calibration.clean_orders and TableCleaning_training.clean_orders.",
            "Say which: --link BoostScoring_calibration.scored_data=TableCleaning_calibration.clean_orders"
            " or --link BoostScoring_calibration.scored_data=TableCleaning_training.clean_orders.",
        ),
    )
    assert step.findings[0].severity == "error"
    interface = shop / "steps" / "interfaces" / "boost_scoring.step.yaml"

    def names_its_source(data: Any) -> None:
        data["spec"]["dependencies"]["scored_data"]["compatible_sources"] = ["TableCleaning_Calibration"]

    change(interface, names_its_source)
    assert links(read(dag).step("BoostScoring_calibration")) == {
        "model_input": "BoostTraining.model_output",
        "scored_data": "TableCleaning_calibration.clean_orders",
    }


def test_options_that_name_what_is_not_there(tmp_path: Path) -> None:
    local = Local(
        params={"A": "1"},
        code={"s3://b": tmp_path},
        data={"Bundling.model": tmp_path, "Bundlin.x": tmp_path, "s3://bucket/x": tmp_path},
        links={"Bundling.model_input": "BoostTraining.modeloutput", "Bundling": "BoostTraining.model_output"},
    )
    assert [(one.message, one.hint) for one in faults(local=local)] == [
        (
            "--param is for a definition of SageMaker, which boost.dag.json is not.",
            "Write the value into the configuration, or set a variable: --env STEP.NAME=VALUE.",
        ),
        (
            "--code is for a definition of SageMaker, which boost.dag.json is not.",
            "Say where the scripts lie: --script-dir DIR.",
        ),
        (
            "--data names `model`, which the step Bundling (its inputs) does not have.",
            "Did you mean `model_input`?",
        ),
        ("--data names `Bundlin`, which the DAG does not have.", "Did you mean `Bundling`?"),
        (
            "--link names `modeloutput`, which the step BoostTraining (its outputs) does not have.",
            "Did you mean `model_output`?",
        ),
        (
            "--link has `Bundling`, which names no step and port.",
            "Write it as --link CONSUMER.INPUT=PRODUCER.OUTPUT.",
        ),
    ]


# --- documents that cannot be read -------------------------------------------------------------------------


def test_all_that_is_wrong_with_a_graph_is_said_at_once() -> None:
    nodes = ["Bundling", "Bundling", 7, "a b"]
    document = {"dag": {"nodes": nodes, "edges": [["Bundling"], ["Bundlin", "Bundling"]]}}
    assert [one.message for one in faults(document=document)] == [
        "The node `Bundling` is listed twice.",
        "Node 3 is `7`, which is no name of a step.",
        'Node 4 is `"a b"`, which is no name of a step.',
        'Edge 1 is `["Bundling"]`, which is no pair of nodes.',
        "Edge 2 names `Bundlin`, which the DAG does not have.",
    ]
    nodes = ["Bundling", "BoostTrainer", "BoostScoring_calibration"]
    document = {"dag": {"nodes": nodes, "edges": []}}
    assert [(one.message, one.hint) for one in faults(document=document)] == [
        (
            "No interface says what the node `BoostTrainer` is.",
            "The nearest step type is `BoostTraining`; if it has an interface elsewhere: --interfaces DIR.",
        )
    ]
    edges = [["Bundling", "BoostTraining"], ["BoostTraining", "Bundling"]]
    document = {"dag": {"nodes": ["Bundling", "BoostTraining"], "edges": edges}}
    assert [one.message for one in faults(document=document)] == [
        "The steps wait for each other in a circle: Bundling -> BoostTraining -> Bundling."
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("step_type: Bundling\ncontract: [", "bundling.step.yaml cannot be read at line "),
        ("step_type: Bundling\ncontract: 3", "bundling.step.yaml: `contract` is not a mapping."),
        (
            "step_type: Bundling\ncontract: {inputs: {a: {path: x}}}",
            "bundling.step.yaml: the `path` of `a` is no",
        ),
        (
            "step_type: Bundling\ncontract: {job_arguments: [{}]}",
            "bundling.step.yaml: an entry of `job_arguments`",
        ),
        (
            "step_type: Bundling\ncontract: {env_vars: {required: A}}",
            "bundling.step.yaml: `required` is not a list",
        ),
    ],
)
def test_a_malformed_interface_is_a_fault_of_that_file(shop: Path, text: str, message: str) -> None:
    interface = shop / "steps" / "interfaces" / "bundling.step.yaml"
    interface.write_text(text)
    [fault] = faults(shop / "dags" / "boost" / "boost.dag.json")
    assert fault.file == str(interface)
    assert fault.message.startswith(message)


JUNK = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.just([]), st.just({}))


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(inner for key, one in items for inner in paths_of(one, (*path, key)))]


def put(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    whole = copy.deepcopy(document)
    part = whole
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    return whole


DOCUMENT = json.loads(DAG.read_text())


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(paths_of(DOCUMENT)), JUNK)
def test_a_changed_document_is_read_or_refused_in_words(path: tuple[Any, ...], junk: Any) -> None:
    try:
        read(document=put(DOCUMENT, path, junk))
    except PipelineError as error:
        assert all(fault.message and fault.hint for fault in error.faults)


INTERFACE = yaml.safe_load((SHOP / "steps" / "interfaces" / "table_cleaning.step.yaml").read_text())
ONE = {"dag": {"nodes": ["TableCleaning_calibration"], "edges": []}}


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(paths_of(INTERFACE)[1:]), JUNK)
def test_a_changed_interface_is_read_or_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory, path: tuple[Any, ...], junk: Any
) -> None:
    folder = tmp_path_factory.mktemp("interfaces")
    (folder / "table_cleaning.step.yaml").write_text(json.dumps(put(INTERFACE, path, junk)))
    try:
        read(local=Local(interfaces=(folder,), script_dirs=(SCRIPTS,)), document=ONE)
    except PipelineError as error:
        assert all(fault.message and fault.hint for fault in error.faults)


# --- contracts against scripts -----------------------------------------------------------------------------


def judged(tmp_path: Path, contract: Contract, source: str) -> list[str]:
    script = tmp_path / "work.py"
    script.write_text(dedent(source))
    return [f"{one.code} {one.severity} {one.line}" for one in judge("S", contract, observe(script))]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('import os\nx = os.environ["A"]\n', ["unset-variable error 2"]),
        ('import os\nA = "A"\ndef load():\n    return os.environ[A]\nload()\n', ["unset-variable error 4"]),
        (
            'import os, sys\nif __name__ == "__main__":\n    try:\n        os.environ["A"]\n'
            "    except Exception:\n        sys.exit(1)\n",
            ["unset-variable error 4"],
        ),
        ('import os\ntry:\n    os.environ["A"]\nexcept Exception:\n    pass\n', ["unset-variable warning 3"]),
        ('import os\nif len(os.sep):\n    os.environ["A"]\n', ["unset-variable warning 3"]),
        ('import os\ndef f(): return os.environ["A"]\n', ["unset-variable warning 2"]),
        ('import os\nx = os.getenv("A", "1")\n', ["unset-variable warning 2"]),
        ('import os\nx = f() or os.environ["A"]\n', ["unset-variable warning 2"]),
        ("x = 1\n", ["unset-variable warning None"]),
        ('import os\nos.environ["A"] = "1"\nx = os.environ["A"]\n', []),
        ("from dotenv import load_dotenv\nload_dotenv()\n", []),
        ("x = (\n", ["unset-variable warning None"]),
    ],
)
def test_a_variable_that_nothing_sets(tmp_path: Path, source: str, expected: list[str]) -> None:
    assert judged(tmp_path, Contract(unset=("A",)), source) == expected


GUARD = """
    if __name__ == "__main__":
        input_paths = {"data": "/opt/ml/processing/input/data"}
        %s
        main(input_paths, {}, {}, None)
"""


@pytest.mark.parametrize(
    ("guard", "use", "expected"),
    [
        ("pass", 'open(input_paths["extra"])', ["unchecked-input error 5"]),
        (
            "if os.path.exists(P):\n            input_paths['extra'] = P",
            'x = input_paths["extra"]',
            ["unchecked-input error 5"],
        ),
        ("pass", 'x = input_paths.get("extra")', []),
        ("pass", 'x = input_paths["extra"] if "extra" in input_paths else None', []),
        ("if T:\n            input_paths['extra'] = P", 'if T:\n        x = input_paths["extra"]', []),
        ("pass", 'try:\n        x = input_paths["extra"]\n    except KeyError:\n        x = None', []),
        (
            "input_paths['extra'] = P",
            'p = Path(input_paths["extra"])\n    pd.read_csv(p / "a.csv")',
            ["unchecked-input warning 5"],
        ),
        ("input_paths['extra'] = P", 'p = Path(input_paths["extra"])\n    p.exists() and open(p)', []),
        ("input_paths['extra'] = P", 'p = input_paths["extra"]\n    helper(p)', []),
        ("input_paths = build()", 'open(input_paths["extra"])', ["unchecked-input warning 5"]),
    ],
)
def test_an_optional_input_used_without_a_look(
    tmp_path: Path, guard: str, use: str, expected: list[str]
) -> None:
    start = "import os\ndef helper(p):\n    return os.path.exists(p)\n"
    source = f"{start}def main(input_paths, output_paths, env, args):\n    {use}\n"
    contract = Contract(optional={"extra": False})
    assert judged(tmp_path, contract, source + dedent(GUARD % guard)) == expected


@pytest.mark.parametrize(
    ("parser", "contract", "expected"),
    [
        ("add('--job_type')", Contract(passed={"--job_type": "training"}), []),
        ("add('--job')", Contract(passed={"--job_type": "x"}), ["refused-argument error 5"]),
        ("add('--job_type_of')", Contract(passed={"--job_type": "x"}), []),
        ("add('--job')", Contract(declared=("--job_type",)), ["refused-argument warning 5"]),
        ("add('--a', choices=['x', 'y'])", Contract(passed={"--a": "z"}), ["refused-argument error 4"]),
        ("add('--a', required=True)", Contract(), ["missing-argument error 4"]),
        ("add('path')", Contract(), ["missing-argument error 4"]),
        ("add('path', nargs='?')", Contract(), []),
        ("for f in FLAGS: add(f)", Contract(passed={"--job_type": "x"}), []),
        ("p.add_subparsers()", Contract(passed={"--job_type": "x"}), []),
        ("extend(p)", Contract(passed={"--job_type": "x"}), []),
    ],
)
def test_arguments_of_the_contract_and_of_the_parser(
    tmp_path: Path, parser: str, contract: Contract, expected: list[str]
) -> None:
    start = "import argparse\nif __name__ == '__main__':\n    p = argparse.ArgumentParser()\n"
    source = f"{start}    {parser}\n    p.parse_args()\n"
    source = source.replace("add(", "p.add_argument(")
    assert judged(tmp_path, contract, source) == expected


def test_an_argument_that_is_passed_over_is_a_warning(tmp_path: Path) -> None:
    contract = Contract(passed={"--job_type": "x"}, declared=("--job_type",))
    known = "import argparse\np = argparse.ArgumentParser()\np.parse_known_args()\n"
    assert judged(tmp_path, contract, known) == ["refused-argument warning 3"]
    assert judged(tmp_path, contract, "print('no parser')\n") == ["refused-argument warning None"]
    assert judged(tmp_path, contract, "import sys\nprint(sys.argv)\n") == []
    assert judged(tmp_path, contract, "import click\n") == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('output_paths["model"]', []),
        ('x = "/opt/ml/processing/output/model"', []),
        ('x = "/opt/ml/processing/output/model/a.json"', []),
        ('x = "/opt/ml/processing" + "/output/model"', []),
        ('x = "/opt/ml/processing/output"', ["unwritten-output warning None"]),  # that is `all`
        ('x = Path("/opt/ml/processing/output") / "model"', []),
        ('x = "/tmp/model.json"', ["unwritten-output warning None"]),
        ("from helper import run\nrun()", []),
        ('P = "/opt/ml/processing/out"\noutput_paths = {"model": P}', ["unwritten-output warning 2"]),
        ('output_paths = {"model": P["model"]}', []),
    ],
)
def test_an_output_that_nothing_names(tmp_path: Path, source: str, expected: list[str]) -> None:
    (tmp_path / "helper.py").touch()
    outputs = {"model": "/opt/ml/processing/output/model", "all": "/opt/ml/processing/output"}
    assert judged(tmp_path, Contract(outputs=outputs), 'y = "all"\n' + source) == expected


def test_a_parser_in_a_function_of_its_own(tmp_path: Path) -> None:
    source = """\
        import argparse

        def parse_args(argv):
            parser = argparse.ArgumentParser()
            parser.add_argument("--job_type", required=True, choices=("training", "testing"))
            return parser.parse_args()

        def main():
            args = parse_args([])
            if args.job_type:
                return

        if __name__ == "__main__":
            raise SystemExit(main())
    """
    assert judged(tmp_path, Contract(), source) == ["missing-argument error 5"]
    assert judged(tmp_path, Contract(passed={"--job_type": "x"}), source) == ["refused-argument error 5"]
    assert judged(tmp_path, Contract(passed={"--job_type": "testing"}), source) == []


def test_a_training_script_may_go_by_the_variables_of_its_container(tmp_path: Path) -> None:
    contract = Contract(outputs={"m": "/opt/ml/model", "e": "/opt/ml/output/data"})
    assert judged(tmp_path, contract, 'import os\nos.environ["SM_MODEL_DIR"]\n') == [
        "unwritten-output warning None"
    ]
    assert judged(tmp_path, contract, 'a = "SM_MODEL_DIR"\nb = "SM_OUTPUT_DATA_DIR"\n') == []


def test_a_node_without_a_job_type_gets_one_where_its_script_demands_it() -> None:
    document = {"dag": {"nodes": ["ScoreCalibration"], "edges": []}}
    step = read(document=document, local=Local(data={"ScoreCalibration.evaluation_data": SHOP})).steps[0]
    assert step.args == ("--job_type", "training")
    assert [(one.code, one.severity, one.message) for one in step.findings] == [
        (
            "assumed-argument",
            "note",
            "score_calibration.py requires `--job_type`, and nothing says which ScoreCalibration has:"
            " it gets `training`.",
        )
    ]
    document = {"dag": {"nodes": ["ScoreCalibration_evaluation"], "edges": []}}
    step = read(document=document, local=Local(stubs={})).steps[0]
    assert [one.code for one in step.findings] == ["refused-argument"]
    assert step.findings[0].message == (
        "score_calibration.py takes for `--job_type` only training, calibration;"
        " ScoreCalibration_evaluation passes `evaluation`."
    )


def test_an_interface_without_a_step_type_is_named_where_its_node_is_missed(tmp_path: Path) -> None:
    (tmp_path / "interfaces").mkdir()
    (tmp_path / "interfaces" / "package.step.yaml").write_text("")
    with pytest.raises(PipelineError) as caught:
        cursus.read({"dag": {"nodes": ["Package"], "edges": []}}, tmp_path / "a.dag.json", Local())
    assert caught.value.faults[0].hint.startswith(
        f"{tmp_path}/interfaces/package.step.yaml says no `step_type`: mend it"
    )
