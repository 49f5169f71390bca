"""What the reading and making of tables is timed against. Needs DuckDB.

python tabular.py make FILE          write a CSV of 100 MB (1.3 million rows of ten columns), and FILE.parquet
python tabular.py bare FILE          rows, nulls, least and greatest of each column, by DuckDB alone
python tabular.py facts FILE         the same and more, by pipetest
python tabular.py sample FILE COPY   the first thousand rows
python tabular.py generate FILE      10,000 rows of 50 columns
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from pathlib import Path

ROWS, DAYS = 1_300_000, 28
KINDS = ("int", "float", "str", "date", "bool")


def make(file: str) -> None:
    import duckdb

    chance = random.Random(1)
    with open(file, "w", encoding="utf-8") as out:
        out.write(",".join(f"c{i}" for i in range(10)) + "\n")
        for i in range(ROWS):
            out.write(
                f"{i},{chance.random():.6f},{i % 10},name{i % 1000},2024-01-{i % DAYS + 1:02},"
                f"{chance.random() * 100:.4f},{i * 7},a{i},{bool(i % 2)},{chance.random():.8f}\n"
            )
    duckdb.sql(f"COPY (FROM read_csv('{file}')) TO '{file}.parquet'")


def bare(file: str) -> None:
    import duckdb

    parts = [f"count(c{i}), min(c{i}), max(c{i})" for i in range(10)]
    connection = duckdb.connect(config={"threads": 2})
    print(connection.execute(f"SELECT count(*), {', '.join(parts)} FROM '{file}'").fetchall()[0][0])


def facts(file: str) -> None:
    from pipetest.data.tables import facts_of

    print(facts_of(Path(file).parent, [Path(file).name])[0].rows)


def sample(file: str, copy: str) -> None:
    from pipetest.data.samples import sample as take
    from pipetest.pipeline import Take

    Path(copy).unlink(missing_ok=True)
    take(Path(file), Path(copy), Take(1000))


def generate(file: str) -> None:
    from pipetest.data.synthetic import write

    columns = {f"c{i}": {"type": KINDS[i % len(KINDS)]} for i in range(50)}
    write(Path(file), columns, 10_000, "csv", 0)


if __name__ == "__main__":
    ways: dict[str, Callable[..., None]] = {
        "make": make,
        "bare": bare,
        "facts": facts,
        "sample": sample,
        "generate": generate,
    }
    ways[sys.argv[1]](*sys.argv[2:])
