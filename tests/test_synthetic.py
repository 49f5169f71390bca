"""Synthetic data: what is declared is what is there, and the same seed gives the same bytes."""

from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipetest import RuntimeTester, data_files
from pipetest.data.client import DataError, Reader
from pipetest.data.facts import Broken, Table
from pipetest.data.synthetic import FORMATS, SyntheticError, file_name, refused, write
from pipetest.data.synthetic_like import learn
from pipetest.data.tables import connection, facts_of
from pipetest.pipeline import Input, Pipeline, PipelineError, Step, Synthetic, declared

ALL: dict[str, Any] = {
    "id": {"type": "int", "unique": True},
    "age": {"type": "int", "min": 18, "max": 90, "nullable": True},
    "share": "float",
    "active": "bool",
    "plan": {"type": "str", "choices": ["free", "pro, yearly", 'the "team"']},
    "note": {"type": "str", "nullable": True},
    "key": {"type": "str", "unique": True},
    "born": {"type": "date", "min": "1950-01-01", "max": "2005-12-31"},
    "seen": "datetime",
    "other": "any",
}
TEXTS = [form for form in FORMATS if form.partition(".")[0] in ("csv", "tsv", "json", "jsonl")]


def made(folder: Path, columns: Mapping[str, Any], rows: int = 100, form: str = "csv", seed: int = 0) -> Path:
    """A generated file."""
    path = folder / file_name("raw", form)
    write(path, declared(columns), rows, form, seed, "raw")
    return path


def facts(path: Path, columns: Mapping[str, Any] | None = None) -> Table:
    """The facts of one file, held against declared columns."""
    (table,) = facts_of(path.parent, [path.name], declared(columns))
    return table


def column(folder: Path, body: Mapping[str, Any], rows: int = 100) -> list[Any]:
    """The values of one generated column, as JSON has them."""
    return [row["x"] for row in json.loads(made(folder, {"x": body}, rows, "json").read_bytes())]


# --- what is declared is what is there ----------------------------------------------------------------------

NAMES = st.text("abcdefgh_ XY.'\"", min_size=1, max_size=8).filter(lambda name: name.strip() == name)
WORDS = st.text("abcxyz ,;'\"\n", min_size=1, max_size=6).map(lambda text: f"w{text}w")
DATES = st.dates(date(1900, 1, 1), date(2200, 1, 1))
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)).map(lambda one: one.replace(microsecond=0))
FLOATS = st.floats(-1e12, 1e12, allow_subnormal=False)
INTS = st.integers(-(2**62), 2**62)


def limits(values: st.SearchStrategy[Any], text: bool = False) -> st.SearchStrategy[dict[str, Any]]:
    """Neither, one or both limits of a range."""

    def chosen(pair: tuple[Any, Any], which: int) -> dict[str, Any]:
        low, high = (str(one) if text else one for one in sorted(pair))
        return ({"min": low} if which & 1 else {}) | ({"max": high} if which & 2 else {})

    return st.builds(chosen, st.tuples(values, values), st.integers(0, 3))


