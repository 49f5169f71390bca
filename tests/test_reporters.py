from __future__ import annotations

import json
import math
import re
import subprocess
import sys
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipetest.pipeline import Input, Output, Pipeline, Step
from pipetest.reporters import printable, render
from pipetest.reporters.graph import draw
from pipetest.results import Finding, Report, Severity, Status, StepResult, from_dict

TRACEBACK = """Traceback (most recent call last):
  File "scripts/train.py", line 12, in main
    frame["amount"]
KeyError: 'amount'
"""
WARNING = Finding(
    "unread-input",
    Severity.WARNING,
    "prepare",
    "The input `raw` was never opened.",
    "Remove it.",
    "scripts/prepare.py",
    3,
)
ERROR = Finding(
    "exception",
    Severity.ERROR,
    "train",
    "KeyError: 'amount'; the nearest column of prepare.clean is `amt`.",
    "Read `amt` in train.py, or rename the column.",
    "scripts/train.py",
    12,
    TRACEBACK,
)
SKIPPED = Finding("upstream", Severity.NOTE, "publish", "train did not pass", "Mend train first.")
REPORT = Report(
    "0.1.0",
    "run",
    "churn",
    "2026-01-01T00:00:00Z",
    1.238,
    (
        StepResult(
            "prepare",
            Status.PASSED,
            "scripts/prepare.py",
            seconds=0.012,
            max_rss_mb=41.2,
            started_as="fork",
            entry="main",
            findings=(WARNING,),
            outputs={"clean": {"files": 1, "bytes": 12345}},
        ),
        StepResult(
            "train",
            Status.FAILED,
            "scripts/train.py",
            seconds=1.2,
            max_rss_mb=1200,
            started_as="fresh",
            entry="script",
            exit_code=1,
            findings=(ERROR,),
            log="/runs/1/train/log.txt",
            rerun="pipetest run --step train",
        ),
        StepResult("publish", Status.SKIPPED, findings=(SKIPPED,)),
    ),
)


def shown(report: Report, **options: object) -> str:
    return render("terminal", report, **{"color": False, "width": 80, **options})


def check_of(number: int, failed: int = 0) -> Report:
    fault = Finding("missing-module", Severity.ERROR, "s", "`pandas` is not installed", "Install it.")
    passed = [StepResult(f"s{i}", Status.PASSED) for i in range(number - failed)]
    bad = [StepResult(f"bad{i}", Status.FAILED, findings=(fault,)) for i in range(failed)]
    return Report("0.1.0", "check", None, "", 2.0, (*passed, *bad))


# --- terminal -------------------------------------------------------------------------------------


def test_a_run_in_the_terminal() -> None:
    assert shown(REPORT) == (
        """\
  step     status     time    peak  wrote
✓ prepare  passed    12 ms   41 MB  clean 1 file, 12 kB
✗ train    failed   1.20 s  1.2 GB
– publish  skipped                  train did not pass

✗ train failed (exit code 1)
  exception: KeyError: 'amount'; the nearest column of prepare.clean is `amt`.
    at    scripts/train.py:12
    hint  Read `amt` in train.py, or rename the column.

      Traceback (most recent call last):
        File "scripts/train.py", line 12, in main
          frame["amount"]
      KeyError: 'amount'

  log    /runs/1/train/log.txt
  rerun  pipetest run --step train

! prepare: warning
  unread-input: The input `raw` was never opened.
    at    scripts/prepare.py:3
    hint  Remove it.

1 passed, 1 failed, 1 skipped, 1 warning in 1.24 s
"""
    )


def test_quiet_is_one_line_a_fault_and_the_summary() -> None:
    assert shown(REPORT, quiet=True) == (
        "✗ train: exception: KeyError: 'amount'; the nearest column of prepare.clean is `amt`. "
        "(scripts/train.py:12)\n"
        "1 passed, 1 failed, 1 skipped, 1 warning in 1.24 s\n"
    )


