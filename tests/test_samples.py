"""Samples of tables: fewer rows, and nothing else about the data changes."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipetest.data.client import Reader
from pipetest.pipeline import Take

pytest.importorskip("duckdb")

from pipetest.data import sample_columns
from pipetest.data.samples import quotas, sample, shares

ROWS = [{"id": i, "label": "no" if i % 10 else "yes", "x": i / 3} for i in range(100)]
TEXT = "id,label,x\n" + "".join(f"{row['id']},{row['label']},{row['x']}\n" for row in ROWS)


def packed(path: Path, data: bytes) -> Path:
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def unpacked(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def sampled(source: Path, *take: Any) -> Path:
    """The sample of a file or folder, of which every table could be sampled."""
    target = source.with_name(f"sample of {source.name}")
    assert sample(source, target, Take(*take)) == []
    return target


def cut(tmp_path: Path, name: str, data: str | bytes, *take: Any) -> bytes:
    """What a file becomes."""
    (tmp_path / "in").mkdir(exist_ok=True)
    source = packed(tmp_path / "in" / name, data.encode() if isinstance(data, str) else data)
    target = tmp_path / name
    assert sample(source, target, Take(*take)) == []
    return unpacked(target)


# --- delimited text


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "no suffix"])
def test_the_first_rows_keep_the_header_and_their_bytes(tmp_path: Path, name: str) -> None:
    assert cut(tmp_path, name, TEXT, 3) == "".join(TEXT.splitlines(True)[:4]).encode()


def test_spread_rows_are_at_even_distances_from_the_first_on(tmp_path: Path) -> None:
    kept = cut(tmp_path, "a.csv", TEXT, 4, True).decode().splitlines()
    assert [line.split(",")[0] for line in kept] == ["id", "0", "25", "50", "75"]


def test_line_ends_marks_quotes_and_a_missing_last_line_end_stay(tmp_path: Path) -> None:
    text = '\ufeff"a,1";b\r\n"x\r\n""y""";1\r\n\r\n2;"ö"\r\n3;4\r\n5;6'
    assert cut(tmp_path, "a.csv", text, 2).decode() == '\ufeff"a,1";b\r\n"x\r\n""y""";1\r\n\r\n2;"ö"\r\n'
    assert cut(tmp_path, "b.csv", text, 9).decode() == text
    assert cut(tmp_path, "c.csv", "a\n1\n2\n3", 1, True).decode() == "a\n1\n"
    assert cut(tmp_path, "d.csv", "a,b\r1,2\r3,4\r", 1).decode() == "a,b\r1,2\r"  # of an old Mac


def test_a_table_without_a_header_stays_without(tmp_path: Path) -> None:
    assert cut(tmp_path, "a.csv", "\ufeff1,2\n3,4\n5,6\n", 2).decode() == "\ufeff1,2\n3,4\n"
    assert cut(tmp_path, "b.tsv.gz", "1\tu\n3\tv\n5\tv\n", 2, False, "1") == b"1\tu\n3\tv\n"


@pytest.mark.parametrize("data", [b"", b"a,b\n", b"\n", b"a,b\n1,2", b"a,b\r\n1,2\r\n\r\n"])
def test_a_table_of_no_more_rows_is_copied_as_it_is(tmp_path: Path, data: bytes) -> None:
    assert cut(tmp_path, "a.csv", data, 1) == data


cells = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=["Cs"]), max_size=5
)
tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), max_size=12)
)