def choices(values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.lists(values, min_size=1, max_size=5).map(lambda them: {"choices": them})


def of(kind: str, *bodies: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    flags = st.fixed_dictionaries({}, optional={"nullable": st.booleans(), "unique": st.booleans()})
    return st.builds(lambda body, said: {"type": kind, **body, **said}, st.one_of(*bodies), flags)


BODIES = st.one_of(
    of("int", limits(INTS), limits(st.integers(-9, 300)), choices(st.integers(-9, 9))),
    of("float", limits(FLOATS), limits(st.floats(-1, 1, allow_subnormal=False)), choices(st.floats(-9, 9))),
    of("bool", st.just({}), choices(st.booleans())),
    of("str", st.just({}), choices(WORDS)),
    of("date", limits(DATES, text=True), choices(DATES.map(str))),
    of("datetime", limits(MOMENTS, text=True), choices(MOMENTS.map(str))),
    of("any", limits(FLOATS), choices(st.one_of(st.integers(-9, 9), WORDS))),
)


@settings(deadline=None, max_examples=150)
@given(
    st.dictionaries(NAMES, BODIES, min_size=1, max_size=6),
    st.integers(1, 60),
    st.integers(),
    st.sampled_from(["csv", "tsv.gz", "json", "jsonl.gz", "parquet", "arrow"]),
)
def test_generated_data_is_as_it_was_declared_or_is_refused(
    columns: dict[str, Any], rows: int, seed: int, form: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        if refused(columns, rows):
            with pytest.raises(SyntheticError):
                made(Path(folder), columns, rows, form, seed)
            return
        try:
            path = made(Path(folder), columns, rows, form, seed)
        except (
            SyntheticError
        ) as error:  # some ranges of floats hold too few, which only shows when they are made
            assert "too narrow" in str(error)
            return
        table = facts(path, columns)
        assert (table.rows, [one.name for one in table.columns]) == (rows, list(columns))
        assert table.problem is None
        for name, broken in (table.broken or {}).items():
            nulls = broken.nulls if columns[name].get("nullable") else 0
            assert broken == Broken(nulls=nulls), (name, columns[name])
            assert nulls <= max(1, rows // 20)


def test_every_format_holds_what_is_declared(tmp_path: Path) -> None:
    for form in FORMATS:
        table = facts(made(tmp_path, ALL, 200, form), ALL)
        wrong = {name: one for name, one in (table.broken or {}).items() if one != Broken(nulls=one.nulls)}
        assert (table.rows, len(table.columns), table.problem, wrong) == (200, 10, None, {}), form
        assert (table.format, table.gzipped) == (
            {"feather": "arrow"}.get(form, form.removesuffix(".gz")),
            form.endswith(".gz"),
        )


def test_a_seed_gives_the_same_bytes_on_every_run_and_another_gives_others(tmp_path: Path) -> None:
    for form in FORMATS:
        first, again, other = (made(tmp_path, ALL, 50, form, seed).read_bytes() for seed in (1, 1, 2))
        assert first == again, form
        assert first != other, form


def test_the_bytes_are_the_ones_that_they_were_when_this_was_written(tmp_path: Path) -> None:
    digest = hashlib.sha256(made(tmp_path, ALL, 50, "csv", 1).read_bytes()).hexdigest()
    assert digest[:16] == "1d7a38e1dc4a3bac"


def test_a_gzip_holds_neither_time_nor_name(tmp_path: Path) -> None:
    packed, plain = made(tmp_path, ALL, 9, "csv.gz"), made(tmp_path, ALL, 9)
    assert packed.read_bytes()[3:8] == bytes(5)  # no flags, no time
    assert gzip.decompress(packed.read_bytes()) == plain.read_bytes()


def test_a_column_that_is_added_leaves_the_others_as_they_were(tmp_path: Path) -> None:
    before = json.loads(made(tmp_path, {"a": "int", "b": "str"}, 20, "json").read_bytes())
    after = json.loads(made(tmp_path, {"new": "int", "b": "str", "a": "int"}, 20, "json").read_bytes())
    assert [{"a": row["a"], "b": row["b"]} for row in after] == before


def test_columns_and_inputs_that_are_declared_alike_differ(tmp_path: Path) -> None:
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    columns = declared({"a": "float", "b": "float"})
    write(one, columns, 50, "csv", 0, "train")
    write(other, columns, 50, "csv", 0, "test")
    assert one.read_text() != other.read_text()
    assert all(a != b for a, b in (line.split(",") for line in one.read_text().splitlines()))


@pytest.mark.parametrize("kind", ["int", "float", "str", "date", "datetime", "any"])
def test_values_vary(tmp_path: Path, kind: str) -> None:
    values = column(tmp_path, {"type": kind}, 200)
    assert len(set(values)) > 100
    assert None not in values


def test_unless_told_values_lie_where_one_expects_them(tmp_path: Path) -> None:
    assert all(0 <= one <= 1000 for one in column(tmp_path, {"type": "int"}))
    assert all(0 <= one <= 1 and round(one, 6) == one for one in column(tmp_path, {"type": "float"}))
    assert set(column(tmp_path, {"type": "bool"})) == {True, False}
    assert all(one.startswith("2024-") for one in column(tmp_path, {"type": "date"}))
    seen = column(tmp_path, {"type": "datetime"})
    assert all(one.startswith("2024-") and datetime.fromisoformat(one) for one in seen)
    words = column(tmp_path, {"type": "str"})
    assert all(one.isascii() and one.replace(" ", "").isalpha() for one in words)
    assert len({len(one) for one in words}) > 5


@pytest.mark.parametrize(
    ("body", "least", "greatest"),
    [
        ({"type": "int", "min": 18}, 18, 1018),
        ({"type": "int", "max": 120}, 0, 120),
        ({"type": "int", "max": -5}, -1005, -5),
        ({"type": "float", "max": 50}, 0, 50),
        ({"type": "float", "min": 10}, 10, 20),
        ({"type": "int", "min": 0.5, "max": 2.5}, 1, 2),
        ({"type": "date", "min": "2024-02-01 12:00", "max": "2024-02-03"}, "2024-02-02", "2024-02-03"),
        ({"type": "bool", "min": 1}, True, True),
    ],
)
def test_a_range_that_is_open_to_one_side_is_closed(
    tmp_path: Path, body: dict[str, Any], least: Any, greatest: Any
) -> None:
    values = column(tmp_path, body, 300)
    assert min(values) >= least
    assert max(values) <= greatest


def test_a_twentieth_of_what_may_be_missing_is_missing(tmp_path: Path) -> None:
    body = {"type": "int", "nullable": True}
    assert [column(tmp_path, body, rows).count(None) for rows in (1, 9, 10, 100, 1000)] == [0, 0, 1, 5, 50]


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 40), st.booleans(), st.integers())
def test_every_choice_occurs_where_there_are_rows_enough(count: int, nullable: bool, seed: int) -> None:
    body = {"type": "int", "choices": list(range(count)), "nullable": nullable}
    with tempfile.TemporaryDirectory() as folder:
        rows = json.loads(made(Path(folder), {"x": body}, count, "json", seed).read_bytes())
    assert {row["x"] for row in rows} == set(range(count))


def test_unique_values_are_spread_over_their_range(tmp_path: Path) -> None:
    values = column(tmp_path, {"type": "int", "unique": True, "min": 0, "max": 10_000}, 100)
    assert len(set(values)) == 100
    assert {value // 1000 for value in values} >= set(range(10))
    assert values != sorted(values)


def test_a_unique_column_without_a_range_has_room_for_any_number_of_rows(tmp_path: Path) -> None:
    columns = {kind: {"type": kind, "unique": True} for kind in ("int", "float", "str", "date", "datetime")}
    assert refused(declared(columns), 5000) == []
    table = facts(made(tmp_path, columns, 5000), columns)
    assert set((table.broken or {}).values()) == {Broken()}


# --- how others read it -------------------------------------------------------------------------------------


def test_pandas_reads_each_format_with_the_types_that_were_declared(tmp_path: Path) -> None:
    pd = pytest.importorskip("pandas")
    columns = {name: body for name, body in ALL.items() if name not in ("age", "note")}
    frames = {
        "csv": pd.read_csv(made(tmp_path, columns)),
        "tsv.gz": pd.read_csv(made(tmp_path, columns, form="tsv.gz"), sep="\t"),
        "json": pd.read_json(made(tmp_path, columns, form="json")),
        "jsonl": pd.read_json(made(tmp_path, columns, form="jsonl"), lines=True),
        "parquet": pd.read_parquet(made(tmp_path, columns, form="parquet")),
        "feather": pd.read_feather(made(tmp_path, columns, form="feather")),
    }
    for form, frame in frames.items():
        frame["seen"] = pd.to_datetime(frame["seen"])
        kinds = {name: frame[name].dtype.kind for name in ("id", "share", "active", "seen", "other")}
        assert kinds == {"id": "i", "share": "f", "active": "b", "seen": "M", "other": "f"}, form
        assert set(frame["plan"]) == set(ALL["plan"]["choices"]), form
        assert list(frame["id"]) == list(frames["csv"]["id"]), form


def test_parquet_and_arrow_keep_the_declared_types_beside_nulls(tmp_path: Path) -> None:
    parquet, feather = pytest.importorskip("pyarrow.parquet"), pytest.importorskip("pyarrow.feather")
    types = "int64 int64 double bool string string string date32[day] timestamp[us] double".split()  # noqa: SIM905
    for form, read in (("parquet", parquet.read_table), ("arrow", feather.read_table)):
        table = read(made(tmp_path, ALL, form=form))
        assert [str(one.type) for one in table.schema] == types, form
        assert table.column("age").null_count == 5


def test_without_pyarrow_duckdb_writes_the_same_parquet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def described(path: Path) -> list[Any]:
        return connection().execute(f"SELECT * FROM read_parquet('{path}')").fetchall()

    with_it = described(made(tmp_path, ALL, form="parquet"))
    monkeypatch.setattr("pipetest.data.synthetic._has_pyarrow", lambda: False)
    path = made(tmp_path, ALL, form="parquet")
    assert described(path) == with_it
    assert [one.type for one in facts(path).columns][6:9] == ["str", "date", "datetime"]


def test_without_pyarrow_an_arrow_file_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(SyntheticError, match="needs pyarrow, which is not installed: install it"):
        made(tmp_path, ALL, form="arrow")


def test_texts_need_nothing_but_the_standard_library(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from pipetest.data.synthetic import write\n"
        "assert 'random' not in sys.modules and 'csv' not in sys.modules\n"
        f"for form in {TEXTS!r}:\n"
        f"    write(Path({str(tmp_path)!r}, form), {{'a': {{'type': 'datetime'}}}}, 5, form, 0)\n"
        "assert not {'duckdb', 'pyarrow', 'pandas', 'numpy'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-S", "-c", _with_source(code)], check=True)
    assert len(list(tmp_path.iterdir())) == len(TEXTS)


def _with_source(code: str) -> str:
    import pipetest

    return f"import sys; sys.path.insert(0, {str(Path(pipetest.__file__).parents[1])!r})\n{code}"


# --- what is refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"type": "int", "unique": True, "choices": [1, 2, 3]}, "unique, and has only 3 possible values"),
        ({"type": "bool", "unique": True}, "unique, and has only 2 possible values for 100 rows"),
        ({"type": "int", "unique": True, "min": 1, "max": 50}, "only 50 possible values"),
        ({"type": "int", "min": 5, "max": 1}, "between its `min` and its `max`: swap"),
        ({"type": "int", "min": 0.2, "max": 0.8}, "between its `min` and its `max`"),
        ({"type": "float", "min": 5, "max": 1}, "`min` above its `max`: swap"),
        ({"type": "int", "min": "five"}, "`min` of the column `x` is no number"),
        ({"type": "float", "max": float("nan")}, "`max` of the column `x` is no number"),
        ({"type": "date", "min": 5}, "no ISO date such as"),
        ({"type": "int", "choices": ["a"]}, "No choice of the column `x` is of its type"),
        ({"type": "int", "choices": [1, 2], "min": 3}, "No choice of the column `x`"),
        ({"type": "str", "max": "m"}, "give it `choices`"),
        ({"type": "int", "max": 2**64}, "more than 64 bits"),
        ({"type": "list"}, "take one of int, float"),
    ],
)
def test_what_cannot_be_made_is_said_before_anything_is(
    tmp_path: Path, body: dict[str, Any], said: str
) -> None:
    columns = {"fine": {"type": "int"}, "x": body}
    (problem,) = refused(columns, 100)
    assert "`x`" in problem
    assert said in problem
    with pytest.raises(SyntheticError):
        made(tmp_path, columns)
    assert list(tmp_path.iterdir()) == []


