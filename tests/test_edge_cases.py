"""``pipetest run --edge-cases``: the same pipeline with data that is hard to take, and what comes of it."""

from __future__ import annotations

import csv
import gzip
import json
import shlex
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("duckdb")

from pipetest.data import sample_columns
from pipetest.data.edge_data import SUFFIXES, UNSEEN, VARIANTS, vary
from pipetest.data.facts import Column, Table
from pipetest.edges import edge_answers
from pipetest.edges.edge_variants import MOST, MOST_DROPPED, Outside, choose, variants_of
from pipetest.pipeline import Pipeline, Step
from pipetest.reporters import as_json, cells, edges
from pipetest.results import EdgeCase, Report, Status, from_dict

if TYPE_CHECKING:
    from tests.conftest import Answer, Project

NAMES = ["id", "label", "note"]
ROWS = [[str(i), "yes" if i % 3 else "no", f"note {i}"] for i in range(10)]
TEXT = "id,label,note\n" + "".join(",".join(row) + "\n" for row in ROWS)


def varied(tmp_path: Path, name: str, data: str | bytes, variant: str, *columns: str) -> Path:
    """What becomes of a file."""
    (tmp_path / "in").mkdir(exist_ok=True)
    source = tmp_path / "in" / name
    content = data.encode() if isinstance(data, str) else data
    source.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    vary(source, tmp_path / name, variant, columns)
    return tmp_path / name