def test_verbose_adds_how_it_was_started_and_the_notes() -> None:
    text = shown(REPORT, verbose=1)
    assert "✓ prepare  passed    12 ms   41 MB  main, fork     clean 1 file, 12 kB\n" in text
    assert "· publish: note\n  upstream: train did not pass\n    hint  Mend train first.\n" in text


def test_colours_change_nothing_but_colours() -> None:
    text = shown(REPORT, color=True)
    assert "\x1b[31mfailed \x1b[0m" in text
    assert "\x1b[1;31m1 failed\x1b[0m" in text
    assert re.sub(r"\x1b\[[\d;]*m", "", text) == shown(REPORT)


@pytest.mark.parametrize(
    ("report", "last"),
    [
        (replace(REPORT, steps=REPORT.steps[:1]), "1 passed, 1 warning in 1.24 s"),
        (replace(REPORT, steps=REPORT.steps[2:]), "nothing was tested: 1 skipped in 1.24 s"),
        (replace(REPORT, steps=()), "nothing was tested in 1.24 s"),
        (
            replace(REPORT, steps=REPORT.steps[:1], interrupted=True),
            "interrupted after 1.24 s: 1 passed, 1 warning",
        ),
        (replace(REPORT, steps=(), interrupted=True), "interrupted after 1.24 s: nothing was tested"),
        (
            replace(REPORT, steps=REPORT.steps[:1], findings=(ERROR,)),
            "1 passed, 1 error, 1 warning in 1.24 s",
        ),
        (replace(check_of(1), seconds=0.0123), "1 passed in 12 ms"),
        (replace(check_of(1), seconds=0.00042), "1 passed in 0.4 ms"),
        (replace(check_of(1), seconds=59.999), "1 passed in 1 min 00 s"),
        (replace(check_of(1), seconds=3725), "1 passed in 62 min 05 s"),
    ],
)
def test_the_last_line(report: Report, last: str) -> None:
    assert shown(report).splitlines()[-1] == last
    assert shown(report, quiet=True).splitlines()[-1] == last


def test_notes_of_the_whole_call_are_shown_under_v() -> None:
    note = Finding("no-namespaces", Severity.NOTE, "", "Namespaces are refused here.", "")
    assert "no-namespaces" not in shown(replace(check_of(1), findings=(note,)))
    text = shown(replace(check_of(1), findings=(note,)), verbose=1)
    assert "· pipeline: note\n  no-namespaces: Namespaces are refused here.\n\n" in text


def test_a_thousand_scripts_are_not_a_thousand_lines() -> None:
    assert shown(check_of(20)).count("✓") == 20
    assert shown(check_of(1000, failed=1)) == (
        "✗ bad0 failed\n  missing-module: `pandas` is not installed\n    hint  Install it.\n\n"
        "not listed: 999 passed (-v lists them)\n\n"
        "999 passed, 1 failed in 2.00 s\n"
    )
    assert shown(check_of(1000), verbose=1).count("✓") == 1000
    assert "\n12 errors: 12 missing-module\n" in shown(check_of(100, failed=12))


def test_many_warnings_are_counted() -> None:
    steps = tuple(StepResult(f"s{i}", Status.PASSED, findings=(WARNING,)) for i in range(21))
    text = shown(replace(REPORT, steps=steps))
    assert "! 21 warnings (-v shows them): 21 unread-input\n" in text
    assert "never opened" not in text
    assert shown(replace(REPORT, steps=steps), verbose=1).count("never opened") == 21


def test_the_middle_of_a_long_detail_is_left_out() -> None:
    detail = "\n".join(f"line {i}" for i in range(100)) + "\n" + "x" * 5000
    step = StepResult("s", Status.FAILED, findings=(replace(ERROR, detail=detail),))
    report = replace(REPORT, steps=(step,))
    text = shown(report)
    assert "      line 14\n      … 61 more lines (-v shows them)\n      line 76\n" in text
    assert "x" * 2000 + "… (-v shows the rest)\n" in text
    assert "line 50\n" in shown(report, verbose=1)
    assert "x" * 5000 + "\n" in shown(report, verbose=1)


