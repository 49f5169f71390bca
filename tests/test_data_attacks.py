"""Data and declarations that are meant to break what reads them: nothing hangs, dies or passes unseen."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pipetest.data.client import Reader
    from pipetest.data.facts import Table
    from tests.conftest import Project

pytest.importorskip("duckdb", reason="tables are read by DuckDB")


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    from pipetest.data.client import Reader

    with Reader() as one:
        yield one


def read(reader: Reader, folder: Path, files: Mapping[str, str | bytes], **wanted: Any) -> tuple[Table, ...]:
    """The facts of a folder with these files."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return reader.facts(folder, wanted)


def columns(table: Table) -> list[tuple[str, str]]:
    return [(one.name, one.type) for one in table.columns]


# --- texts


def test_a_header_longer_than_what_is_looked_at_first(reader: Reader, tmp_path: Path) -> None:
    names = [f"measurement_{i:07}" for i in range(3_500)]
    (table,) = read(reader, tmp_path, {"x.csv": f"{','.join(names)}\n{','.join('1' for _ in names)}\n"})
    assert (table.problem, table.rows) == (None, 1)
    assert [one.name for one in table.columns] == names


def test_three_hundred_columns_are_counted_at_once_or_not(reader: Reader, tmp_path: Path) -> None:
    names = [f"f{i}" for i in range(300)]
    text = f"{','.join(names)}\n" + f"{','.join('1' for _ in names)}\n" * 3
    (table,) = read(reader, tmp_path, {"x.csv": text}, f299={"type": "int", "min": 2})
    assert (table.problem, {one.distinct for one in table.columns}) == (None, {1})
    assert table.broken is not None
    assert table.broken["f299"].below == 3


def test_names_that_differ_in_case_alone_keep_it(reader: Reader, tmp_path: Path) -> None:
    (table,) = read(reader, tmp_path, {"x.csv": "a,A,a,b,B\n1,x,2,3,4\n"}, A={"type": "int"})
    assert [one.name for one in table.columns] == ["a", "A", "a.1", "b", "B"]
    assert table.broken is not None
    assert table.broken["A"].wrong == 1


def test_names_that_are_sql_quotes_or_lines(reader: Reader, tmp_path: Path) -> None:
    text = '"""); DROP TABLE x; --","\'; DROP TABLE y","back\\slash","new\nline","\x1b[31m"\n1,2,3,4,5\n'
    (table,) = read(reader, tmp_path, {"x.csv": text})
    names = ['"); DROP TABLE x; --', "'; DROP TABLE y", "back\\slash", "new\nline", "\x1b[31m"]
    assert columns(table) == [(name, "int") for name in names]


def test_a_line_of_three_megabytes_is_a_line(reader: Reader, tmp_path: Path) -> None:
    (table,) = read(reader, tmp_path, {"x.csv": f"a,b\n1,{'x' * 3_000_000}\n"}, a={"type": "int"})
    assert (table.problem, table.rows, columns(table)) == (None, 1, [("a", "int"), ("b", "str")])


def test_what_is_said_of_a_file_has_none_of_its_values(reader: Reader, tmp_path: Path) -> None:
    text = b"a,b\n" + b"1,2\n" * 30_000 + b"SECRET,\xff\n"
    files: dict[str, str | bytes] = {
        "x.csv": text,
        "y.json": '[{"a": "SECRET", "a": 2}]',
        "z.csv": 'a,b\n1,2\n"SECRET\n',
    }
    for table in read(reader, tmp_path, files):
        assert table.problem
        assert "SECRET" not in table.problem


# --- JSON, Parquet, shards, names


def test_lines_of_json_with_many_keys_have_columns(reader: Reader, tmp_path: Path) -> None:
    (table,) = read(reader, tmp_path, {"x.jsonl": (json.dumps({f"f{i}": i for i in range(400)}) + "\n") * 3})
    assert (table.rows, len(table.columns), columns(table)[399]) == (3, 400, ("f399", "int"))


def test_json_that_is_nested_or_long_beyond_reason_is_told(reader: Reader, tmp_path: Path) -> None:
    files = {"a.json": "[" * 10_000 + "]" * 10_000, "b.json": '{"a":' * 10_000, "c.json": f"[{'9' * 5_000}]"}
    assert all(table.problem for table in read(reader, tmp_path, files)[:2])


