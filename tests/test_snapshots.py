"""Snapshots: what is written of the outputs of a run, and what is said when a later run differs."""

from __future__ import annotations

import difflib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipetest.data.facts import Column, Table
from pipetest.results import Finding, Severity
from pipetest.snapshots.snapshot_files import (
    Snapshot,
    SnapshotError,
    compare,
    not_compared,
    parse,
    path_of,
    read,
    unreadable,
    write_text,
)

FILE = "churn/pipeline.snapshot.yaml"
CLEAN = Table(
    "clean.csv",
    "csv",
    rows=1000,
    columns=(
        Column("id", "int", 0, 1, 1000),
        Column("age", "int", 0, 0, 97),
        Column("amount", "float", 31, 0.0123, 9871.2345),
        Column("plan", "str", 0, distinct=4),
        Column("name", "str"),
        Column("since", "date", 0, "2019-01-01", "2024-06-30"),
    ),
)
METRICS = Table("metrics.json", "json", keys=("f1", "accuracy", "on"))
MODEL = Table("model.pkl", "pickle", bytes=14_567)
WHOLE = {
    ("prepare", "clean.csv"): (CLEAN,),
    ("train", "model"): (MODEL, Table("features.csv", "csv", rows=2, columns=(Column("type", "str"),))),
    ("evaluate", "metrics.json"): (METRICS,),
}
TEXT = """\
# What the steps of pipeline.yaml wrote: facts of each output. `pipetest run` reports what has changed since.
# Accept changes with `pipetest run --update-snapshot`; numbers within the tolerance stay as they are then.
# Yours to edit is `tolerance`: the one here, or one in an output, a file or a column. `any`: not compared.
format: pipetest-snapshot/1
tolerance: {rows: 10%, range: 10%, nulls: 5%}

prepare.clean.csv:
  clean.csv:
    format: csv
    rows: 1000
    columns:
      id: {type: int, min: 1, max: 1000}
      age: {type: int, min: 0, max: 97}
      amount: {type: float, min: 0.012, max: 9870, nulls: 3.1%}
      plan: {type: str, distinct: 4}
      name: {type: str}
      since: {type: date, min: '2019-01-01', max: '2024-06-30'}

train.model:
  features.csv:
    format: csv
    rows: 2
    columns:
      type: {type: str}
  model.pkl: {format: pickle}

evaluate.metrics.json:
  metrics.json:
    format: json
    keys:
    - accuracy
    - f1
    - 'on'
"""


def snapshot(*tables: Table, output: str = "out", text: str | None = None) -> Snapshot:
    """A snapshot of one output of the step ``make``."""
    return parse(text or write_text("p.yaml", {("make", output): tables}, None, {}), FILE)


def compared(old: Table | Snapshot, *new: Table) -> Finding | None:
    before = old if isinstance(old, Snapshot) else snapshot(old)
    found = compare("make", before, {"out": new}, FILE)
    assert len(found) <= 1
    return found[0] if found else None


def said(old: Table | Snapshot, *new: Table) -> tuple[str, str, list[str]]:
    """How much the finding weighs, its message and its detail."""
    found = compared(old, *new)
    assert found
    assert found.code == "snapshot-changed"
    assert found.step == "make"
    assert "--update-snapshot" in found.hint
    return found.severity, found.message, [line.strip() for line in found.detail.splitlines()]


def with_column(name: str, /, **changes: object) -> Table:
    """CLEAN, with one of its columns changed."""
    columns = [replace(one, **changes) if one.name == name else one for one in CLEAN.columns]  # type: ignore[arg-type]
    return replace(CLEAN, columns=tuple(columns))


def updated(old: Snapshot, *tables: Table) -> str:
    return write_text("p.yaml", {("make", "out"): tables}, old, {})


def diff(old: str, new: str) -> list[str]:
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=0)
    return [line for line in lines if line[:2] not in ("--", "++", "@@")]


# --- the text


def test_a_snapshot_lies_beside_the_pipeline_file() -> None:
    assert path_of(Path("churn/pipeline.yaml")) == Path("churn/pipeline.snapshot.yaml")