@given(
    tables, st.sampled_from(["\n", "\r\n"]), st.booleans(), st.integers(1, 12), st.booleans(), st.booleans()
)
def test_records_of_a_sample_are_records_of_the_table(
    tmp_path_factory: pytest.TempPathFactory,
    table: list[list[str]],
    end: str,
    quoted: bool,
    count: int,
    spread: bool,
    stratified: bool,
) -> None:
    out = io.StringIO(newline="")
    header = [f"c{i}" for i in range(len(table[0]) if table else 1)]
    writer = csv.writer(out, lineterminator=end, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
    writer.writerows([header, *table])
    raw = out.getvalue().encode()
    take = (count, spread, "c0" if stratified else None)
    kept = cut(tmp_path_factory.mktemp("records"), "a.csv", raw, *take)
    before, after = records(raw), records(kept)
    assert after[0] == before[0] == header
    assert len(after) - 1 == min(count, len(before) - 1)
    assert is_within(after, before)
    assert is_within(written(kept), written(raw))


def records(data: bytes) -> list[list[str]]:
    return [row for row in csv.reader(io.StringIO(data.decode(), newline="")) if row]


def written(data: bytes) -> Iterator[bytes]:
    """The records of a text as they are written."""
    lines = io.StringIO(data.decode(), newline="").readlines()
    reader, last = csv.reader(lines), 0
    for _ in reader:
        yield "".join(lines[last : reader.line_num]).encode()
        last = reader.line_num


def is_within(some: Iterable[Any], whole: Iterable[Any]) -> bool:
    """Whether these are, in their order, among the others."""
    rest = iter(whole)
    return all(one in rest for one in some)


@pytest.mark.parametrize("packing", ["", ".gz"])
@pytest.mark.parametrize("form", ["csv", "tsv", "json", "jsonl"])
def test_pandas_finds_the_same_types_in_a_sample_of_a_text(tmp_path: Path, form: str, packing: str) -> None:
    pd = pytest.importorskip("pandas")
    table = pd.DataFrame(
        {**{name: [row[name] for row in ROWS] for name in ROWS[0]}, "ok": [True, False] * 50}
    )
    source = tmp_path / f"a.{form}{packing}"
    if form in ("csv", "tsv"):
        separator = "," if form == "csv" else "\t"
        table.to_csv(source, sep=separator, index=False)
        before, after = (
            pd.read_csv(path, sep=separator) for path in (source, sampled(source, 10, True, "label"))
        )
    else:
        table.to_json(source, orient="records", lines=form == "jsonl")
        target = sampled(source, 10, True, "label")
        before, after = (pd.read_json(path, lines=form == "jsonl") for path in (source, target))
    assert list(after.dtypes) == list(before.dtypes)
    assert len(after) == 10
    assert len(after.merge(before)) == 10  # every row is one of the table's


def test_a_quote_that_is_not_closed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipetest.data.sample_texts.LARGEST_FIELD", 1_000)
    (tmp_path / "a.csv").write_text('a,b\n1,2\n3,"4\n' + "5,6\n" * 1_000)
    assert sample(tmp_path / "a.csv", tmp_path / "b.csv", Take(5)) == [
        "a.csv: line 253: field larger than field limit (1000); is a quote before it not closed?"
    ]
    assert (tmp_path / "b.csv").read_bytes() == (tmp_path / "a.csv").read_bytes()


# --- JSON


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson.gz"])
def test_lines_of_json_stay_as_they_are(tmp_path: Path, name: str) -> None:
    text = '{"b": 1.0, "a": 1e5}\r\n\r\n{"b":2}\r\n{"a": "\u2028"}\r\n'
    assert cut(tmp_path, name, text, 2).decode() == '{"b": 1.0, "a": 1e5}\r\n{"b":2}\r\n'


@pytest.mark.parametrize("name", ["a.json", "a.json.gz"])
@pytest.mark.parametrize("indent", [None, 2])
def test_objects_of_a_json_list_stay_as_they_are(tmp_path: Path, name: str, indent: int | None) -> None:
    kept = cut(tmp_path, name, json.dumps(ROWS, indent=indent), 4, True).decode()
    assert kept == json.dumps([ROWS[i] for i in (0, 25, 50, 75)], indent=indent).replace("}, {", "},{")
    again = cut(tmp_path, "numbers.json", '[{"b": 1.0, "a": 1e5}, {"b": 2}]', 1).decode()
    assert again == '[{"b": 1.0, "a": 1e5}]'


def test_a_json_list_is_read_in_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"name": "é" * (i % 50), "list": [i, {"of": [1.5, None]}]} for i in range(100)]
    monkeypatch.setattr("pipetest.data.sample_texts.CHUNK", 7)
    text = json.dumps(rows, ensure_ascii=False, indent=1)
    assert json.loads(cut(tmp_path, "a.json", text, 99)) == rows[:99]