def test_names_and_paths_stay_whole_and_columns_align() -> None:
    long, path = "name_" * 20, "/a-long-folder" * 10 + "/x y.py"
    finding = replace(ERROR, file=path, message=f"No file {path}", detail="")
    steps = (
        StepResult("数据准备", Status.PASSED, seconds=1),
        StepResult(long, Status.FAILED, seconds=1, findings=(finding,), log=path),
        StepResult(
            "ok", Status.PASSED, seconds=1, outputs={f"out{i}": {"files": i, "bytes": i} for i in range(4)}
        ),
    )
    text = shown(replace(REPORT, steps=steps))
    assert text.startswith(
        f"""\
  step      status    time  wrote
✓ 数据准备  passed  1.00 s
✗ {long}
            failed  1.00 s
✓ ok        passed  1.00 s  out0 0 files, 0 B; out1 1 file, 1 B;
                            out2 2 files, 2 B; out3 3 files, 3 B
"""
    )
    assert f"at    {path}:12\n" in text
    assert f"log    {path}\n" in text
    assert f"exception: No file\n    {path.replace(' ', chr(10) + '    ')}\n" in text  # broken at spaces only


def test_markup_and_escapes_come_out_literally() -> None:
    evil = "[bold]x[/bold] :smile: \x1b[31m\r\x07\udc80\u202e"
    literal = r"[bold]x[/bold] :smile: \x1b[31m\r\x07\udc80\u202e"
    finding = replace(ERROR, message=evil, hint=evil, file=evil, detail=evil)
    step = StepResult(evil, Status.FAILED, findings=(finding,), log=evil, rerun=evil)
    text = shown(replace(REPORT, steps=(step,)), width=300)
    assert text.count(literal) == 8  # table, headline, message, place, hint, detail, log, rerun


def test_printable() -> None:
    assert printable("größe\t数据\r\n\u3000\xa0✓ 👩\u200d💻") == "größe\t数据\n\u3000\xa0✓ 👩\u200d💻"
    assert printable("\x00\x7f\x85\x9b2J\u2028\ufeff\xad") == r"\x00\x7f\x85\x9b2J\u2028\ufeff\xad"
    assert printable("größe ✓", ascii_only=True) == r"gr\xf6\xdfe \u2713"


# --- JSON, JUnit ----------------------------------------------------------------------------------


def test_json_reads_back_equal_and_is_strict() -> None:
    text = render("json", REPORT)
    assert text.isascii()
    assert text.endswith("}\n")
    assert from_dict(json.loads(text)) == REPORT
    facts = {"clean": {"facts": {"min": math.nan, "max": [math.inf, 1.5]}}}
    step = StepResult("s", Status.PASSED, outputs=facts)
    body = json.loads(render("json", replace(REPORT, steps=(step,))), parse_constant=pytest.fail)
    assert body["steps"][0]["outputs"] == {"clean": {"facts": {"min": None, "max": [None, 1.5]}}}