def test_the_whole_text_is_one_line_a_column_in_the_order_of_the_steps() -> None:
    assert write_text("pipeline.yaml", WHOLE, None, {}) == TEXT


def test_the_whole_text_is_read_again() -> None:
    read_again = parse(TEXT, FILE)
    assert list(read_again.outputs) == ["prepare.clean.csv", "train.model", "evaluate.metrics.json"]
    assert write_text("pipeline.yaml", WHOLE, read_again, {}) == TEXT


def test_numbers_are_rounded_by_the_range_and_keep_what_tells_them_apart() -> None:
    columns = (
        Column("epoch", "int", 0, 1_700_000_003, 1_700_086_411),
        Column("year", "int", 0, 2019, 2024),
        Column("constant", "int", 0, 20240115, 20240115),
        Column("score", "float", 0, 0.0001234, 0.98765),
        Column("odd", "float", 0, float("-inf"), float("inf")),
        Column("at", "datetime", 0, "2024-01-01T00:00:00.123", "2024-01-02T05:00:00+02:00"),
    )
    text = write_text("p", {("make", "out"): (Table("a.csv", "csv", rows=10, columns=columns),)}, None, {})
    assert text.splitlines()[-6:] == [
        "      epoch: {type: int, min: 1700000000, max: 1700086400}",
        "      year: {type: int, min: 2019, max: 2024}",
        "      constant: {type: int, min: 20240100, max: 20240100}",
        "      score: {type: float, min: 0.00012, max: 0.988}",
        "      odd: {type: float, min: -inf, max: inf}",
        "      at: {type: datetime, min: '2024-01-01T00:00:00', max: '2024-01-02T03:00:00'}",
    ]


@pytest.mark.parametrize(
    ("nulls", "share"), [(1, "0.01%"), (250, "0.25%"), (3_000, "3%"), (99_999, "99.9%"), (100_000, "100%")]
)
def test_a_share_of_nulls_is_never_rounded_to_none_or_to_all(nulls: int, share: str) -> None:
    table = Table("a.csv", "csv", rows=100_000, columns=(Column("x", "str", nulls),))
    text = write_text("p", {("make", "out"): (table,)}, None, {})
    assert f"x: {{type: str, nulls: {share}}}" in text


def test_the_keys_of_a_large_object_are_counted() -> None:
    large = Table("a.json", "json", keys=tuple(f"customer {i}" for i in range(120)))
    text = write_text("p", {("make", "out"): (large,)}, None, {})
    assert text.endswith("  a.json: {format: json, keys: 120}\n")
    assert compared(snapshot(large), replace(large, keys=large.keys[:110])) is None
    assert "keys 120 -> 60" in said(large, replace(large, keys=large.keys[:60]))[1]


def test_the_names_of_outputs_begin_their_lines_so_that_git_shows_them_above_each_hunk() -> None:
    names = [line for line in TEXT.splitlines()[5:] if line[:1].isalpha()]
    assert names == ["prepare.clean.csv:", "train.model:", "evaluate.metrics.json:"]


def test_a_run_of_one_step_keeps_what_is_said_of_the_others() -> None:
    old = parse(TEXT, FILE)
    smaller = replace(CLEAN, rows=500)
    new = write_text("pipeline.yaml", {("prepare", "clean.csv"): (smaller,)}, old, {}, list(WHOLE))
    assert diff(TEXT, new)[:2] == ["-    rows: 1000", "+    rows: 500"]
    assert "  model.pkl: {format: pickle}" in new


def test_outputs_that_the_pipeline_has_no_more_are_dropped_and_its_order_is_taken() -> None:
    known = [("evaluate", "metrics.json"), ("prepare", "clean.csv")]
    new = parse(write_text("pipeline.yaml", {}, parse(TEXT, FILE), {}, known), FILE)
    assert list(new.outputs) == ["evaluate.metrics.json", "prepare.clean.csv"]


def test_an_update_changes_no_line_where_nothing_is_beyond_the_tolerance() -> None:
    old = snapshot(CLEAN)
    text = updated(old, CLEAN)
    noisy = replace(with_column("amount", nulls=40, min=0.5, max=9600.0), rows=1049)
    assert compared(old, noisy) is None
    assert updated(old, noisy) == text