@pytest.mark.parametrize("text", ['{"a": [{"b": 1}, {"b": 2}]}', "[1, 2, 3]", "[]", '"text"'])
def test_a_json_document_that_is_no_list_of_objects_is_copied(tmp_path: Path, text: str) -> None:
    assert cut(tmp_path, "a.json", text, 1).decode() == text


# --- Parquet and Arrow


def frame() -> Any:
    pd = pytest.importorskip("pandas")
    table = pd.DataFrame(
        {
            "id": range(1000),
            "small": pd.array([i % 7 for i in range(1000)], dtype="int8"),
            "maybe": pd.array([None if i % 3 else i for i in range(1000)], dtype="Int64"),
            "when": pd.date_range("2024-01-01", periods=1000, freq="h", tz="UTC"),
            "label": pd.Categorical(
                ["b" if i % 100 else "a" for i in range(1000)], categories=["b", "a", "c"]
            ),
            "text": [f"é{i}" for i in range(1000)],
            "list": [[i, i] for i in range(1000)],
            "a.b": 0.5,
        }
    )
    return table.set_index(pd.Index([f"row {i}" for i in range(1000)], name="key"))


@pytest.mark.parametrize("codec", ["snappy", "gzip", "zstd", "lz4", "brotli", None])
def test_parquet_keeps_types_metadata_and_compression(tmp_path: Path, codec: str | None) -> None:
    pd, pq = pytest.importorskip("pandas"), pytest.importorskip("pyarrow.parquet")
    table = frame()
    table.to_parquet(tmp_path / "a.parquet", compression=codec, row_group_size=150)
    target = sampled(tmp_path / "a.parquet", 10, True)
    pd.testing.assert_frame_equal(pd.read_parquet(target), table.iloc[::100])
    before, after = pq.ParquetFile(tmp_path / "a.parquet"), pq.ParquetFile(target)
    assert after.schema_arrow.equals(before.schema_arrow, check_metadata=True)
    codecs = [one.metadata.row_group(0).column(0).compression for one in (before, after)]
    assert codecs[0] == codecs[1]