def test_no_columns_and_unknown_formats_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SyntheticError, match="No columns are declared: name them"):
        made(tmp_path, {})
    with pytest.raises(SyntheticError, match="`xlsx` is not generated: take one of csv"):
        made(tmp_path, ALL, form="xlsx")


def test_more_than_memory_holds_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SyntheticError, match=r"^1,000,000,000 rows of 1 columns are too many: ask for fewer"):
        made(tmp_path, {"a": "int"}, 1_000_000_000)


@pytest.mark.parametrize(
    ("name", "form", "file"),
    [
        ("raw", "csv", "raw.csv"),
        ("raw.csv", "csv", "raw.csv"),
        ("raw.csv", "csv.gz", "raw.csv.gz"),
        ("raw.csv.gz", "csv.gz", "raw.csv.gz"),
        ("RAW.CSV", "csv", "RAW.CSV"),
        ("raw", "feather", "raw.feather"),
        ("raw.v2", "parquet", "raw.v2.parquet"),
    ],
)
def test_an_input_gets_a_file_of_its_name(name: str, form: str, file: str) -> None:
    assert file_name(name, form) == file


# --- like a sample ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "tsv.gz", "json", "jsonl.gz", "parquet", "feather"])
def test_what_is_learnt_of_generated_data_is_what_it_was_made_of(tmp_path: Path, form: str) -> None:
    columns, learnt_form = learn(made(tmp_path, ALL, 400, form))
    assert learnt_form == form
    assert list(columns) == list(ALL)
    assert columns["plan"] == {"type": "str", "choices": sorted(ALL["plan"]["choices"])}
    assert (columns["active"], columns["note"]) == ({"type": "bool"}, {"type": "str", "nullable": True})
    assert columns["key"] == {"type": "str", "unique": True}
    age, born, number = columns["age"], columns["born"], columns["id"]
    assert (age["type"], age["nullable"]) == ("int", True)
    assert 18 <= age["min"] < age["max"] <= 90
    assert born["type"] == "date"
    assert "1950-01-01" <= born["min"] < born["max"] <= "2005-12-31"
    assert (number["unique"], "max" in number) == (True, False)
    assert refused(columns, 10_000) == []