def test_a_slow_drift_adds_up_until_it_is_told() -> None:
    first = snapshot(CLEAN)
    second = parse(updated(first, replace(CLEAN, rows=1080)), FILE)
    assert "rows 1,000 -> 1,160" in said(second, replace(CLEAN, rows=1160))[1]


def test_an_update_writes_what_was_found_and_nothing_else() -> None:
    old = snapshot(CLEAN)
    assert diff(updated(old, CLEAN), updated(old, with_column("age", max=180))) == [
        "-      age: {type: int, min: 0, max: 97}",
        "+      age: {type: int, min: 0, max: 180}",
    ]


def test_outputs_made_with_other_options_are_not_mixed() -> None:
    old = parse(write_text("p", WHOLE, None, {"rows": "100"}), FILE)
    with pytest.raises(SnapshotError, match=r"`--rows 100`, this run was not, and it wrote no train\.model"):
        write_text("p", {("prepare", "clean.csv"): (CLEAN,)}, old, {}, list(WHOLE))
    assert parse(write_text("p", WHOLE, old, {}), FILE).made_with == {}


# --- what is said of a change


def test_a_renamed_column_is_an_error_that_names_both() -> None:
    severity, message, detail = said(CLEAN, with_column("amount", name="amt"))
    assert severity == Severity.ERROR
    assert message == "clean.csv of make.out: the column `amount` is gone (new: `amt`)."
    assert detail == [
        "clean.csv",
        "- amount: float 0.012..9,870, 3.1% null",
        "+ amt: float 0.012..9,870, 3.1% null",
    ]


def test_a_finding_points_at_the_line_of_the_snapshot() -> None:
    old = snapshot(CLEAN)
    found = compared(old, with_column("age", type="str", min=None, max=None))
    assert found and found.file == FILE and found.line
    assert updated(old, CLEAN).splitlines()[found.line - 1].strip().startswith("age:")


def test_the_two_heaviest_changes_make_the_message_and_all_make_the_detail() -> None:
    new = with_column("amount", name="amt")
    _, message, detail = said(CLEAN, replace(new, rows=400, columns=new.columns[::-1]))
    assert message == (
        "clean.csv of make.out: the column `amount` is gone (new: `amt`), rows 1,000 -> 400 (tolerance 10%),"
        " and 1 more change."
    )
    assert "order of columns: since, name, plan, age, id" in detail


def test_whole_numbers_that_became_float_by_nulls_are_explained() -> None:
    _, message, _ = said(CLEAN, with_column("age", type="float", nulls=7))
    assert (
        "`age` is float, was int (pandas writes whole numbers as float where values are missing)" in message
    )
    assert "`age` nulls none -> 0.7%" in message


def test_a_new_type_hides_what_cannot_be_compared_with_the_old() -> None:
    assert said(CLEAN, with_column("age", type="str", min=None, max=None, distinct=3))[2] == [
        "clean.csv",
        "age: is str, was int",
    ]


@pytest.mark.parametrize(
    ("new", "words"),
    [
        (replace(CLEAN, rows=880), "rows 1,000 -> 880 (tolerance 10%)"),
        (replace(CLEAN, rows=0), "rows 1,000 -> 0 (tolerance 10%)"),
        (replace(CLEAN, format="parquet"), "the format csv -> parquet"),
        (replace(CLEAN, gzipped=True), "the format csv -> csv.gz"),
        (replace(CLEAN, header=False), "it has no header any more"),
        (replace(CLEAN, bad_rows=3), "bad rows 0 -> 3 (tolerance 10%)"),
        (Table("clean.csv", "csv", problem="x"), "it cannot be read any more"),
        (with_column("age", nulls=1), "`age` nulls none -> 0.1%"),
        (with_column("amount", nulls=90), "`amount` nulls 3.1% -> 9% (tolerance 5%)"),
        (with_column("amount", nulls=1000, min=None, max=None, type="str"), "`amount` nulls 3.1% -> 100%"),
        (with_column("age", max=108), "`age` max 97 -> 108 (tolerance 10% of its range)"),
        (with_column("age", min=-40), "`age` min 0 -> -40 (tolerance 10% of its range)"),
        (with_column("since", max="2025-06-30"), "`since` max 2024-06-30 -> 2025-06-30"),
        (Table("clean.csv", "csv", rows=990), "it has no columns any more"),
    ],
)
def test_what_breaks_a_reader_is_an_error(new: Table, words: str) -> None:
    severity, message, _ = said(CLEAN, new)
    assert severity == Severity.ERROR
    assert message.startswith(f"clean.csv of make.out: {words}")