def test_times_with_a_zone_need_no_other_library(reader: Reader, tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    first = datetime(2024, 1, 1, tzinfo=UTC)
    times = pa.array([first, first + timedelta(days=1)], pa.timestamp("us", "Europe/Paris"))
    pq.write_table(
        pa.table({"t": times, "far": pa.array([2**62, 0], pa.timestamp("us"))}), tmp_path / "x.parquet"
    )
    (table,) = read(reader, tmp_path, {}, t={"type": "datetime", "min": "2024-01-02"})
    assert (table.problem, columns(table)) == (None, [("t", "datetime"), ("far", "datetime")])
    assert (table.columns[0].min, table.columns[0].max) == ("2024-01-01T00:00:00", "2024-01-02T00:00:00")
    assert table.broken is not None
    assert table.broken["t"].below == 1


def test_shards_with_other_types_are_not_bent_to_those_of_the_first(reader: Reader, tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    for number, values in enumerate(([1, 2], [1.5], [None])):
        pq.write_table(pa.table({"a": values}), tmp_path / f"part-{number}.parquet")
    (table,) = read(reader, tmp_path, {}, a={"type": "int"})
    assert (table.rows, columns(table), table.columns[0].max) == (4, [("a", "float")], 2.0)
    assert table.broken is not None
    assert table.broken["a"].wrong == 1


def test_a_folder_above_the_data_is_no_partition(reader: Reader, tmp_path: Path) -> None:
    (table,) = read(reader, tmp_path / "run=7", {"x.csv": "a\n1\n"})
    assert columns(table) == [("a", "int")]


def test_each_of_many_tables_is_held_against_what_is_declared(reader: Reader, tmp_path: Path) -> None:
    names = [f"{one}{other}" for one in "abcdefgh" for other in "abcdefgh"]
    files = {f"{name}.csv": "a\n1\n" for name in names} | {"zz.csv": "a\nx\n"}
    found = read(reader, tmp_path, files, a={"type": "int"})
    assert [table.broken["a"].wrong for table in found if table.broken] == [0] * 64 + [1]


def test_a_name_that_is_not_utf_8_is_told(reader: Reader, tmp_path: Path) -> None:
    try:
        (tmp_path / "x\udcff.csv").write_text("a\n1\n")
    except OSError:
        pytest.skip("the system has no such names")
    assert [table.problem for table in reader.facts(tmp_path)] == ["its name is not UTF-8"]


# --- what is no file, and what goes away


def test_pipes_circles_and_devices_neither_hang_nor_end_a_run(project: Project) -> None:
    data = project.folder / "data"
    data.mkdir()
    os.mkfifo(data / "part-1.csv")
    (data / "part-2.csv").write_text("a\n1\n")
    (data / "circle.csv").symlink_to("circle.csv")
    (data / "gone.csv").symlink_to("nowhere.csv")
    (data / "loop").symlink_to(".")
    (data / "zero.csv").symlink_to("/dev/zero")
    given = {"path": "data", "columns": {"a": "int"}}
    project.write(
        {
            "pipeline.json": json.dumps(
                {
                    "steps": {
                        "a": {"inputs": {"in": given}},
                        "b": {"inputs": {"in": {**given, "rows": {"take": 1}}}},
                    }
                }
            ),
            "a.py": "def main(input_paths): pass\n",
            "b.py": "def main(input_paths): pass\n",
        }
    )
    assert project("run").verdicts == {"a": "passed", "b": "passed"}


def test_an_input_that_is_a_device_is_refused_before_anything_runs(project: Project) -> None:
    project.write({"pipeline.yaml": "steps: {a: {inputs: {raw: /dev/zero}}}", "a.py": "pass\n"})
    answer = project("run")
    assert (answer.code, "neither a file nor a folder" in answer.err) == (2, True)


def test_a_file_that_goes_while_it_is_looked_at_is_told(tmp_path: Path) -> None:
    from pipetest.data.tables import facts_of

    (table,) = facts_of(tmp_path, ["gone.csv"])
    assert (table.format, table.problem) == ("unreadable", "No such file or directory")


# --- the process that reads


def test_the_process_that_reads_imports_nothing_of_the_users(tmp_path: Path) -> None:
    for name in ("duckdb", "json", "pipetest", "pandas", "csv"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported')\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.csv").write_text("a\n1\n")
    code = (
        "import sys, os; from pathlib import Path; from pipetest.data.client import Reader\n"
        f"os.chdir({str(tmp_path)!r}); os.environ['PYTHONPATH'] = os.getcwd()\n"
        "with Reader() as reader: print(reader.facts(Path('data').absolute())[0].rows)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("1\n", "")


@pytest.mark.skipif(sys.platform != "linux", reason="only there a process can end with another")
def test_the_process_that_reads_ends_with_the_one_that_asks() -> None:
    code = (
        "import sys, time; from pipetest.data.client import Reader\n"
        "reader = Reader(); reader.begin(); reader.ask('facts', root='/', names=[], wanted={})\n"
        "print(reader._process.pid, flush=True); sys.stdin.read()"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe) as asks:
        assert asks.stdout is not None
        watched = os.pidfd_open(int(asks.stdout.readline()))
        asks.kill()
    import select

    assert select.select([watched], [], [], 20)[0]  # readable once it has ended
    os.close(watched)


def test_a_process_that_was_killed_is_told_as_that(reader: Reader, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a\n1\n")
    reader.begin()
    assert reader._process is not None
    os.kill(reader._process.pid, signal.SIGKILL)
    assert "was killed" in str(reader.facts(tmp_path)[0].problem)
    (tmp_path / "y.csv").write_text("a\n1\n")
    assert [table.problem for table in reader.facts(tmp_path)] == [None, None]  # it was started anew


# --- declarations

WRONG = {
    "a: {type: int, min: abc}": "columns.a.min is abc, and the column is int",
    'a: {type: date, max: "2024-13-45"}': "columns.a.max is 2024-13-45, and the column is date",
    "a: {type: int, min: 3, max: 2}": "columns.a has a min above its max",
    "a: {type: date, min: 2024-02-01, max: 2024-01-31}": "columns.a has a min above its max",
    "a: {type: int, choices: [1, x]}": "columns.a.choices[1] is x, and the column is int",
    "a: {type: bool, choices: [true, 5]}": "columns.a.choices[1] is 5, and the column is bool",
    "a: {min: abc}": "columns.a.min is abc, and the column is any",
}


@pytest.mark.parametrize("declared", WRONG)
def test_a_limit_that_nothing_can_meet_is_told_with_its_line(project: Project, declared: str) -> None:
    text = f"steps:\n  a:\n    outputs:\n      out:\n        columns:\n          {declared}\n"
    project.write({"pipeline.yaml": text, "a.py": "pass\n"})
    answer = project("run")
    first = answer.err.splitlines()[0]
    assert (answer.code, first.endswith(f"pipeline.yaml:6: steps.a.outputs.out.{WRONG[declared]}")) == (
        2,
        True,
    )


def test_a_range_of_rows_that_is_the_wrong_way_round(project: Project) -> None:
    project.write({"pipeline.yaml": 'steps: {a: {outputs: {o: {rows: "5..2"}}}}', "a.py": "pass\n"})
    answer = project("run")
    assert (answer.code, 'steps.a.outputs.o.rows is "5..2"' in answer.err) == (2, True)


def test_a_thousand_missing_columns_with_long_names_are_told_in_some_lines(project: Project) -> None:
    given = {"path": "x.csv", "columns": {f"{'c' * 500}{i}": "int" for i in range(1000)}}
    project.write(
        {
            "pipeline.json": json.dumps({"steps": {"a": {"inputs": {"in": given}}}}),
            "a.py": "def main(input_paths): pass\n",
            "x.csv": f"{'n' * 10_000},b\n1,2\n",
        }
    )
    found = project("run").finding("column-missing")
    assert "and 988 more" in found["message"]
    assert len(found["message"] + found["hint"]) < 2_000


# --- what is written


def test_generated_data_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipetest.data import synthetic

    (tmp_path / "x.csv").write_text("the user's\n")
    monkeypatch.setattr(Path, "write_bytes", lambda path, _: path.touch() or path.unlink() or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        synthetic.write(tmp_path / "x.csv", {"a": {"type": "int"}}, 3, "csv", 0)
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]
    assert (tmp_path / "x.csv").read_text() == "the user's\n"


def test_a_bomb_of_gzip_is_no_table_and_costs_nothing(reader: Reader, tmp_path: Path) -> None:
    (table,) = read(reader, tmp_path, {"x.csv.gz": gzip.compress(b"\0" * 50_000_000)})
    assert (table.format, table.gzipped) == ("binary", True)


def test_a_small_archive_of_a_large_table_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipetest.data import tables

    monkeypatch.setattr(tables, "WHOLE", 1_000_000)
    monkeypatch.setattr(tables, "FIRST_ROWS", 10)
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(b"a\n" + b"1\n" * 2_000_000))
    (table,) = tables.facts_of(tmp_path, ["x.csv.gz"])
    assert (table.sampled, table.rows, table.problem) == (True, None, None)