def test_junit() -> None:
    assert render("junit", replace(REPORT, steps=(*REPORT.steps, StepResult("boom", Status.CRASHED)))) == (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<testsuites tests="4" failures="1" errors="1" skipped="1" time="1.238">'
        '<testsuite name="churn" timestamp="2026-01-01T00:00:00Z" tests="4" errors="1" failures="1"'
        ' skipped="1" time="1.238">'
        '<testcase name="prepare" classname="churn" time="0.012"><properties>'
        '<property name="output.clean.files" value="1" /><property name="output.clean.bytes" value="12345" />'
        "</properties><system-out>warning: unread-input: The input `raw` was never opened.\n"
        "at scripts/prepare.py:3\nhint: Remove it.</system-out></testcase>"
        '<testcase name="train" classname="churn" time="1.2">'
        "<failure message=\"KeyError: 'amount'; the nearest column of prepare.clean is `amt`.\""
        ' type="exception">'
        "error: exception: KeyError: 'amount'; the nearest column of prepare.clean is `amt`.\n"
        "at scripts/train.py:12\nhint: Read `amt` in train.py, or rename the column.\n\n"
        f"{TRACEBACK}\n\nrerun: pipetest run --step train</failure>"
        "<system-out>log: /runs/1/train/log.txt</system-out></testcase>"
        '<testcase name="publish" classname="churn" time="0.0">'
        '<skipped message="train did not pass" type="upstream">'
        "note: upstream: train did not pass\nhint: Mend train first.</skipped>"
        "<system-out>note: upstream: train did not pass\nhint: Mend train first.</system-out></testcase>"
        '<testcase name="boom" classname="churn" time="0.0"><error message="boom: crashed" type="crashed" />'
        "</testcase></testsuite></testsuites>\n"
    )


@pytest.mark.parametrize(
    ("report", "message"),
    [
        (replace(REPORT, steps=()), "nothing was tested"),
        (replace(REPORT, interrupted=True), "interrupted before all steps were tested"),
        (replace(REPORT, findings=(replace(ERROR, message="whole"),)), "whole"),
    ],
)
def test_junit_is_red_when_the_whole_call_is_at_fault(report: Report, message: str) -> None:
    suite = ElementTree.fromstring(render("junit", report))[0]
    assert [error.get("message") for error in suite.iter("error")] == [message]
    assert suite.get("errors") == "1"


# --- any text -------------------------------------------------------------------------------------

# Control characters, terminal escapes, what XML cannot hold, and bytes that were no UTF-8.
NASTY = st.sampled_from("\x00\x1b\r\n\t\x7f\x9b\u2028\u202e\ufffe\uffff\udc80\udcff[]<>&]:%{}\\")
TEXT = st.text(NASTY | st.characters(exclude_categories=["Cs"]), max_size=30)
SECONDS = st.floats(0, 1e6)
COUNTS = st.fixed_dictionaries({}, optional={"files": st.integers(0), "bytes": st.integers(0)})
FINDINGS = st.lists(
    st.builds(
        Finding,
        TEXT,
        st.sampled_from(Severity),
        TEXT,
        TEXT,
        TEXT,
        st.none() | TEXT,
        st.none() | st.integers(0, 99),
        TEXT,
    ),
    max_size=3,
).map(tuple)
STEPS = st.builds(
    StepResult,
    TEXT,
    st.sampled_from(Status),
    st.none() | TEXT,
    SECONDS,
    SECONDS,
    SECONDS,
    started_as=st.none() | TEXT,
    exit_code=st.none() | st.integers(0, 255),
    signal=st.none() | TEXT,
    findings=FINDINGS,
    outputs=st.dictionaries(TEXT, COUNTS),
    log=st.none() | TEXT,
    rerun=st.none() | TEXT,
)
REPORTS = st.builds(
    Report,
    TEXT,
    st.sampled_from(["check", "run"]),
    st.none() | TEXT,
    TEXT,
    SECONDS,
    st.lists(STEPS, max_size=4).map(tuple),
    FINDINGS,
    st.booleans(),
)


@given(REPORTS)
def test_any_report_as_json_and_junit(report: Report) -> None:
    text = render("json", report)
    assert text.isascii()
    assert from_dict(json.loads(text, parse_constant=pytest.fail)) == report
    root = ElementTree.fromstring(render("junit", report).encode())
    names = [case.get("name") for case in root.iter("testcase")]
    assert names[: len(report.steps)] == [printable(step.name) for step in report.steps]
    assert int(root.get("errors", 0)) + int(root.get("failures", 0)) > 0 or report.ok