@settings(deadline=None, max_examples=40)
@given(st.dictionaries(NAMES, BODIES, min_size=1, max_size=4), st.integers(1, 60), st.integers(1, 60))
def test_data_that_is_like_a_sample_is_as_the_sample_says(
    columns: dict[str, Any], rows: int, more: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            learnt, form = learn(made(Path(folder), columns, rows))
        except SyntheticError:
            return
        assert form == "csv"
        if not refused(learnt, more):
            table = facts(made(Path(folder), learnt, more), learnt)
            assert all(one == Broken(nulls=one.nulls) for one in (table.broken or {}).values())


def test_a_sample_may_be_a_folder_of_shards(tmp_path: Path) -> None:
    for i in range(2):
        write(tmp_path / f"part-{i}.csv", declared({"a": "int"}), 50, "csv", i)
    (tmp_path / "_SUCCESS").touch()
    assert learn(tmp_path)[0]["a"]["type"] == "int"


def test_few_values_of_which_each_occurs_often_are_choices(tmp_path: Path) -> None:
    lines = [f"{i % 3},{i % 2}.5,{'ab'[i % 2]}" for i in range(30)]
    (tmp_path / "s.csv").write_text("\n".join(["n,f,s", *lines, ""]))
    assert learn(tmp_path / "s.csv")[0] == {
        "n": {"type": "int", "choices": [0, 1, 2]},
        "f": {"type": "float", "choices": [0.5, 1.5]},
        "s": {"type": "str", "choices": ["a", "b"]},
    }


def test_data_that_is_like_a_file_without_a_header_has_none(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("".join(f"{i % 2},{i}.5\n" for i in range(30)))
    columns, _ = learn(tmp_path / "s.csv")
    assert list(columns) == ["0", "1"]
    table = facts(made(tmp_path, columns, 40))
    assert (table.rows, table.header) == (40, False)


def test_samples_without_a_table_and_columns_without_a_plain_type_are_refused(tmp_path: Path) -> None:
    (tmp_path / "s.txt").write_text("words\n")
    with pytest.raises(SyntheticError, match=r"s\.txt holds no table \(it has no rows"):
        learn(tmp_path / "s.txt")
    (tmp_path / "s.jsonl").write_text('{"a": 1, "b": [1, 2]}\n{"a": 2, "b": []}\n')
    with pytest.raises(SyntheticError, match=r"not generated, b: declare `columns`"):
        learn(tmp_path / "s.jsonl")


def test_the_reader_generates_and_learns(tmp_path: Path) -> None:
    path = tmp_path / "raw.csv"
    with Reader() as reader:
        reader.ask("generate", path=str(path), columns={"a": {"type": "int"}}, rows=50, format="csv", seed=0)
        told = reader.ask("learn", path=str(path))
        assert (told["format"], told["columns"]["a"]["type"]) == ("csv", "int")
        with pytest.raises(DataError, match="No columns are declared"):
            reader.ask("generate", path=str(path), columns={}, rows=50, format="csv", seed=0)


# --- pipetest data ------------------------------------------------------------------------------------------


def pipeline(folder: Path, *inputs: Input, step: str = "prep") -> Pipeline:
    return Pipeline("demo", (Step(step, inputs=inputs), Step("other")), path=folder / "pipeline.yaml")


def raw(name: str = "raw", rows: int = 30, form: str = "csv", **more: Any) -> Input:
    return Input(name, columns={"a": "int", "b": "str"}, synthetic=Synthetic(rows, form, **more))


def test_data_writes_a_file_for_each_generated_input_and_says_how_to_use_it(tmp_path: Path) -> None:
    demo = pipeline(tmp_path, raw(), raw("x.tsv", 5, "tsv.gz", seed=3), Input("real", path=tmp_path))
    written = data_files.write(demo, tmp_path / "data")
    assert [(one.path.name, one.rows, one.columns, one.seed) for one in written] == [
        ("prep.raw.csv", 30, 2, 0),
        ("prep.x.tsv.gz", 5, 2, 3),
    ]
    text = data_files.render(written, demo).replace(str(tmp_path), "HERE")
    assert text == (
        "HERE/data/prep.raw.csv: synthetic, 30 rows x 2 columns, seed 0\n"
        "  for one run  --data prep.raw=HERE/data/prep.raw.csv\n"
        "  for good     in pipeline.yaml, steps: prep: inputs: raw: path: data/prep.raw.csv\n"
        "HERE/data/prep.x.tsv.gz: synthetic, 5 rows x 2 columns, seed 3\n"
        "  for one run  --data prep.x.tsv=HERE/data/prep.x.tsv.gz\n"
        "  for good     in pipeline.yaml, steps: prep: inputs: x.tsv: path: data/prep.x.tsv.gz\n"
        "With a `path`, take `like`, `format`, `seed` and the number of `rows` out; `columns` can stay.\n"
    )
    assert [facts(one.path).rows for one in written] == [30, 5]


def test_data_takes_another_number_of_rows_and_the_steps_that_are_named(tmp_path: Path) -> None:
    demo = Pipeline("demo", (Step("a", inputs=(raw(),)), Step("b", inputs=(raw(),))))
    (one,) = data_files.write(demo, tmp_path, steps=["b"], rows=7)
    assert (one.path.name, facts(one.path).rows) == ("b.raw.csv", 7)


def test_data_overwrites_nothing_unless_it_is_forced_to(tmp_path: Path) -> None:
    demo = pipeline(tmp_path, raw("one"), raw("two"))
    (tmp_path / "prep.two.csv").write_text("mine")
    with pytest.raises(PipelineError, match=r"prep\.two\.csv is there already; nothing was written"):
        data_files.write(demo, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["prep.two.csv"]
    assert len(data_files.write(demo, tmp_path, force=True)) == 2
    assert (tmp_path / "prep.two.csv").read_text() != "mine"


def test_names_of_steps_and_inputs_make_safe_names_of_files_that_differ(tmp_path: Path) -> None:
    demo = pipeline(tmp_path, raw("a b"), raw("a/b"), raw("A_B"), raw("../x"), step=".my step")
    names = [one.path.name for one in data_files.write(demo, tmp_path / "data")]
    assert names == ["_my_step.a_b.csv", "_my_step.a_b-2.csv", "_my_step.A_B-3.csv", "_my_step..._x.csv"]
    assert {path.parent.name for path in (tmp_path / "data").iterdir()} == {"data"}


def test_data_is_like_a_sample_with_the_declared_columns_over_it(tmp_path: Path) -> None:
    sample = made(tmp_path, {"a": "int", "b": "bool"}, 50)
    given_one = Input("raw", columns={"b": "float"}, synthetic=Synthetic(20, like=sample))
    (one,) = data_files.write(pipeline(tmp_path, given_one), tmp_path / "data")
    assert [(column.name, column.type) for column in facts(one.path).columns] == [
        ("a", "int"),
        ("b", "float"),
    ]


def test_data_says_all_that_stands_against_it_and_writes_nothing(tmp_path: Path) -> None:
    bad = Input("bad", columns={"x": {"type": "bool", "unique": True}}, synthetic=Synthetic(), line=4)
    gone = Input("gone", synthetic=Synthetic(like=tmp_path / "gone.csv"), line=7)
    with pytest.raises(PipelineError) as caught:
        data_files.write(pipeline(tmp_path, raw(), bad, gone), tmp_path / "data")
    first, second = caught.value.faults
    assert first.message.startswith("The data for prep.bad cannot be made. The column `x` is unique")
    assert second.message.startswith("The data for prep.gone cannot be made. There is no ")
    assert (first.line, second.line, first.file) == (4, 7, str(tmp_path / "pipeline.yaml"))
    assert not (tmp_path / "data").exists()


def test_a_pipeline_without_generated_inputs_is_told_what_to_declare(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="No input of demo is to be generated") as caught:
        data_files.write(pipeline(tmp_path, Input("real", path=tmp_path)), tmp_path)
    assert "Give an input `columns`" in caught.value.faults[0].hint
    with pytest.raises(PipelineError, match="--step names `perp`"):
        data_files.write(pipeline(tmp_path, raw()), tmp_path, steps=["perp"])


def test_a_folder_that_cannot_be_made_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PipelineError, match="cannot be written to"):
        data_files.write(pipeline(tmp_path, raw()), tmp_path / "file")


# --- RuntimeTester ------------------------------------------------------------------------------------------

MAIN = """\
import csv

def main(input_paths, output_paths, environ_vars, job_args):
    for name in ("train", "test"):
        with open(input_paths["train"] + f"/{name}.csv") as file:
            assert len(list(csv.DictReader(file))) == 12
    input_paths["test"]
"""


def test_create_test_data_fills_the_folder_for_each_input_that_a_script_asks_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("fit.py").write_text(MAIN)
    tester = RuntimeTester("work")
    place = tester.create_test_data("fit", {"age": "int"}, rows=12)
    assert sorted(path.name for path in Path(place).iterdir()) == ["test.csv", "train.csv"]
    assert tester.test_script_with_data("fit", place).error_message is None
    assert tester.create_test_data(str(tmp_path / "fit.py")) == place


def test_create_test_data_takes_a_sample_and_says_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made(tmp_path, ALL, 40)
    tester = RuntimeTester("work")
    place = tester.create_test_data("unknown", like="raw.csv", rows=15)
    table = facts(Path(place, "data.csv"))
    assert (table.rows, [one.name for one in table.columns]) == (15, list(ALL))
    with pytest.raises(ValueError, match=r"^There is no .*gone\.csv: name"):
        tester.create_test_data("unknown", like="gone.csv")
    with pytest.raises(ValueError, match=r"^No columns are declared"):
        tester.create_test_data("unknown", columns={})


def test_dates_reach_the_ends_of_the_calendar(tmp_path: Path) -> None:
    body = {"type": "date", "min": "9999-12-30", "unique": True}
    assert set(column(tmp_path, body, 2)) == {"9999-12-30", "9999-12-31"}
    assert column(tmp_path, {"type": "date", "max": "0001-01-01"}, 1) == ["0001-01-01"]
    day = date(2024, 1, 1) + timedelta(days=365)
    assert max(column(tmp_path, {"type": "date"}, 5000)) == str(day)