def table(path: Path, delimiter: str = ",") -> list[list[str]]:
    """All records of a delimited text."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter=delimiter))


# --- what a variant is


def test_an_empty_text_has_its_header_alone(tmp_path: Path) -> None:
    assert varied(tmp_path, "a.csv", TEXT, "empty").read_bytes() == b"id,label,note\n"


def test_one_row_is_the_first(tmp_path: Path) -> None:
    assert table(varied(tmp_path, "a.csv", TEXT, "one row")) == [NAMES, ROWS[0]]


@pytest.mark.parametrize("count", [1, 2, 3, 10])
def test_every_column_has_nulls_and_no_row_is_lost(tmp_path: Path, count: int) -> None:
    text = "".join(TEXT.splitlines(True)[: count + 1])
    header, *rows = table(varied(tmp_path, "a.csv", text, "nulls"))
    assert (header, len(rows)) == (NAMES, count)
    assert all("" in column for column in zip(*rows, strict=True))
    assert count < 10 or all(column.count("") == 2 for column in zip(*rows, strict=True))


def test_one_class_is_a_value_that_was_there(tmp_path: Path) -> None:
    _, *rows = table(varied(tmp_path, "a.csv", TEXT, "one class", "label", "not here"))
    assert [row[1] for row in rows] == ["no"] * 10
    assert [row[0] for row in rows] == [row[0] for row in ROWS]


def test_a_category_is_new_in_some_rows_and_always_in_the_last(tmp_path: Path) -> None:
    _, *rows = table(varied(tmp_path, "a.csv", TEXT, "unseen category", "label"))
    assert [i for i, row in enumerate(rows) if row[1] == UNSEEN] == [4, 9]
    _, row = table(varied(tmp_path, "b.csv", "label\nno\n", "unseen category", "label"))
    assert row == [UNSEEN]


def test_columns_are_reordered_with_their_values(tmp_path: Path) -> None:
    reordered = table(varied(tmp_path, "a.csv", TEXT, "reordered"))
    assert reordered == [row[::-1] for row in [NAMES, *ROWS]]


def test_a_column_is_gone_where_there_is_one_of_that_name(tmp_path: Path) -> None:
    assert table(varied(tmp_path, "a.csv", TEXT, "without", "label"))[1] == ["0", "note 0"]
    assert table(varied(tmp_path, "b.csv", TEXT, "without", "other")) == [NAMES, *ROWS]


def test_texts_that_are_not_ascii_stay_apart_where_they_were(tmp_path: Path) -> None:
    _, *rows = table(varied(tmp_path, "a.csv", TEXT, "non-ASCII", "label"))
    assert {row[1] for row in rows} == {f"no{SUFFIXES[0]}", f"yes{SUFFIXES[1]}"}
    assert "\n" in "".join(SUFFIXES) and '"' in "".join(SUFFIXES) and "," in "".join(SUFFIXES)


def test_mark_line_ends_delimiter_and_compression_stay(tmp_path: Path) -> None:
    assert varied(tmp_path, "a.csv", "\ufeffa;b\r\n1;x\r\n2;y\r\n", "one row").read_bytes() == (
        "\ufeffa;b\r\n1;x\r\n".encode()
    )
    path = varied(tmp_path, "b.tsv.gz", "a\tb\n1\tx\n2\ty\n", "reordered")
    assert table(path, "\t") == [["b", "a"], ["x", "1"], ["y", "2"]]


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5)


@given(st.integers(1, 4).flatmap(lambda wide: st.lists(st.lists(CELL, min_size=wide, max_size=wide))))
def test_whatever_stands_in_a_text_no_variant_loses_or_moves_a_value(rows: list[list[str]]) -> None:
    names = [f"c{i}" for i in range(len(rows[0]) if rows else 2)]
    with TemporaryDirectory() as folder:
        path = Path(folder, "a.csv")
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([names, *rows])
        made = {}
        for variant in VARIANTS:
            target = Path(folder, f"{variant}.csv")
            vary(path, target, variant, ["c0"] if variant != "without" else names[1:])
            made[variant] = table(target)
        vary(Path(folder, "reordered.csv"), Path(folder, "again.csv"), "reordered")
        assert table(Path(folder, "again.csv")) == table(path) == [names, *rows]
    assert made["empty"] == [names]
    assert made["one row"] == [names, *rows[:1]]
    assert made["without"] == [row[:1] for row in [names, *rows]]
    for variant in ("nulls", "one class", "unseen category", "non-ASCII"):
        assert [row[1:] for row in made[variant]] == [row[1:] for row in [names, *rows]] or variant == "nulls"
        assert list(map(len, made[variant])) == [len(names)] * (len(rows) + 1)
    assert len({row[0] for row in made["non-ASCII"][1:]}) == len({row[0] for row in rows})


def test_a_text_without_a_header_stays_without(tmp_path: Path) -> None:
    assert varied(tmp_path, "a.csv", "1,x\n2,y\n", "without", "0").read_text() == "x\ny\n"
    assert varied(tmp_path, "b.csv", "1,x\n2,y\n", "one row").read_text() == "1,x\n"


def test_objects_keep_their_form_and_the_keys_that_they_have(tmp_path: Path) -> None:
    lines = '{"a": 1, "b": "x"}\n{"a": 2}\n{"b": "y", "c": [1]}\n'
    assert varied(tmp_path, "a.jsonl", lines, "without", "a").read_text() == (
        '{"b": "x"}\n{}\n{"b": "y", "c": [1]}\n'
    )
    assert varied(tmp_path, "b.jsonl", lines, "empty").read_bytes() == b""
    document = json.dumps([{"a": 1, "b": "x"}, {"a": 2, "b": "y"}])
    assert json.loads(varied(tmp_path, "c.json", document, "empty").read_text()) == []
    made = varied(tmp_path, "d.json", document, "non-ASCII", "b").read_text("utf-8")
    assert SUFFIXES[0] in made  # as a person writes it, and no escapes
    nulls = json.loads(varied(tmp_path, "e.json", document, "nulls").read_text())
    assert nulls == [{"a": None, "b": "x"}, {"a": 2, "b": None}]


FRAME = {"id": [1, 2, 3], "label": ["yes", "no", "no"], "x": [0.5, 1.5, 2.5]}


@pytest.mark.parametrize("variant", VARIANTS)
def test_parquet_keeps_its_types_with_pyarrow_and_without(
    tmp_path: Path, variant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    types = {"id": pa.int32(), "label": pa.string(), "x": pa.float64()}
    pq.write_table(pa.table(FRAME, schema=pa.schema(types)), tmp_path / "a.parquet")
    made = []
    for has_pyarrow in (True, False):
        monkeypatch.setattr(sample_columns, "has_pyarrow", lambda has=has_pyarrow: has)
        vary(tmp_path / "a.parquet", tmp_path / "b.parquet", variant, ["label"])
        made.append(pq.read_table(tmp_path / "b.parquet"))
        assert {field.name: field.type for field in made[-1].schema}.items() <= types.items()
    assert made[0].to_pydict() == made[1].to_pydict()
    assert made[0].to_pydict() != FRAME or variant == "reordered"
    assert variant != "reordered" or made[0].column_names == [*FRAME][::-1]


def test_arrow_files_keep_dictionaries(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    feather = pytest.importorskip("pyarrow.feather")
    kinds = pa.array(["a", "b", "a"]).dictionary_encode()
    feather.write_feather(pa.table({"kind": kinds, "n": [1, 2, 3]}), str(tmp_path / "a.arrow"))
    vary(tmp_path / "a.arrow", tmp_path / "b.arrow", "unseen category", ["kind"])
    made = feather.read_table(str(tmp_path / "b.arrow"))
    assert made.schema.field("kind").type == kinds.type
    assert made["kind"].to_pylist() == ["a", "b", UNSEEN]


def test_of_a_folder_what_is_no_table_and_what_cannot_be_read_stay_as_they_are(tmp_path: Path) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    (source / "deep").mkdir(parents=True)
    others = {"notes.txt": b"a,b", "broken.csv": b"a,b\n1,2\n1,2,3\n", "one.json": b'{"a": 1}'}
    for name, data in others.items():
        (source / name).write_bytes(data)
    (source / "deep" / "a.csv").write_text(TEXT)
    vary(source, target, "empty")
    assert {name: (target / name).read_bytes() for name in others} == others
    assert (target / "deep" / "a.csv").read_text() == "id,label,note\n"
    assert (source / "deep" / "a.csv").read_text() == TEXT


def test_where_no_table_can_be_varied_it_is_said_why(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"a\.csv: its rows have not one number of fields"):
        varied(tmp_path, "a.csv", "a,b\n1,2\n1,2,3\n", "empty")


# --- which variants


def facts(*columns: Column, rows: int = 100, header: bool = True) -> Table:
    return Table("a.csv", "csv", rows=rows, columns=columns, header=header)


def names_of(*tables: Table) -> list[str]:
    return [str(variant) for variant in variants_of(tables)]


def test_a_table_has_the_variants_that_say_something_of_it() -> None:
    whole = facts(
        Column("id", "int", distinct=100),
        Column("kind", "str", distinct=4),
        Column("is_label", "int", distinct=2),
        Column("name", "str"),
    )
    assert names_of(whole) == [
        "empty",
        "one row",
        "nulls",
        "one class in is_label",
        "one class in kind",
        "one class in all",
        "unseen category",
        "reordered",
        "non-ASCII",
        *(f"without {column.name}" for column in whole.columns),
    ]
    texts = next(one for one in variants_of([whole]) if one.kind == "non-ASCII")
    assert texts.columns == ("name",)  # another name of a category is a category that was not seen
    assert names_of(facts(Column("x", "float"), rows=1)) == ["empty", "nulls"]
    assert names_of(facts(Column("0", "int"), Column("1", "int"), header=False)) == [
        *("empty", "one row", "nulls", "without column 0", "without column 1")
    ]


def test_no_more_is_run_than_is_bearable_and_what_is_left_out_is_said() -> None:
    wide = facts(*(Column(f"c{i}", "float") for i in range(25)))
    outside = [Outside((("a", f"in{i}"),), f"{i}.csv", Path(f"{i}.csv"), (wide,)) for i in range(9)]
    left: list[str] = []
    chosen = choose(outside, left)
    assert len(chosen) == MOST
    assert {one.name for one, _ in chosen} == {one.name for one in outside}
    of_first = [str(variant) for one, variant in choose(outside[:1], []) if one is outside[0]]
    assert [name for name in of_first if name.startswith("without")] == [
        f"without c{i}" for i in (0, 2, 5, 7, 10, 12, 15, 17, 20, 22)
    ]
    assert len(left) == 9 * (4 + MOST_DROPPED) - MOST + 9
    assert left[-1] == "a.in8 (8.csv) without one of 15 other columns"


# --- what is made of how it ended


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("raise ValueError('age')", True),
        ("assert rows, 'no rows'", True),
        ("if not rows: raise ValueError('no rows')", True),
        ("raise", False),
        ("rows[0]['age']", False),
    ],
)
def test_an_error_is_meant_where_a_line_of_the_author_raises_it(
    tmp_path: Path, line: str, meant: bool
) -> None:
    script = tmp_path / "a b.py"
    script.write_text(f"rows = []\n{line}\n")
    log = f'Traceback (most recent call last):\n  File "{script}", line 2, in <module>\n    x\nE: x\n'
    assert edge_answers.is_meant(log) is meant


def test_an_error_out_of_a_library_is_meant_where_the_library_checks_data(tmp_path: Path) -> None:
    frame = '  File "/v/lib/python3.12/site-packages/{}/x.py", line 2, in f\n    raise E\nE: x\n'
    assert edge_answers.is_meant(frame.format("pandera"))
    assert not edge_answers.is_meant(frame.format("pandas"))
    assert not edge_answers.is_meant('  File "/usr/lib/python3.12/csv.py", line 2, in f\nE: x\n')


def test_a_message_of_a_library_has_no_values_but_names_of_columns() -> None:
    said = "ValueError: could not convert string to float: 'Jo' in 'age'"
    assert edge_answers.without_values(said, ["age"]) == said.replace("Jo", "...")
    assert edge_answers.without_values("KeyError: 'age'", []) == "KeyError: 'age'"


def test_distance_is_that_from_the_nearest_reader() -> None:
    steps = [Step("a"), Step("b", needs=("a",)), Step("c", needs=("b", "a")), Step("d")]
    pipeline = Pipeline("p", tuple(steps))
    far = [edge_answers.distance(pipeline, {"a"}, name) for name in "abcd"]
    assert far == [0, 1, 1, None]


# --- for real

CSV = "age,label\n" + "".join(f"{20 + i},{'yes' if i % 3 else 'no'}\n" for i in range(30))
# Hands on what it reads, and looks at nothing.
PREPARE = """\
    import shutil, sys

    shutil.copy(sys.argv[1], sys.argv[2])
    """
TRAIN = """\
    import csv, statistics, sys

    with open(sys.argv[1], newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    ages = [int(row["age"]) for row in rows]
    with open(sys.argv[2], "w") as file:
        file.write(f"{statistics.mean(ages)} {sorted({row['label'] for row in rows})}")
    """
GUARD = """\
    import csv, shutil, sys

    with open(sys.argv[1], newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    missing = {"age", "label"} - set(reader.fieldnames or [])
    if missing:
        raise ValueError(f"no column {sorted(missing)}")
    if len({row["label"] for row in rows}) < 2:
        sys.exit("prepare.py: error: there must be two labels")
    assert all(row["age"].isdecimal() for row in rows), "an age is missing"
    shutil.copy(sys.argv[1], sys.argv[2])
    """
PIPELINE = """\
    steps:
      prepare:
        inputs: {raw: raw data.csv}
        outputs: [clean.csv]
        args: ["{inputs.raw}", "{outputs.clean.csv}"]
      train:
        inputs: {data: prepare.clean.csv}
        outputs: [model.txt]
        args: ["{inputs.data}", "{outputs.model.txt}"]
    """


def churn(project: Project, **files: str) -> Project:
    project.write(
        {"pipeline.yaml": PIPELINE, "raw data.csv": CSV, "prepare.py": PREPARE, "train.py": TRAIN}
        | {name.replace("_", "."): text for name, text in files.items()}
    )
    return project


def cases_of(answer: Answer) -> dict[str, Any]:
    """Variant to answer and distance."""
    return {one["variant"]: (one["answer"], one["distance"]) for one in answer.report["edge_cases"]}


def test_what_an_unguarded_pipeline_does_not_stand_fails_a_step_later(project: Project) -> None:
    before = churn(project).tree()
    answer = project("run", "--edge-cases")
    assert cases_of(answer) == {
        "empty": ("crash", 1),
        "one row": ("fine", None),
        "nulls": ("crash", 1),
        "one class in label": ("fine", None),
        "unseen category": ("fine", None),
        "reordered": ("fine", None),
        "non-ASCII": ("fine", None),
        "without age": ("crash", 1),
        "without label": ("crash", 1),
    }
    case = next(one for one in answer.report["edge_cases"] if one["variant"] == "without age")
    assert case["input"] == "prepare.raw (raw data.csv)"
    assert (case["step"], case["status"], case["line"]) == ("train", "failed", 5)
    assert case["file"] == str(project.folder / "train.py")
    assert {name: data for name, data in project.tree().items() if ".pipetest" not in name} == before


def test_the_table_says_where_and_the_findings_how_to_see_it_again(project: Project) -> None:
    answer = churn(project)("run", "--edge-cases")
    table = answer.out[answer.out.index("edge cases of") :]
    assert "  one row             ✓ fine\n" in table
    assert "  nulls               ✗ crash  train (1 step later), train.py:5: " in table
    assert "9 edge cases: 5 fine, 4 crash (4 in a later step)\n" in table
    assert all(len(line) <= 100 for line in table.partition("  step")[0].splitlines())
    assert answer.code == 0
    found = [one for one in answer.findings() if one["code"] == "edge-case-crash"]
    assert {(one["severity"], one["step"]) for one in found} == {("warning", "train")}
    again = next(one for one in answer.report["edge_cases"] if one["variant"] == "nulls")["rerun"]
    assert again in "".join(one["detail"] for one in found)
    assert project(*shlex.split(again)[1:]).verdicts["train"].startswith("failed")


def test_errors_that_the_author_thought_of_are_clear(project: Project) -> None:
    answer = churn(project, prepare_py=GUARD)("run", "--edge-cases")
    assert cases_of(answer) == {
        "empty": ("clear error", 0),
        "one row": ("clear error", 0),
        "nulls": ("clear error", 0),
        "one class in label": ("clear error", 0),
        "unseen category": ("fine", None),
        "reordered": ("fine", None),
        "non-ASCII": ("fine", None),
        "without age": ("clear error", 0),
        "without label": ("clear error", 0),
    }
    said = {one["variant"]: one["message"] for one in answer.report["edge_cases"]}
    assert said["empty"] == "prepare.py: error: there must be two labels"
    assert said["nulls"] == "AssertionError: an age is missing"
    assert not answer.findings()
    assert "· clear error  prepare.py:8: ValueError: no column ['age']" in answer.out


def test_what_is_declared_of_an_input_refuses_and_of_an_output_is_a_broken_promise(project: Project) -> None:
    columns = "columns: {age: {type: int, nullable: false}}"
    pipeline = PIPELINE.replace("[clean.csv]", "{clean.csv: {" + columns + "}}")
    answer = churn(project, pipeline_yaml=pipeline)("run", "--edge-cases")
    assert cases_of(answer)["without age"] == ("broken promise", 0)
    assert cases_of(answer)["nulls"] == ("broken promise", 0)
    pipeline = PIPELINE.replace("{raw: raw data.csv}", "{raw: {path: raw data.csv, " + columns + "}}")
    answer = churn(project, pipeline_yaml=pipeline)("run", "--edge-cases")
    assert cases_of(answer)["without age"] == ("refused", 0)
    assert cases_of(answer)["without label"] == ("crash", 1)


def test_what_hangs_is_ended_in_time(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipetest.edges import edge_cases

    monkeypatch.setattr(edge_cases, "AT_LEAST", 1.0)
    hang = PREPARE + "while len(open(sys.argv[1]).readlines()) < 2: pass\n"
    answer = churn(project, prepare_py=hang)("run", "--edge-cases")
    assert cases_of(answer)["empty"] == ("timeout", 0)
    said = [one["message"] for one in answer.findings()]
    assert "prepare does not end with edge cases of prepare.raw (raw data.csv): empty." in said


def test_only_some_rows_are_varied_unless_the_pipeline_needs_more(project: Project) -> None:
    long = "age,label\n" + "".join(f"{i},{'yes' if i % 3 else 'no'}\n" for i in range(3000))
    picky = PREPARE + "assert len(open(sys.argv[1]).readlines()) != 201, 'few'\n"
    for script, rows in ((PREPARE, 200), (picky, 3000)):
        churn(project, prepare_py=script).write({"raw data.csv": long})
        answer = project("run", "--edge-cases")
        own = project.runs()[-1] / ".edge-cases"
        again = next(one for one in answer.report["edge_cases"] if one["variant"] == "nulls")["rerun"]
        assert str(own) in again
        assert len(table(own / "03" / "raw data.csv")) == rows + 1


def test_the_same_file_is_varied_for_all_that_read_it(project: Project) -> None:
    pipeline = PIPELINE.replace("{data: prepare.clean.csv}", "{data: raw data.csv}")
    answer = churn(project, pipeline_yaml=pipeline)("run", "--edge-cases")
    assert {one["input"] for one in answer.report["edge_cases"]} == {"prepare.raw, train.data (raw data.csv)"}
    assert cases_of(answer)["empty"] == ("crash", 0)
    assert {one["severity"] for one in answer.findings()} == {"note"}


def test_generated_data_and_samples_are_varied_as_they_are(project: Project) -> None:
    declared = "{raw: {columns: {age: int, label: {type: str, choices: ['yes', 'no']}}, rows: 20}}"
    pipeline = PIPELINE.replace("{raw: raw data.csv}", declared)
    churn(project, pipeline_yaml=pipeline)
    answer = project("run", "--edge-cases")
    assert cases_of(answer)["without label"] == ("refused", 0)
    assert cases_of(answer)["one class in label"] == ("fine", None)
    churn(project)
    answer = project("run", "--edge-cases", "--rows", "5")
    assert cases_of(answer)["empty"] == ("crash", 1)
    assert len(table(project.runs()[-1] / ".edge-cases" / "03" / "raw data.csv")) == 6


def test_a_run_that_does_not_pass_is_not_varied(project: Project) -> None:
    answer = churn(project, train_py="raise ValueError('no')")("run", "--edge-cases")
    assert answer.code == 1
    assert answer.report["edge_cases"] == []
    assert answer.finding("edge-cases-not-run")["severity"] == "note"
    assert "No edge cases were run: they need a run that passes." in answer.out


def test_without_a_table_from_outside_it_is_said_that_nothing_was_varied(project: Project) -> None:
    steps = "steps: {a: {inputs: {x: x.bin}, outputs: [y], entry: [sh, -c, 'echo 1 > {outputs.y}/y']}}"
    project.write({"pipeline.yaml": steps, "x.bin": b"\x00\x01"})
    answer = project("run", "--edge-cases")
    assert (answer.code, answer.report["edge_cases"]) == (0, [])
    assert "no input from outside holds a table with rows" in answer.out


def test_where_a_part_of_the_rows_is_too_little_nothing_is_varied(project: Project) -> None:
    needy = PREPARE + "assert len(open(sys.argv[1]).readlines()) > 9000, 'few'\n"
    churn(project, prepare_py=needy)
    project.write({"raw data.csv": "age,label\n" + "1,yes\n2,no\n" * 5000})
    answer = project("run", "--edge-cases")
    assert (answer.code, answer.report["edge_cases"]) == (0, [])
    assert "prepare does not pass, with nothing varied" in answer.finding("edge-cases-not-run")["message"]


def test_interrupted_it_ends_with_what_was_found_so_far(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipetest import cli

    def interrupt(number: int, total: int, case: EdgeCase) -> None:
        if number == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_say_edge_case", interrupt)
    answer = churn(project)("run", "--edge-cases")
    assert answer.code == 130
    assert answer.report["interrupted"]
    assert [one["variant"] for one in answer.report["edge_cases"]] == ["empty", "one row"]


def test_without_the_option_the_report_says_nothing_of_it(project: Project) -> None:
    answer = churn(project)("run")
    assert "edge_cases" not in answer.report
    assert "edge case" not in answer.out


def test_failures_of_pandas_are_crashes_where_nothing_was_checked(project: Project) -> None:
    pytest.importorskip("pandas")
    train = """\
        import sys
        import pandas as pd

        table = pd.read_csv(sys.argv[1])
        model = table["age"].astype(int).groupby(table["label"]).mean()
        model.to_csv(sys.argv[2])
        """
    answer = churn(project, train_py=train)("run", "--edge-cases")
    assert cases_of(answer)["nulls"] == ("crash", 1)
    assert cases_of(answer)["without age"] == ("crash", 1)
    assert cases_of(answer)["reordered"] == ("fine", None)
    assert not any(".edge-cases" in one["message"] for one in answer.report["edge_cases"])


# --- as it is shown


def shown(*cases: EdgeCase, **look: Any) -> str:
    report = Report("1", "run", "p", "now", 1.0, (), edge_cases=cases)
    return edges.render(report, **{"color": False, "width": 60, **look})


FAILED = EdgeCase(
    "a.in (x.csv)", "empty", "crash", "b", Status.FAILED, "exception", "E: " + "x " * 50, "/p/b.py", 7, 2
)


def test_a_row_is_one_line_and_fits() -> None:
    wide = EdgeCase("a.in (x.csv)", "without 北京" * 9, "clear error", "a", message="no\nage", distance=0)
    lines = shown(FAILED, wide).splitlines()
    assert lines[1].startswith("  empty  ✗ crash")
    assert lines[1].endswith("…")
    assert all(cells(line) <= 60 for line in lines)
    assert shown(FAILED, ascii_only=True, quiet=True).isascii()
    assert "a: no\\nage" in shown(wide, width=100)


def test_the_report_reads_back_into_the_same() -> None:
    fine = EdgeCase("a.in (x.csv)", "nulls", "fine")
    report = Report("1", "run", "p", "now", 1.0, (), edge_cases=(FAILED, fine))
    assert from_dict(json.loads(as_json.render(report))) == report


def test_quietly_only_what_went_ill_is_shown() -> None:
    fine = EdgeCase("a.in (x.csv)", "nulls", "fine")
    assert "nulls" in shown(FAILED, fine)
    assert "nulls" not in shown(FAILED, fine, quiet=True)