@given(REPORTS, st.integers(0, 1), st.booleans(), st.booleans(), st.integers(1, 200))
def test_any_report_in_the_terminal(
    report: Report, verbose: int, quiet: bool, ascii_only: bool, width: int
) -> None:
    text = shown(report, verbose=verbose, quiet=quiet, ascii_only=ascii_only, width=width)
    assert not [char for char in text if unicodedata.category(char) == "Cc" and char != "\n"]
    text.encode("ascii" if ascii_only else "utf-8")
    assert "\t" not in text


# --- graph ----------------------------------------------------------------------------------------


def step(
    name: str, inputs: Mapping[str, str] | None = None, outputs: tuple[str, ...] = (), **more: object
) -> Step:
    links = []
    for key, source in (inputs or {}).items():
        upstream, _, output = source.partition(".")
        outside = source.startswith("/")
        links.append(Input(key, path=Path(source)) if outside else Input(key, upstream, output))
    return Step(name, inputs=tuple(links), outputs=tuple(map(Output, outputs)), **more)  # type: ignore[arg-type]


CHURN = Pipeline(
    "churn",
    (
        step("prepare", {"raw": "/p/data/customers.csv"}, ("clean",)),
        step("numbers", {"clean": "prepare.clean"}, ("table",)),
        step("words", {"clean": "prepare.clean", "list": "/elsewhere/stop.txt"}, ("table",)),
        step("stats", {"clean": "prepare.clean"}, ("report.html",)),
        step("train", {"numbers": "numbers.table", "words": "words.table"}, ("model", "metrics.json")),
        step("publish", {"model": "train.model"}, needs=("stats",), stub=Path("/p/fixtures/published")),
    ),
    Path("/p/pipeline.yaml"),
)


def test_a_graph() -> None:
    assert draw(CHURN, color=False, width=80) == (
        """\
churn: 6 steps in 4 stages; steps of one stage can run side by side

1  ●      prepare  raw ← data/customers.csv
   │
2  ├─●    numbers  clean ← prepare.clean
   ├─│─●  words    clean ← prepare.clean, list ← /elsewhere/stop.txt
   ● │ │  stats    clean ← prepare.clean, → report.html
   │ │ │
3  │ ●─╯  train    numbers ← numbers.table, words ← words.table, → metrics.json
   │ │
4  ○─╯    publish  model ← train.model, after stats
                   stub ← fixtures/published (not run)
"""
    )


def test_a_graph_with_statuses_in_ascii() -> None:
    statuses = {"prepare": "passed", "numbers": "failed", "words": "timeout", "train": Status.SKIPPED}
    assert draw(CHURN, color=False, width=80, ascii_only=True, statuses=statuses) == (
        """\
churn: 6 steps in 4 stages; steps of one stage can run side by side

1  +      prepare  raw <- data/customers.csv
   |
2  +-x    numbers  clean <- prepare.clean
   +-|-!  words    clean <- prepare.clean, list <- /elsewhere/stop.txt
   * | |  stats    clean <- prepare.clean, -> report.html
   | | |
3  | --'  train    numbers <- numbers.table, words <- words.table
   | |             -> metrics.json
   | |
4  o-'    publish  model <- train.model, after stats
                   stub <- fixtures/published (not run)
"""
    )
    assert "\x1b[1;31mnumbers\x1b[0m" in draw(CHURN, color=True, width=80, statuses=statuses)


def test_odd_names_in_a_graph() -> None:
    long = "b" * 100
    pipeline = Pipeline(
        "größe\x1b",
        (step("数据"), step(long, {"in": "数据.x"}, ("y",)), step("[bold]\n", {"in": "数据.x"}), step("ok")),
    )
    assert draw(pipeline, color=False, width=80) == (
        f"""\
größe\\x1b: 4 steps in 2 stages; steps of one stage can run side by side

1  ●    数据
   │ ●  ok
   │
2  ├─●  {long}
   │          in ← 数据.x, → y
   ●    [bold]\\n  in ← 数据.x
"""
    )