@pytest.mark.parametrize(
    ("new", "words"),
    [
        (replace(CLEAN, columns=(*CLEAN.columns, Column("more", "int"))), "the column `more` is new"),
        (replace(CLEAN, columns=CLEAN.columns[::-1]), "the columns are in another order"),
        (with_column("plan", distinct=5), "`plan` distinct values 4 -> 5"),
        (with_column("plan", distinct=90), "`plan` distinct values 4 -> many"),
        (with_column("amount", nulls=0), "`amount` nulls 3.1% -> none"),
    ],
)
def test_what_breaks_no_reader_is_a_warning(new: Table, words: str) -> None:
    severity, message, _ = said(CLEAN, new)
    assert (severity, message) == (Severity.WARNING, f"clean.csv of make.out: {words}.")


def test_a_table_without_rows_is_told_once_and_not_by_every_column() -> None:
    empty = tuple(replace(one, type="str", min=None, max=None, nulls=0) for one in CLEAN.columns)
    assert said(CLEAN, replace(CLEAN, rows=0, columns=empty))[2] == [
        "clean.csv",
        "rows 1,000 -> 0 (tolerance 10%)",
    ]


def test_files_that_are_gone_and_new_are_told_of_the_output() -> None:
    severity, message, detail = said(snapshot(CLEAN, MODEL), replace(CLEAN, name="cleaned.csv"), MODEL)
    assert (severity, message) == (
        Severity.ERROR,
        "make.out: the file `clean.csv` is gone (new: `cleaned.csv`).",
    )
    assert detail == ["- clean.csv: csv, 1,000 rows, 6 columns", "+ cleaned.csv: csv, 1,000 rows, 6 columns"]
    assert said(snapshot(MODEL), MODEL, CLEAN)[0] == Severity.WARNING
    assert said(CLEAN)[1] == "make.out: the file `clean.csv` is gone."


def test_an_output_that_is_not_in_the_snapshot_is_a_warning() -> None:
    severity, message, detail = said(Snapshot(), CLEAN)
    assert (severity, message) == (Severity.WARNING, "make.out: it is new, and not in the snapshot.")
    assert detail == ["+ clean.csv: csv, 1,000 rows, 6 columns"]


def test_shards_are_one_table_however_many_there_are() -> None:
    one, many = replace(CLEAN, name="part-0.csv"), replace(CLEAN, name="part-*.csv", files=3)
    assert compared(one, many) is None
    assert compared(many, one) is None


def test_a_date_in_the_name_of_a_file_is_no_change() -> None:
    old = snapshot(replace(CLEAN, name="clean_20240101.csv"))
    new = replace(CLEAN, name="clean_20240102.csv")
    assert compared(old, new) is None
    assert "clean_20240101.csv" in updated(old, new)


def test_keys_of_a_json_object_are_compared_in_any_order() -> None:
    assert compared(METRICS, replace(METRICS, keys=METRICS.keys[::-1])) is None
    severity, message, detail = said(METRICS, replace(METRICS, keys=("accuracy", "auc", "on")))
    assert (severity, message) == (
        Severity.ERROR,
        "metrics.json of make.out: the key `f1` is gone (new: `auc`).",
    )
    assert detail == ["metrics.json", "- f1", "+ auc"]


def test_rows_of_a_sampled_table_are_compared_only_where_both_are_known() -> None:
    assert compared(CLEAN, replace(CLEAN, rows=None, sampled=True)) is None
    assert compared(replace(CLEAN, rows=None, sampled=True), CLEAN) is None