def test_an_index_of_plain_numbers_is_read_again(tmp_path: Path) -> None:
    pd = pytest.importorskip("pandas")
    table = frame().reset_index(drop=True)
    table.to_parquet(tmp_path / "a.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(sampled(tmp_path / "a.parquet", 10)), table.head(10))


def test_parquet_of_spark_keeps_its_stamps(tmp_path: Path) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    table = pa.table({"when": pa.array(range(9), pa.timestamp("ns"))})
    pq.write_table(table, tmp_path / "a.parquet", use_deprecated_int96_timestamps=True)
    after = pq.ParquetFile(sampled(tmp_path / "a.parquet", 2))
    assert after.schema.column(0).physical_type == "INT96"


@pytest.mark.parametrize("codec", ["uncompressed", "lz4", "zstd"])
def test_feather_keeps_types_metadata_and_compression(tmp_path: Path, codec: str) -> None:
    pd, pa = pytest.importorskip("pandas"), pytest.importorskip("pyarrow")
    table = frame().reset_index()
    table.to_feather(tmp_path / "a.feather", compression=codec, chunksize=150)
    target = sampled(tmp_path / "a.feather", 10, True)
    pd.testing.assert_frame_equal(pd.read_feather(target), table.iloc[::100].reset_index(drop=True))
    schemas = [pa.ipc.open_file(path.read_bytes()).schema for path in (tmp_path / "a.feather", target)]
    assert schemas[0].equals(schemas[1], check_metadata=True)
    found = [sample_columns._compression(path) for path in (tmp_path / "a.feather", target)]
    assert found == [None if codec == "uncompressed" else codec] * 2


@pytest.mark.parametrize("compression", ["uncompressed", "lz4", "zstd"])
def test_arrow_files_of_polars_keep_their_types(tmp_path: Path, compression: Any) -> None:
    pl, pa = pytest.importorskip("polars"), pytest.importorskip("pyarrow")
    one = {"text": "a long text, of which there is a view", "struct": {"of": ["texts"]}, "bytes": b"\xff"}
    rows = [one | {"number": i, "nothing": None, "class": "ab"[i % 2]} for i in range(50_000)]
    table = pl.DataFrame(rows).with_columns(pl.col("class").cast(pl.Enum(["b", "a", "c"])))
    table.write_ipc(tmp_path / "a.arrow", compression=compression)
    target = sampled(tmp_path / "a.arrow", 5, True)
    assert pl.read_ipc(target).equals(table[::10_000])
    schemas = [pa.ipc.open_file(path.read_bytes()).schema for path in (tmp_path / "a.arrow", target)]
    assert schemas[0].equals(schemas[1], check_metadata=True)
    assert target.stat().st_size < 10_000  # and not all that is viewed


@pytest.mark.parametrize("form", ["parquet", "feather"])
def test_columnar_files_may_be_gzipped_and_stratified(tmp_path: Path, form: str) -> None:
    pd = pytest.importorskip("pandas")
    table, out = frame().reset_index(drop=True), io.BytesIO()
    getattr(table, f"to_{form}")(out)
    data = cut(tmp_path, f"a.{form}.gz", out.getvalue(), 50, False, "label")
    kept = getattr(pd, f"read_{form}")(io.BytesIO(data))
    assert list(kept.dtypes) == list(table.dtypes)
    assert Counter(kept["label"]) == {"a": 1, "b": 49}
    assert list(kept["id"]) == list(range(50))


@pytest.mark.parametrize("take", [(10, True), (10, True, "label"), (10,)])
def test_without_pyarrow_parquet_is_sampled_by_duckdb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, take: tuple[Any, ...]
) -> None:
    pd = pytest.importorskip("pandas")
    table = frame().astype({"label": "str"})  # DuckDB knows no categories that are not there
    (tmp_path / "in").mkdir()
    table.to_parquet(tmp_path / "in" / "a[1]*'.parquet", compression="zstd")
    with_it = sampled(tmp_path / "in", *take) / "a[1]*'.parquet"
    kept = pd.read_parquet(with_it)
    with_it.unlink()
    monkeypatch.setattr(sample_columns, "has_pyarrow", lambda: False)
    pd.testing.assert_frame_equal(pd.read_parquet(sampled(tmp_path / "in", *take)), kept)


def test_without_pyarrow_arrow_files_are_copied_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pandas")
    frame().reset_index().to_feather(tmp_path / "a.feather")
    monkeypatch.setattr(sample_columns, "has_pyarrow", lambda: False)
    reasons = sample(tmp_path / "a.feather", tmp_path / "b.feather", Take(3))
    assert reasons == ["a.feather: pyarrow, which reads Arrow files, is not installed"]
    assert (tmp_path / "b.feather").read_bytes() == (tmp_path / "a.feather").read_bytes()


# --- which rows


def test_each_value_keeps_its_share_and_none_is_lost(tmp_path: Path) -> None:
    for spread in (False, True):
        kept = cut(tmp_path, "a.csv", TEXT, 20, spread, "label").decode().splitlines()[1:]
        assert Counter(line.split(",")[1] for line in kept) == {"yes": 2, "no": 18}
        numbers = [int(line.split(",")[0]) for line in kept]
        assert numbers == sorted(numbers)
        assert [number for number in numbers if number % 10 == 0] == ([0, 50] if spread else [0, 10])
    lines = "".join(json.dumps(row) + "\n" for row in ROWS)
    few = cut(tmp_path, "a.jsonl", lines, 3, False, "label").decode().splitlines()
    assert Counter(json.loads(line)["label"] for line in few) == {"yes": 1, "no": 2}
    listed = json.loads(cut(tmp_path, "a.json", json.dumps(ROWS), 10, True, "label"))
    assert Counter(row["label"] for row in listed) == {"yes": 1, "no": 9}


