"""What is declared of data, held against the data: columns, rows and files, of inputs and of outputs."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

import pipetest
from pipetest.results import Report

if TYPE_CHECKING:
    from tests.conftest import Project

pytest.importorskip("duckdb", reason="tables are read by DuckDB")

ROWS = (
    "id,age,amount,day,churned\n1,20,1.5,2024-01-31,True\n2,,2,2024-02-01,False\n3,40,-7.25,2024-02-02,True\n"
)


@dataclass(frozen=True)
class Case:
    """Files, what is declared of them, and what is found."""

    files: Mapping[str, str | bytes]
    declared: Mapping[str, Any]
    found: list[str] = field(default_factory=list)  # "CODE: MESSAGE"


def one(text: str | bytes, declared: Mapping[str, Any], *found: str, name: str = "c.csv") -> Case:
    return Case({name: text}, declared, list(found))


def columns(**declared: Any) -> dict[str, Any]:
    return {"columns": declared}


CASES = {
    # what fits
    "all types as they are": one(
        ROWS, columns(id="int", age="int", amount="float", day="date", churned="bool") | {"rows": ">0"}
    ),
    "an int is a float": one(ROWS, columns(id="float")),
    "an int with nulls that was written as float": one("age\n1.0\n\n3.0\n", columns(age="int")),
    "a code with zeros is an int, and a text": one("a,b\n007,007\n", columns(a="int", b="str")),
    "a number is a text in a file of texts": one("zip\n12345\n", columns(zip="str")),
    "0 and 1 are bools": one("y\n0\n1\n", columns(y="bool")),
    "a date is a datetime": one("t\n2024-01-31\n", columns(t="datetime")),
    "a datetime at midnight is a date": one("t\n2024-01-31 00:00:00\n", columns(t="date")),
    "nulls are accepted unless said otherwise": one("a,b\n,1\n", columns(a="int", b="int")),
    "anything is any": one("a\nx\n1\n", columns(a="any")),
    "more columns than declared": one("a,b\n1,2\n", columns(a="int")),
    "a country that is called NA is a text": one(
        "c\nNA\nUS\n", columns(c={"type": "str", "nullable": False, "choices": ["NA", "US"]})
    ),
    "quotes, line ends in fields, and a byte order mark": one(
        '\ufeffa,"b, c"\r\n"x\ny",1\r\n', columns(**{"a": "str", "b, c": "int"})
    ),
    "another delimiter": one("a;b\n1;2,5\n", columns(a="int", b="str")),
    "names are names, whatever they hold": one(
        '"a ""b""",ü;\'\n1,2\n', columns(**{'a "b"': "int", "ü;'": "int"})
    ),
    "gzipped": one(gzip.compress(ROWS.encode()), columns(id="int"), name="c.csv.gz"),
    "tabs": one("a\tb\n1\tx\n", columns(a="int", b="str"), name="c.tsv"),
    "lines of JSON": one('{"a": 1}\n{"a": null}\n', columns(a="int"), name="c.jsonl"),
    "a list of JSON objects": one('[{"a": 1, "d": "2024-01-31"}]', columns(a="int", d="date"), name="c.json"),
    "no header, and columns by number": one("1,x\n2,y\n", columns(**{"0": "int", "1": "str"})),
    "a header that looks like data has a declared name": one("2020,b\n1,2\n", columns(b="int")),
    "names of pandas that count from 0": one("0,1,2\n7,8,x\n", columns(**{"2": "str"}) | {"rows": "=1"}),
    "numbers and a word above numbers": one(
        "0,y\n7,1\n", columns(**{"0": "int", "y": "int"}) | {"rows": "=1"}
    ),
    "no header, and a value that is missing": one("1,NA\n2,3\n", columns(**{"1": "int"}) | {"rows": "=2"}),
    "no header, and one value twice": one("1,m,m\n2,3,4\n", columns(**{"0": "int"}) | {"rows": "=2"}),
    "the index of pandas": one(",a\n0,x\n", columns(**{"Unnamed: 0": "int", "a": "str"})),
    "shards are one table": Case({"part-0.csv": "a\n1\n", "part-1.csv": "a\n2\n"}, {"rows": "=2"}),
    "a table beside files that are none": Case(
        {"c.csv": "a\n1\n", "notes.txt": "hello", "m.json": '{"mse": 1}'}, columns(a="int")
    ),
    "a table of another kind beside it": Case(
        {"c.csv": "a\n1\n", "importance.csv": "feature,gain\nx,1\n"}, columns(a="int")
    ),
    "only the files that are named": Case(
        {"c.csv": "a\n1\n", "old.csv": "a\nx\n"}, columns(a="int") | {"files": ["c.csv"]}
    ),
    # what does not
    "a column is gone": one(
        "id,amt\n1,2\n",
        columns(amount="float"),
        "column-missing: {c} has no column `amount` (nearest: `amt`).",
    ),
    "two are, and none is near": one(
        "id,z\n1,2\n",
        columns(amount="float", label="int"),
        "column-missing: {c} has no columns `amount`, `label`.",
    ),
    "the header was not written": one(
        "1,2\n3,4\n", columns(a="int"), "column-missing: {c} has no column `a`."
    ),
    "a text among ints, late": one(
        "a\n" + "1\n" * 30_000 + "n/k\n",
        columns(a="int"),
        "column-type: `a` in {c} is declared int: in 1 of 30,001 rows it is not.",
    ),
    "a fraction": one(
        "a\n1\n1.5\n", columns(a="int"), "column-type: `a` in {c} is declared int: in 1 of 2 rows it is not."
    ),
    "yes is no bool": one(
        "a\nyes\nno\n",
        columns(a="bool"),
        "column-type: `a` in {c} is declared bool: in 2 of 2 rows it is not.",
    ),
    "a day that there is not": one(
        "d\n2024-02-30\n2024-02-28\n",
        columns(d="date"),
        "column-type: `d` in {c} is declared date: in 1 of 2 rows it is not.",
    ),
    "nulls": one(
        "a,b\n1,\n2,NA\n3,4\n",
        columns(b={"type": "int", "nullable": False}),
        "column-null: `b` in {c} is declared `nullable: false`, and is null in 2 of 3 rows.",
    ),
    "out of range": one(
        "a\n-1\n50\n101\n200\n",
        columns(a={"type": "int", "min": 0, "max": 100}),
        "column-range: `a` in {c}: 1 of 4 rows are below its `min` 0, 2 of 4 rows are above its `max` 100.",
    ),
    "dates out of range": one(
        "d\n2023-12-31\n2024-01-01\n",
        columns(d={"type": "date", "min": "2024-01-01"}),
        "column-range: `d` in {c}: 1 of 2 rows are below its `min` 2024-01-01.",
    ),
    "a new category": one(
        "k,n\na,1\nb,2\nc,3\n",
        columns(k={"choices": ["a", "b"]}, n={"choices": [1, 2.0]}),
        "column-range: `k` in {c}: 1 of 3 rows are none of its `choices`.",
        "column-range: `n` in {c}: 1 of 3 rows are none of its `choices`.",
    ),
    "a key that comes again": one(
        "a\n1\n1\n\n2\n",
        columns(a={"type": "int", "unique": True}),
        "column-unique: `a` in {c} is declared unique: 1 of 4 rows repeat a value.",
    ),
    "too few rows": one("a\n1\n", {"rows": ">=10"}, "rows-out-of-range: {c} has 1 row; declared are >=10."),
    "too many rows": one(
        "a\n1\n2\n3\n", {"rows": "1..2"}, "rows-out-of-range: {c} has 3 rows; declared are 1..2."
    ),
    "no rows": one("a\n", {"rows": ">0"}, "empty-table: {c} has a header and no rows; declared are >0."),
    "nothing": one("", columns(a="int"), "empty-table: {c} is empty: it has not even a header."),
    "no table": one(
        b"\x80\x04\x95junk",
        columns(a="int"),
        "format-mismatch: {place} has columns declared, and no table: it holds m.pkl (pickle).",
        name="m.pkl",
    ),
    "fields that do not add up": one(
        "a,b\n1,2\n3\n4,5,6\n",
        columns(a="int"),
        "unreadable-data: 2 rows of {c} cannot be read: line 3: Expected Number of Columns: 2 Found: 1.",
    ),
    "a quote that is not closed": one(
        'a,b\n1,2\n"x,3\n4,5\n',
        columns(a="int"),
        "unreadable-data: {c} cannot be read: its rows do not have one number of fields, *",
    ),
    "another encoding": one(
        "a,b\né,1\n".encode("latin-1"),
        columns(b="int"),
        "unreadable-data: {c} cannot be read: it is not UTF-8 (0xe9).",
    ),
    "a file that is missing": one(
        "a\n1\n",
        {"files": ["data.csv"]},
        "file-missing: Nothing in {place} matches data.csv.",
        name="dat.csv",
    ),
    "broken JSON": one(
        '{"a": 1}\n{"a": \n',
        columns(a="int"),
        "unreadable-data: {c} cannot be read: *",
        name="c.jsonl",
    ),
    "a list in a text": one(
        '{"a": [1, 2]}\n',
        columns(a="int"),
        "column-type: `a` in {c} is declared int: in 1 of 1 row it is not.",
        name="c.jsonl",
    ),
    # warnings: nothing is declared of it, or it may work
    "no archive": one(
        "a\n1\n",
        {"rows": "=1"},
        "format-mismatch: {c} is named .gz, and is not packed: it is csv.",
        name="c.csv.gz",
    ),
    "a JSON list that is named csv": one(
        '[{"a": 1}]', columns(a="int"), "format-mismatch: {c} is named as csv, and holds json."
    ),
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    """One run, with a step for each case that is given its files, and expects of them what is declared."""
    folder = tmp_path_factory.mktemp("data")
    steps = {}
    for number, case in enumerate(CASES.values()):
        place = folder / f"data{number}"
        place.mkdir()
        for name, content in case.files.items():
            (place / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        given = {"path": f"data{number}", **case.declared}
        steps[f"s{number}"] = {"inputs": {"in": given}, "script_path": "use.py"}
    (folder / "pipeline.json").write_text(json.dumps({"steps": steps}))
    (folder / "use.py").write_text("def main(input_paths):\n    pass\n")
    yield pipetest.run(folder / "pipeline.json")


@pytest.mark.parametrize("name", CASES)
def test_data_is_held_against_what_is_declared(report: Report, name: str) -> None:
    number = list(CASES).index(name)
    case, step = CASES[name], report.steps[number]
    wanted = [
        text.format(c=f"{next(iter(case.files))} of data{number}", place=f"data{number}")
        for text in case.found
    ]
    found = [f"{one.code}: {one.message}" for one in step.findings]
    cut = [
        text[: wanted[i].index("*")] + "*" if "*" in wanted[i] else text
        for i, text in enumerate(found[: len(wanted)])
    ]
    assert [*cut, *found[len(wanted) :]] == wanted
    is_bad = any(one.severity == "error" for one in step.findings)
    assert step.status == ("failed" if is_bad else "passed")
    assert is_bad == (bool(case.found) and name not in ("no archive", "a JSON list that is named csv"))


PIPELINE = """\
steps:
  prepare:
    args: ["{outputs.clean}"]
    outputs: {clean: {columns: {id: int, amount: float}, rows: ">=2"}}
  train:
    inputs: {data: {from: prepare.clean, columns: {amount: {type: float, min: 0}}}}
    args: ["{inputs.data}", "{outputs.model.txt}"]
    outputs: [model.txt]
"""
PREPARE = """\
import sys, pathlib
pathlib.Path(sys.argv[1], "clean.csv").write_text("id,amount\\n1,2.5\\n2,3\\n")
"""
TRAIN = """\
import sys, pathlib
pathlib.Path(sys.argv[2]).write_text("model")
"""


@pytest.fixture
def linked(project: Project) -> Project:
    project.write({"pipeline.yaml": PIPELINE, "prepare.py": PREPARE, "train.py": TRAIN})
    return project


def test_a_link_that_fits_passes_and_shows_its_rows_and_columns(linked: Project) -> None:
    answer = linked("run", "-v")
    assert answer.verdicts == {"prepare": "passed", "train": "passed"}
    assert "clean 2 rows × 2 columns" in answer.out
    assert "train.data ← prepare.clean\n    clean.csv (csv): 2 rows × 2 columns\n" in answer.out
    assert "      amount  float     2.5 to 3, 2 distinct\n" in answer.out
    facts = answer.step("train")["inputs"]["data"]["facts"]
    assert facts == answer.step("prepare")["outputs"]["clean"]["facts"]
    assert facts == [
        {
            "name": "clean.csv",
            "format": "csv",
            "named": "csv",
            "bytes": 20,
            "rows": 2,
            "columns": [
                {"name": "id", "type": "int", "min": 1, "max": 2, "distinct": 2},
                {"name": "amount", "type": "float", "min": 2.5, "max": 3.0, "distinct": 2},
            ],
        }
    ]


def test_values_of_the_data_are_shown_only_when_asked_for(linked: Project) -> None:
    linked.write({"prepare.py": PREPARE.replace("3\\n", "-98765\\n")})
    assert "-98,765" not in linked("run").out
    assert "-98,765" in linked("run", "-v").out


def test_a_broken_promise_fails_the_step_that_made_it(linked: Project) -> None:
    linked.write({"prepare.py": PREPARE.replace("id,amount", "id,amt")})
    answer = linked("run")
    assert answer.verdicts == {"prepare": "failed column-missing", "train": "skipped upstream-failed"}
    found = answer.finding("column-missing")
    assert (found["file"], found["line"]) == (str(linked.folder / "pipeline.yaml"), 4)
    assert found["message"] == "clean.csv of prepare.clean has no column `amount` (nearest: `amt`)."
    assert answer.code == 1


def test_a_broken_expectation_fails_the_step_that_has_it_before_it_starts(linked: Project) -> None:
    linked.write({"prepare.py": PREPARE.replace("2.5", "-2.5")})
    answer = linked("run")
    assert answer.verdicts == {"prepare": "passed", "train": "failed column-range"}
    assert answer.step("train")["started_as"] is None
    assert answer.finding("column-range")["message"] == (
        "`amount` in clean.csv of prepare.clean: 1 of 2 rows are below its `min` 0."
    )


def test_two_declarations_that_exclude_each_other_are_found_before_anything_runs(linked: Project) -> None:
    linked.write(
        {"pipeline.yaml": PIPELINE.replace("amount: {type: float, min: 0}", "amount: date, amounts: int")}
    )
    answer = linked("check")
    assert answer.code == 1
    found = [one for one in answer.findings() if one["severity"] != "note"]
    assert [f"{one['severity']} {one['code']}: {one['message']}" for one in found] == [
        "warning column-missing: train expects of prepare.clean what prepare does not promise: "
        "`amounts` (nearest: `amount`).",
        "error column-type: train expects `amount` of prepare.clean as date; prepare promises float.",
    ]


def test_a_stub_is_held_against_what_its_step_promises(linked: Project) -> None:
    linked.write({"stub/clean/clean.csv": "id,amount\n1,x\n2,y\n"})
    answer = linked("run", "--stub", "prepare=stub")
    assert answer.verdicts["prepare"] == "failed column-type"


def test_some_rows_are_no_broken_promise(linked: Project) -> None:
    linked.write(
        {
            "pipeline.yaml": PIPELINE.replace(
                'args: ["{outputs.clean}"]',
                'inputs: {raw: data/c.csv}\n    args: ["{outputs.clean}", "{inputs.raw}"]',
            ),
            "prepare.py": "import sys, shutil\nshutil.copy(sys.argv[2], sys.argv[1] + '/clean.csv')\n",
            "data/c.csv": "id,amount\n1,2\n2,3\n3,4\n",
        }
    )
    answer = linked("run", "--rows", "1")
    assert answer.verdicts == {"prepare": "passed", "train": "passed"}
    assert answer.step("prepare")["outputs"]["clean"]["facts"][0]["rows"] == 1
    assert "--rows 1" in answer.step("prepare")["rerun"]
    assert linked.tree()["data/c.csv"] == b"id,amount\n1,2\n2,3\n3,4\n"


def test_which_rows_without_how_many_is_wrong_use(linked: Project) -> None:
    answer = linked("run", "--spread")
    assert (answer.code, answer.err) == (
        2,
        "pipetest: --spread says which rows, and not how many.\npipetest:     Add --rows N.\n",
    )


def test_without_the_reader_of_tables_nothing_that_is_declared_passes_unseen(
    linked: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipetest.data import client

    monkeypatch.setattr(client, "is_available", lambda: False)
    answer = linked("run")
    assert answer.code == 2
    assert "train.data, prepare.clean; DuckDB, which reads tables, is not installed." in answer.err
    assert "pip install 'pipetest[data]'" in answer.err


def test_a_reader_that_dies_is_no_fault_of_the_step(linked: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipetest.data import client

    monkeypatch.setattr(client, "SECONDS", 0.0)  # it answers nothing in time
    answer = linked("run")
    assert answer.verdicts["prepare"] == "failed unreadable-data"
    assert answer.finding("unreadable-data")["message"].endswith("cannot be read: it took longer than 0 s.")


def test_generated_data_is_marked_wherever_it_shows(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": """\
                steps:
                  a:
                    inputs: {raw: {columns: {id: {type: int, unique: true}}, rows: 7}}
                    args: ["{inputs.raw}"]
                """,
            "a.py": "import sys, csv\nassert len(list(csv.DictReader(open(sys.argv[1])))) == 7\n",
        }
    )
    assert "raw ← generated data (7 rows)" in project.run("show").out
    answer = project("run", "-v")
    assert answer.verdicts == {"a": "passed synthetic-data"}
    assert answer.step("a")["inputs"]["raw"]["synthetic"] is True
    assert "a.raw ← generated data\n" in answer.out


def test_what_cannot_be_generated_is_said_before_anything_starts(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": """\
                steps:
                  a: {inputs: {raw: {columns: {id: {choices: [x, y], unique: true}}}}}
                """,
            "a.py": "",
        }
    )
    answer = project("run")
    assert answer.code == 2
    assert "pipeline.yaml:2: a.raw cannot be generated: " in answer.err


def test_the_data_of_a_pipeline_is_written_out_and_never_over_a_file(project: Project) -> None:
    project.write(
        {"pipeline.yaml": "steps: {a b: {inputs: {raw: {columns: {id: int}, rows: 3}}}}", "a b.py": ""}
    )
    command = [*("data", "-o", "mine")]
    answer = project.run(*command)
    assert (answer.code, len((project.folder / "mine" / "a_b.raw.csv").read_text().splitlines())) == (0, 4)
    assert "--data 'a b.raw=mine/a_b.raw.csv'" in answer.out
    again = project.run(*command)
    assert (again.code, "mine/a_b.raw.csv is there already" in again.err) == (2, True)
    assert project.run(*command, "--force").code == 0


def test_a_change_since_the_snapshot_fails_its_step_and_the_next_runs_all_the_same(linked: Project) -> None:
    linked.write({"pipeline.yaml": "steps: {prepare: {args: ['{outputs.clean}'], outputs: [clean]}}"})
    assert linked.run("run", "--update-snapshot").out.endswith(
        "Wrote " + str(linked.folder / "pipeline.snapshot.yaml") + "\n"
    )
    assert linked("run").verdicts == {"prepare": "passed"}
    linked.write({"prepare.py": PREPARE.replace("id,amount", "id,amt")})
    answer = linked("run")
    assert answer.verdicts == {"prepare": "failed snapshot-changed"}
    assert answer.finding("snapshot-changed")["message"] == (
        "clean.csv of prepare.clean: the column `amount` is gone (new: `amt`)."
    )
    linked.run("run", "--update-snapshot")
    assert linked("run").verdicts == {"prepare": "passed"}


def test_a_schema_of_pandera_is_asked_in_the_interpreter_of_the_step(linked: Project) -> None:
    pytest.importorskip("pandera", reason="a schema of pandera needs pandera")
    linked.write(
        {
            "pipeline.yaml": """\
                steps:
                  prepare:
                    args: ["{outputs.clean}"]
                    outputs: {clean: {schema: "shapes:Clean"}}
                """,
            "shapes.py": """\
                import pandera.pandas as pa

                class Clean(pa.DataFrameModel):
                    id: int = pa.Field(unique=True)
                    amount: float = pa.Field(ge=3)
                    label: int
                """,
        }
    )
    found = linked("run").finding("schema-mismatch")
    assert found["message"].startswith("clean.csv of prepare.clean does not meet shapes:Clean: ")
    assert "it has no column `label`" in found["message"]
    assert "`amount` fails greater_than_or_equal_to(3)" in found["message"]
    linked.write({"shapes.py": "raise SystemExit('no')"})
    assert linked("run").finding("schema-unusable")["message"] == (
        "clean.csv of prepare.clean could not be held against shapes:Clean: SystemExit: no."
    )


def test_a_failure_says_how_its_columns_could_be_shown(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipetest.data import client

    project.write(
        {
            "pipeline.yaml": 'steps: {a: {inputs: {raw: data/c.csv}, args: ["{inputs.raw}"]}}',
            "a.py": "import csv, sys\nnext(csv.DictReader(open(sys.argv[1])))['amount']\n",
            "data/c.csv": "id,amt\n1,2\n",
        }
    )
    assert (
        project("run")
        .finding("column-missing")["detail"]
        .endswith("its inputs held:\n  raw: c.csv (11 bytes)\n    c.csv: 1 row of id int, amt int")
    )
    monkeypatch.setattr(client, "is_available", lambda: False)
    assert (
        project("run")
        .finding("exception")["detail"]
        .endswith("  raw: c.csv (11 bytes)\n  (pip install 'pipetest[data]' shows the columns of tables)")
    )


def test_a_column_that_was_lost_on_the_way_is_traced_to_the_step_that_lost_it(project: Project) -> None:
    copy = "import shutil, sys\nshutil.copytree(sys.argv[1], sys.argv[2], dirs_exist_ok=True)\n"
    project.write(
        {
            "pipeline.yaml": """\
                steps:
                  first: {inputs: {raw: data}, args: ["{inputs.raw}", "{outputs.out}"], outputs: [out]}
                  second: {inputs: {in: first.out}, args: ["{inputs.in}", "{outputs.out}"], outputs: [out]}
                  third: {inputs: {in: second.out}, args: ["{inputs.in}"]}
                  fourth: {inputs: {in: {from: second.out, columns: {amount: int}}}, script_path: third.py}
                """,
            "data/c.csv": "id,amount\n1,2\n",
            "first.py": "import pathlib, sys\n"
            "text = pathlib.Path(sys.argv[1], 'c.csv').read_text().replace('amount', 'total')\n"
            "pathlib.Path(sys.argv[2], 'c.csv').write_text(text)\n",
            "second.py": copy,
            "third.py": "import csv, sys\n"
            "for row in csv.DictReader(open(sys.argv[1] + '/c.csv')):\n    row['amount']\n",
        }
    )
    answer = project("run")
    lost = " first was given `amount` in c.csv of data, and did not hand it on."
    assert [one["message"] for one in answer.findings() if one["code"] == "column-missing"] == [
        "third.py asked for the column `amount`, which c.csv of second.out (written by second) does not "
        "have; it has `id`, `total`. (KeyError: 'amount', line 3)" + lost,
        "c.csv of second.out has no column `amount`." + lost,
    ]