# --- tolerances


def test_a_hint_names_the_tolerance_only_where_a_wider_one_would_do() -> None:
    beyond, new = compared(CLEAN, replace(CLEAN, rows=600)), compared(CLEAN, with_column("age", nulls=1))
    assert beyond and "widen `tolerance: {rows: ...}`" in beyond.hint
    assert new and "tolerance" not in new.hint


def test_tolerances_are_taken_from_the_column_the_file_the_output_and_the_top() -> None:
    text = write_text("p.yaml", {("make", "out"): (CLEAN,)}, None, {})
    text = text.replace("rows: 10%, range", "rows: 0%, range")
    text = text.replace("max: 97}", "max: 97, tolerance: {range: any}}")
    assert "rows 1,000 -> 1,001 (tolerance 0%)" in said(snapshot(text=text), replace(CLEAN, rows=1001))[1]
    assert compared(snapshot(text=text), with_column("age", max=10_000)) is None
    of_file = text.replace("    rows: 1000", "    rows: 1000\n    tolerance: {rows: 50%}")
    assert compared(snapshot(text=of_file), replace(CLEAN, rows=1400)) is None
    of_output = text.replace("make.out:\n", "make.out:\n  tolerance: {rows: any, nulls: any}\n")
    assert compared(snapshot(text=of_output), replace(with_column("age", nulls=900), rows=1)) is None


def test_an_update_keeps_the_tolerances_of_the_user() -> None:
    text = write_text("p.yaml", {("make", "out"): (CLEAN,)}, None, {})
    text = text.replace("rows: 10%, range", "rows: 0%, range")
    text = text.replace("max: 97}", "max: 97, tolerance: {range: any}}")
    text = text.replace("    columns:", "    tolerance: {rows: 50%}\n    columns:")
    text = text.replace("make.out:\n", "make.out:\n  tolerance: {nulls: any}\n")
    new = updated(snapshot(text=text), replace(with_column("age", type="str", min=None, max=None), rows=5000))
    assert diff(text, new) == [
        "-    rows: 1000",
        "+    rows: 5000",
        "-      age: {type: int, min: 0, max: 97, tolerance: {range: any}}",
        "+      age: {type: str, tolerance: {range: any}}",
    ]


# --- a snapshot that cannot be used


def test_there_may_be_no_snapshot(tmp_path: Path) -> None:
    assert read(tmp_path / "pipeline.snapshot.yaml") is None


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("    rows: 1000", "<<<<<<< HEAD\n    rows: 1000", 10, "merge conflict"),
        ("range: 10%", "range: 10", 5, "tolerance.range"),
        ("range: 10%", "ranges: 10%", 5, "'ranges' was unexpected"),
        ("{format: pickle}", "{}", 25, "train.model.model.pkl"),
        ("{type: int, min: 1", "{typ: int, min: 1", 12, "columns.id"),
        ("    rows: 1000", "  rows: 1000", 11, "this is not YAML"),
        ("    rows: 1000", "    rows: 1000\n    rows: 9", 11, 'the key "rows" is there twice'),
        ("    rows: 1000", "\trows: 1000", 10, "a tab where none may be"),
        ("pipetest-snapshot/1", "pipetest-snapshot/9", 4, "in format"),
    ],
)
def test_a_broken_snapshot_is_refused_with_the_line_and_what_to_do(
    tmp_path: Path, old: str, new: str, line: int, words: str
) -> None:
    path = tmp_path / "pipeline.snapshot.yaml"
    path.write_text(TEXT.replace(old, new, 1), "utf-8")
    with pytest.raises(SnapshotError) as caught:
        read(path)
    finding = unreadable(caught.value)
    assert (finding.code, finding.severity, finding.file) == (
        "snapshot-unreadable",
        Severity.ERROR,
        str(path),
    )
    assert finding.line == line
    assert words in finding.message
    assert "pipetest run --update-snapshot" in finding.hint


def test_a_snapshot_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SnapshotError, match="a cannot be read: it is not UTF-8"):
        read(tmp_path / "a")
    with pytest.raises(SnapshotError, match="cannot be read"):
        read(tmp_path)