@given(st.integers(0, 60), st.lists(st.integers(0, 30), max_size=8))
def test_shares_are_whole_within_and_in_proportion(count: int, sizes: list[int]) -> None:
    found = shares(count, sizes)
    assert sum(found) == min(count, sum(sizes))
    assert all(0 <= share <= size for share, size in zip(found, sizes, strict=True))
    if count >= sum(map(bool, sizes)):
        assert all(share > 0 for share, size in zip(found, sizes, strict=True) if size)
    order = sorted(range(len(sizes)), key=lambda i: sizes[i])
    assert all(found[a] <= found[b] for a, b in pairwise(order) if sizes[a] < sizes[b])


@given(st.integers(0, 60), st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(1, 20)), max_size=5))
def test_quotas_keep_values_and_shards(count: int, sizes: list[dict[str, int]]) -> None:
    found = quotas([Counter(size) for size in sizes], count)
    whole = Counter[str]()
    for size in sizes:
        whole.update(size)
    by_value = [sum(quota[value] for quota in found) for value in whole]
    assert by_value == shares(count, list(whole.values()))
    for quota, size in zip(found, sizes, strict=True):
        assert all(number <= size.get(value, 0) for value, number in quota.items())


@pytest.mark.parametrize("take", [(8,), (8, True), (8, False, "v")])
def test_shards_are_sampled_as_one_table(tmp_path: Path, take: tuple[Any, ...]) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number, rows in enumerate([10, 30, 0]):
        lines = "".join(f"{i},{'u' if i % 2 else 'w'}\n" for i in range(rows))
        (folder / f"part-{number}.csv").write_text("n,v\n" + lines)
    target = sampled(folder, *take)
    assert [len((target / f"part-{i}.csv").read_text().splitlines()) - 1 for i in range(3)] == [2, 6, 0]


