"""How fast is pipetest, beside what people would use instead? See README.md.

python benchmarks/run.py [NAME ...] [--json FILE] [--quick]
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import made
from timing import Row, Samples, Taker, amid, command, duration, interleaved, medians, printed, scaled

PYTHON = sys.executable
HERE = Path(__file__).resolve().parent
OTHERS = [PYTHON, str(HERE / "others.py")]
PIPETEST = [PYTHON, "-m", "pipetest"]
WINE = HERE.parent / "examples" / "wine"


@dataclass(frozen=True)
class Bench:
    """Where a benchmark may write, and how long it may take."""

    folder: Path
    quick: bool

    def rounds(self, full: int, quick: int = 1) -> int:
        return quick if self.quick else full


def startup(bench: Bench) -> list[Row]:
    script = Path(PYTHON).parent / "pipetest"
    ways = {"pipetest --version": [str(script), "--version"]} if script.exists() else {}
    ways["python -m pipetest --version"] = [*PIPETEST, "--version"]
    bare = "python -c pass"
    takers = {name: command(words) for name, words in {**ways, bare: [PYTHON, "-c", "pass"]}.items()}
    samples = interleaved(bench.rounds(41, 15), takers, warm=2)
    took = medians(samples)
    rows = []
    for name in ways:
        met = took[name] - took[bare] <= 0.010
        aim = "10 ms more at most"
        rows.append(Row(name, took[name], bare, took[bare], aim, met, kind="difference", samples=samples))
    return rows


def small(bench: Bench) -> list[Row]:
    paths = made.small_scripts(bench.folder / "small", 1000)
    samples = interleaved(bench.rounds(7, 2), _checks(paths, 10, []))
    return _against("check of 1,000 small scripts", samples, len(paths), 1.5, None)


def heavy(bench: Bench) -> list[Row]:
    paths = made.heavy_scripts(bench.folder / "heavy", 100)
    samples = interleaved(bench.rounds(4, 1), _checks(paths, 2, made.HEAVY))
    return _against("check of 100 pandas and scikit-learn scripts", samples, len(paths), 3.0, 20.0)


def _checks(paths: Sequence[Path], sample: int, modules: Sequence[str]) -> dict[str, Taker]:
    """Ours, and what else there is. An interpreter each is timed on a few scripts a round, and scaled."""
    files, count = [str(path) for path in paths], len(paths)
    waiting = iter(files * 100)

    def alone() -> float:
        return sum(command([*OTHERS, "sketch", next(waiting)])() for _ in range(sample))

    return {
        "ours": command([*PIPETEST, "check", "-q", str(paths[0].parent)]),
        "sketch": command([*OTHERS, "sketch", *files]),
        "alone": scaled(count / sample, alone),
        "forks": printed([*OTHERS, "forks", str(count), *modules]),
    }


def _against(what: str, samples: Samples, count: int, forks: float, alone: float | None) -> list[Row]:
    """Ours against the sketch, an interpreter each, and the bare fork loop."""
    took = medians(samples)
    ours = took["ours"]
    is_fast = None if alone is None else took["alone"] / ours >= alone
    aim = "" if alone is None else f"1/{alone:g} at most"
    return [
        Row(what, ours, "all imported in one process", took["sketch"], samples=samples),
        Row(what, ours, "one interpreter each", took["alone"], aim, is_fast),
        Row(
            what,
            ours,
            f"{count:,} bare forks on one core",
            took["forks"],
            f"{forks:g} at most",
            ours <= forks * took["forks"],
        ),
    ]


def example(bench: Bench) -> list[Row]:
    return _example(bench, "the example, end to end", bench.rounds(3, 1), 0)


def loaded(bench: Bench) -> list[Row]:
    return _example(bench, "the same, two other processes busy", bench.rounds(2, 1), 2)


def _example(bench: Bench, what: str, rounds: int, others: int) -> list[Row]:
    shell = command(
        ["sh", str(WINE / "run.sh"), str(bench.folder / "shell")], {**os.environ, "PYTHON": PYTHON}
    )
    takers = {"ours": amid(others, command(_example_words(bench))), "shell": amid(others, shell)}
    samples = interleaved(rounds, takers, warm=0 if others or bench.quick else 1)
    took = medians(samples)
    is_fast = took["shell"] / took["ours"] >= 3
    aim = "1/3 at most" if not others else ""
    met = is_fast if aim else None
    return [Row(what, took["ours"], "its run.sh", took["shell"], aim, met, samples=samples)]


def _example_words(bench: Bench) -> list[str]:
    workspace = str(bench.folder / "workspace")
    return [*PIPETEST, "run", str(WINE / "pipeline.yaml"), "--workspace", workspace]


def memory(bench: Bench) -> list[Row]:
    folder = bench.folder / "small"
    made.small_scripts(folder, 1000)
    ways = {"check of 1,000 small scripts": ["check", "-q", str(folder)]}
    if _has_libraries():
        ways["run of the example"] = _example_words(bench)[len(PIPETEST) :]
    rows = []
    for what, words in ways.items():
        takers = {"ours": printed([*OTHERS, "peak", *words]), "bare": printed([*OTHERS, "peak", "--version"])}
        samples = interleaved(1, takers, warm=0)
        took = medians(samples)
        name = f"memory of the parent: {what}"
        aim, met, bare = "40 MB at most", took["ours"] <= 40, took["bare"]
        rows.append(Row(name, took["ours"], "pipetest --version", bare, aim, met, "MB", "limit", samples))
    return rows


def scaling(bench: Bench) -> list[Row]:
    sizes = (10, 100, 1000) if bench.quick else (10, 100, 1000, 5000)
    files = {size: str(made.pipeline(bench.folder / f"steps-{size}", size)) for size in sizes}
    rows = []
    for words in (["run", "--workspace", str(bench.folder / "many")], ["check"]):
        takers = {size: command([*PIPETEST, *words, "-q", file]) for size, file in files.items()}
        samples: Samples = {}
        for group, rounds in (((10, 100), bench.rounds(7, 3)), ((1000,), bench.rounds(2)), ((5000,), 1)):
            chosen = {str(size): takers[size] for size in group if size in takers}
            samples |= interleaved(rounds, chosen, warm=int(group[0] == 10))
        each = {int(name): took / int(name) for name, took in medians(samples).items()}
        rows += [_growth(words[0], size, each) for size in sizes[1:]]
    return rows


def _growth(verb: str, size: int, each: dict[int, float]) -> Row:
    """A step among many, against a step among a hundred; a start-up shared by ten says nothing."""
    what, ours = f"{verb}: a step of {size:,}", each[size]
    if size == 100:
        return Row(what, ours, f"{verb}: a step of 10", each[10], kind="growth")
    met = ours <= 1.1 * each[100]
    return Row(
        what, ours, f"{verb}: a step of 100", each[100], "1 at most (0.1 for noise)", met, kind="growth"
    )


def data(bench: Bench) -> list[Row]:
    """Reading a table of 100 MB, a sample of it, and making one."""
    tabular, file = [PYTHON, str(HERE / "tabular.py")], str(bench.folder / "large.csv")
    command([*tabular, "make", file])()
    ways = {
        "facts": [*tabular, "facts", file],
        "bare": [*tabular, "bare", file],
        "parquet facts": [*tabular, "facts", f"{file}.parquet"],
        "parquet bare": [*tabular, "bare", f"{file}.parquet"],
        "sample": [*tabular, "sample", file, f"{file}.sample"],
        "generate": [*tabular, "generate", f"{file}.made"],
        "python": [PYTHON, "-c", "pass"],
    }
    samples = interleaved(bench.rounds(5), {name: command(words) for name, words in ways.items()})
    took = medians(samples)
    rows = [
        Row(
            f"facts of a {kind} file, 1.3 million rows",
            took[ours],
            "DuckDB alone: count, min, max",
            took[alone],
            "2 at most",
            took[ours] <= 2 * took[alone],
            samples=samples,
        )
        for kind, ours, alone in (("CSV", "facts", "bare"), ("Parquet", "parquet facts", "parquet bare"))
    ]
    for what, name in (
        ("the first 1,000 rows of it", "sample"),
        ("10,000 rows of 50 columns made", "generate"),
    ):
        rows.append(Row(what, took[name], "python -c pass", took["python"]))
    return rows


BENCHMARKS: dict[str, Callable[[Bench], list[Row]]] = {
    "startup": startup,
    "small": small,
    "heavy": heavy,
    "example": example,
    "loaded": loaded,
    "memory": memory,
    "scaling": scaling,
    "data": data,
}
LEARNING = ("pandas", "sklearn")
NEEDED = {"heavy": LEARNING, "example": LEARNING, "loaded": LEARNING, "data": ("duckdb",)}


def _has_libraries(names: Sequence[str] = LEARNING) -> bool:
    return all(importlib.util.find_spec(name) for name in names)


# --- what is shown ---


def machine() -> dict[str, str]:
    """What the numbers depend on; nothing that names the machine or its owner."""
    return {
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "processor": _processor(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "libraries": ", ".join(_versions()),
        "load before": f"{os.getloadavg()[0]:.1f}",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown"
    )


def _versions() -> list[str]:
    from importlib.metadata import PackageNotFoundError, version

    found = []
    for name in ("pandas", "scikit-learn", "numpy"):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"no {name}")
    return found


def shown(row: Row) -> list[str]:
    def amount(value: float) -> str:
        return f"{value:.1f} MB" if row.unit == "MB" else duration(value)

    verdict = {None: "", True: "met", False: "missed"}[row.met]
    return [row.what, amount(row.ours), row.against, amount(row.other), _ratio(row), row.aim, verdict]


def _ratio(row: Row) -> str:
    if row.kind == "difference":
        return f"+{row.value * 1000:.1f} ms"
    ratio = row.ours / row.other
    return f"{ratio:.2f}" if ratio >= 0.5 else f"1/{1 / ratio:.1f}"


def table(rows: Sequence[Row]) -> str:
    """As Markdown, which reads well in a terminal, too."""
    head = ["what", "ours", "against", "takes", "ratio", "aim", "verdict"]
    lines = [head, *(shown(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    lines.insert(1, ["-" * width for width in widths])
    text = (" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
    return "\n".join(f"| {line} |" for line in text)


def main() -> int:
    parser = argparse.ArgumentParser(description="Time pipetest beside what people would use instead.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; default: all")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all samples")
    parser.add_argument("--quick", action="store_true", help="fewer rounds: for a look, not for the record")
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(BENCHMARKS))
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]!r}: name some of {', '.join(BENCHMARKS)}")
    started, surroundings = time.perf_counter(), machine()
    rows = _measure(options.names or list(BENCHMARKS), options.quick)
    print("\n" + ", ".join(f"{key}: {value}" for key, value in surroundings.items()) + "\n")
    print(table(rows))
    print(f"\nin {time.perf_counter() - started:.0f} s")
    if options.json:
        found = {"machine": surroundings, "rows": [{**asdict(row), "value": row.value} for row in rows]}
        options.json.write_text(json.dumps(found, indent=1) + "\n")
    return 0


def _measure(names: Sequence[str], quick: bool) -> list[Row]:
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="pipetest-benchmark-") as folder:
        for name in names:
            needed = NEEDED.get(name, ())
            if not _has_libraries(needed):
                print(f"{name}: left out, it needs {' and '.join(needed)}", file=sys.stderr)
                continue
            started = time.perf_counter()
            found = BENCHMARKS[name](Bench(Path(folder), quick))
            rows += found
            print(f"{name}: in {time.perf_counter() - started:.0f} s", file=sys.stderr)
            print(*(f"  {' '.join(shown(row))}" for row in found), sep="\n", file=sys.stderr, flush=True)
    return rows


if __name__ == "__main__":
    sys.exit(main())