def test_a_run_with_other_options_is_not_compared_and_says_with_which_it_could_be() -> None:
    old = parse(write_text("p", WHOLE, None, {"rows": "100"}), FILE)
    assert not_compared(old, {"rows": "100"}, FILE) is None
    finding = not_compared(old, {}, FILE)
    assert finding and (finding.code, finding.severity) == ("snapshot-not-compared", Severity.NOTE)
    assert finding.message == (
        "Nothing was compared with pipeline.snapshot.yaml: it was made with `--rows 100`, and this run was"
        " without options that change the data."
    )
    assert finding.hint.startswith("Run with `--rows 100` to compare")


# --- whatever there is

names = st.text(min_size=1, max_size=12) | st.sampled_from(
    [
        "on",
        "1",
        "null",
        "~",
        "a: b",
        "- x",
        "#",
        "tolerance",
        "columns",
        "type",
        "2024-01-01",
        "é\n\x85",
        "x" * 300,
    ]
)
numbers = st.integers(-(2**64), 2**64) | st.floats(allow_nan=False)
dates = st.datetimes().map(lambda moment: moment.isoformat()) | st.dates().map(lambda day: day.isoformat())


@st.composite
def columns(draw: st.DrawFn, name: str) -> Column:
    type_ = draw(st.sampled_from(["int", "float", "str", "bool", "date", "datetime", "list", "struct"]))
    values = numbers if type_ in ("int", "float") else dates if type_.startswith("date") else st.none()
    pair = draw(st.tuples(values, values))
    low, high = (None, None) if None in pair else sorted(pair)  # type: ignore[type-var]
    return Column(name, type_, draw(st.integers(0, 50)), low, high, draw(st.none() | st.integers(0, 99)))


@st.composite
def tables(draw: st.DrawFn) -> Table:
    named = draw(st.lists(names, unique=True, max_size=4))
    return Table(
        draw(names),
        draw(st.sampled_from(["csv", "parquet", "json", "pickle", "text"])),
        rows=draw(st.none() | st.integers(0, 60)),
        columns=tuple(draw(columns(name)) for name in named),
        header=draw(st.booleans()),
        sampled=draw(st.booleans()),
        gzipped=draw(st.booleans()),
        keys=tuple(draw(st.lists(names, unique=True, max_size=3) | st.just(list(map(str, range(60)))))),
        bad_rows=draw(st.integers(0, 2)),
        problem=draw(st.none() | st.just("it is broken")),
    )


outputs = st.lists(tables(), max_size=3, unique_by=lambda table: table.name).map(tuple)


@settings(max_examples=100, deadline=None)
@given(outputs, names)
def test_whatever_was_written_is_read_again_and_does_not_differ(found: tuple[Table, ...], name: str) -> None:
    name = name.replace("\0", "")
    text = write_text(name, {("make", name): found}, None, {"rows": name})
    again = parse(text, FILE)
    assert compare("make", again, {name: found}, FILE) == []
    for table in found:
        key = "./tolerance" if table.name == "tolerance" else table.name.replace("\0", "\\x00")
        body = again.outputs[f"make.{name}"][key]
        assert list(body.get("columns", {})) == [one.name.replace("\0", "\\x00") for one in table.columns]


@settings(max_examples=100, deadline=None)
@given(outputs, outputs)
def test_after_an_update_nothing_differs_and_a_second_changes_nothing(
    old: tuple[Table, ...], new: tuple[Table, ...]
) -> None:
    text = updated(snapshot(*old), *new)
    assert compare("make", parse(text, FILE), {"out": new}, FILE) == []
    assert updated(parse(text, FILE), *new) == text


@settings(max_examples=100, deadline=None)
@given(outputs, outputs)
def test_an_update_changes_the_text_only_where_there_was_a_finding(
    old: tuple[Table, ...], new: tuple[Table, ...]
) -> None:
    before = snapshot(*old)
    if not compare("make", before, {"out": new}, FILE):
        kept = parse(updated(before, *new), FILE)
        assert compare("make", kept, {"out": old}, FILE) == []