def test_a_graph_without_room_for_its_rails_keeps_its_words() -> None:
    steps = [step("src"), *(step(f"w{i}", {"i": "src.o"}) for i in range(30))]
    steps.append(step("all", {f"i{i}": f"w{i}.o" for i in range(30)}))
    text = draw(Pipeline("wide", tuple(steps)), color=False, width=80)
    assert text.startswith(
        "wide: 32 steps in 3 stages; steps of one stage can run side by side\n\n"
        "1  ●  src\n\n2  ●  w0   i ← src.o\n   ●  w1   i ← src.o\n"
    )
    assert "├" not in text
    assert all(f"i{i} ← w{i}.o" in text for i in range(30))


def test_an_empty_graph() -> None:
    assert draw(Pipeline("none", ()), color=False, width=80) == "none: 0 steps in 0 stages\n\n"


@st.composite
def pipelines(draw_one: st.DrawFn) -> Pipeline:
    number = draw_one(st.integers(1, 12))
    steps = []
    for i in range(number):
        upstream = draw_one(st.sets(st.integers(0, i - 1), max_size=3)) if i else set()
        steps.append(step(f"s{i}", {f"i{j}": f"s{j}.o" for j in upstream}))
    return Pipeline("any", tuple(draw_one(st.permutations(steps))))


@given(pipelines())
def test_the_rails_say_what_the_words_say(pipeline: Pipeline) -> None:
    """Read the picture as a person does, with the finger on the rails, and find the links of the pipeline."""
    text = draw(pipeline, color=False, width=200)
    owners: dict[int, str] = {}
    found: dict[str, set[str]] = {}
    stage: dict[int, str] = {}
    for line in text.splitlines()[2:]:
        if "●" not in line:
            owners |= stage  # the steps of a stage are not linked to each other
            stage = {}
            owners = {at: name for at, name in owners.items() if line[at : at + 1] == "│"}
            continue
        at, name = line.index("●"), line.split("●")[1].split("s", 1)[1].split()[0]
        rails = line[: line.index(f"s{name}")]
        joined = {i for i, sign in enumerate(rails) if sign in "├┤┼╰╯┴"} | ({at} & owners.keys())
        found[f"s{name}"] = {owners[i] for i in joined}
        for i in joined:
            if i == at or rails[i] in "╰╯┴":
                del owners[i]
        stage[at] = f"s{name}"
    assert found == {step.name: set(step.upstream()) for step in pipeline.steps}


@pytest.mark.parametrize("shape", ["chain", "fan", "pairs"])
def test_five_thousand_steps(shape: str) -> None:
    number = 5000
    links: dict[str, dict[int, list[int]]] = {
        "chain": {i: [i - 1] for i in range(1, number)},
        "fan": {**{i: [0] for i in range(1, number)}, number - 1: list(range(number - 1))},
        "pairs": {i: [i - number // 2] for i in range(number // 2, number)},
    }
    steps = (step(f"s{i}", {f"i{j}": f"s{j}.o" for j in links[shape].get(i, [])}) for i in range(number))
    pipeline = Pipeline("big", tuple(steps))
    start = perf_counter()
    text = draw(pipeline, color=False, width=80)
    assert perf_counter() - start < 5  # a tenth of a second here; a quadratic one takes minutes
    assert text.count("●") == number


# --- imports --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["json", "terminal"])
def test_nothing_heavy_is_loaded(name: str) -> None:
    program = f"""
import sys
from pipetest.reporters import render
from pipetest.results import Report
options = {{"color": True, "width": 80}} if {name!r} == "terminal" else {{}}
render({name!r}, Report("0", "run", "p", "", 0.0, ()), **options)
print([name for name in ("rich", "junitparser", "xml.etree") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_an_unknown_reporter() -> None:
    with pytest.raises(KeyError):
        render("pdf", REPORT)