def test_every_shard_stays_there_and_has_a_row_where_there_are_enough(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(5):
        lines = "".join(f"{i},{'rare' if number == i == 0 else 'often'}\n" for i in range(1 + number * 50))
        (folder / f"part-{number}.csv").write_text("n,v\n" + lines)
    for count, at_least in [(5, 1), (2, 0)]:
        target = tmp_path / f"out {count}"
        assert sample(folder, target, Take(count, True, "v")) == []
        kept = [len((target / f"part-{i}.csv").read_text().splitlines()) - 1 for i in range(5)]
        assert sum(kept) == count
        assert min(kept) == at_least
        assert "rare" in (target / "part-0.csv").read_text()


def test_a_column_that_no_table_has_is_told_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(TEXT)
    reasons = sample(tmp_path / "a.csv", tmp_path / "b.csv", Take(3, False, "lable"))
    assert reasons == ["a.csv: it has no column `lable`; the nearest is `label`"]
    assert (tmp_path / "b.csv").read_text() == TEXT
    (tmp_path / "a.jsonl").write_text('{"u": 1}\n{"v": 2}\n')
    reasons = sample(tmp_path / "a.jsonl", tmp_path / "b.jsonl", Take(1, False, "label"))
    assert reasons == ["a.jsonl: it has no column `label`; its columns are `u`, `v`"]


def test_a_column_of_too_many_values_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipetest.data.samples.MOST_VALUES", 50)
    (tmp_path / "a.csv").write_text(TEXT)
    assert sample(tmp_path / "a.csv", tmp_path / "b.csv", Take(5, False, "id")) == [
        "a.csv: `id` has more than 50 values: stratify by one that has few"
    ]


@given(st.lists(st.integers(0, 40), min_size=2, max_size=5), st.integers(1, 30))
def test_the_first_rows_of_shards_are_as_many_as_were_asked_for(
    tmp_path_factory: pytest.TempPathFactory, rows: list[int], count: int
) -> None:
    folder = tmp_path_factory.mktemp("shards") / "in"
    folder.mkdir()
    for number, many in enumerate(rows):
        (folder / f"part-{number}.csv").write_text("name\n" + "".join(f"{'x' * i}y\n" for i in range(many)))
    target = sampled(folder, count)
    kept = [len((target / f"part-{i}.csv").read_text().splitlines()) - 1 for i in range(len(rows))]
    assert sum(kept) == min(count, sum(rows))
    if count >= sum(map(bool, rows)):
        assert [many > 0 for many in kept] == [many > 0 for many in rows]


def test_a_column_that_only_another_table_has_is_left_out_of_account(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "train.csv").write_text(TEXT)
    (folder / "lookup.csv").write_text("k,v\na,b\nc,d\n")
    target = sampled(folder, 1, False, "label")
    assert (target / "lookup.csv").read_text() == "k,v\na,b\n"


# --- folders, and what cannot be read


def test_a_folder_keeps_its_names_and_what_is_no_table(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "empty").mkdir(parents=True)
    (folder / 'déep "er" one').mkdir()
    (folder / 'déep "er" one' / "it's a täble.csv").write_text(TEXT)
    (tmp_path / "elsewhere.csv").write_text(TEXT)
    (folder / "link.csv").symlink_to(tmp_path / "elsewhere.csv")
    (folder / "gone").symlink_to(tmp_path / "nowhere")
    (folder / "circle").symlink_to(folder)
    (folder / "model.pkl").write_bytes(b"\x80\x04K\x01.")
    (folder / "notes.md").write_text("a,b\n1,2\n3,4\n")
    (folder / "empty.csv").write_text("")
    target = sampled(folder, 1)
    head = "".join(TEXT.splitlines(True)[:2])
    assert (target / 'déep "er" one' / "it's a täble.csv").read_text() == head
    assert (target / "link.csv").read_text() == head
    assert not (target / "link.csv").is_symlink()
    assert (target / "empty").is_dir()
    assert not (target / "gone").exists()
    for name in ("model.pkl", "notes.md", "empty.csv"):
        assert (target / name).read_bytes() == (folder / name).read_bytes()


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.csv", b"caf\xe9,b\n1,2\n3,4\n", "byte 3 (0xe9) is not UTF-8"),
        ("a.csv", b"a,b\n" + b"1,2\n" * 99_999 + b"\xe9,2\n", "byte 400,000 (0xe9) is not UTF-8"),
        ("a.jsonl", b'{"id": 1}\n{"id": \n{"id": 2}\n', "line 2 is no JSON object"),
        ("a.json", b'[{"id": 1}, {"id": 2}, 3]', "entry 3 of the list is no JSON object"),
        ("a.json", b'[{"id": 1}, {"id": 2}', "entry 3 of the list is no JSON object"),
        ("a.csv.gz", gzip.compress(TEXT.encode())[:-20], "Compressed file ended"),
        ("a.parquet", b"PAR1 nothing of the kind PAR1", "Parquet file size is 29 bytes"),
        ("a.arrow", b"ARROW1\x00\x00 nothing", "File is too small: 16"),
    ],
)
def test_a_table_that_cannot_be_sampled_is_copied_with_the_reason(
    tmp_path: Path, name: str, data: bytes, reason: str
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / name).write_bytes(data)
    (folder / "good.csv").write_text(TEXT)
    told = sample(folder, tmp_path / "out", Take(2, True, "id" if "json" in name else None))
    assert len(told) == 1
    assert told[0].startswith(f"{name}: ")
    assert reason in told[0]
    assert (tmp_path / "out" / name).read_bytes() == data
    assert len((tmp_path / "out" / "good.csv").read_text().splitlines()) == 3


def test_the_process_that_reads_tables_samples_them(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(TEXT)
    take = {"count": 2, "spread": True, "stratify": None}
    with Reader() as reader:
        asked = {"source": str(tmp_path / "a.csv"), "target": str(tmp_path / "b.csv"), "take": take}
        assert reader.ask("sample", **asked) == []
    assert (tmp_path / "b.csv").read_text().splitlines()[2].startswith("50,")
