"""init writes a pipeline file that loads, says what the sources say, and overwrites nothing."""

from __future__ import annotations

import os
from errno import ENOSPC
from io import FileIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pipetest
from pipetest import cli
from pipetest.pipeline import Pipeline, PipelineError
from pipetest.results import ExitCode
from pipetest.starter import write_pipeline

WINE = Path(__file__).parents[1] / "examples" / "wine" / "scripts"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a folder ``steps`` in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "steps").mkdir()
    return tmp_path


def script(path: Path, inputs: list[str], output: str) -> None:
    looks = "".join(f"    input_paths[{name!r}]\n" for name in inputs)
    path.write_text(
        "from pathlib import Path\n\ndef main(input_paths, output_paths):\n"
        f"{looks}    Path(output_paths[{output!r}], 'out.txt').write_text('done')\n"
    )


def written(folder: str = "steps") -> Pipeline:
    path, count = write_pipeline(Path(folder))
    pipeline = pipetest.load(path)
    assert len(pipeline.steps) == count
    return pipeline


def faults_of(folder: str) -> str:
    with pytest.raises(PipelineError) as caught:
        write_pipeline(Path(folder))
    (fault,) = caught.value.faults
    assert fault.hint
    return fault.message


def test_the_wine_scripts_become_a_pipeline_that_checks(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "steps").rmdir()
    (here / "steps").symlink_to(WINE)
    assert cli.main(["init", "steps"]) == ExitCode.OK
    assert capsys.readouterr().out == "Wrote pipeline.yaml with 7 steps. Next: pipetest check pipeline.yaml\n"
    assert cli.main(["check", "pipeline.yaml"]) == ExitCode.OK
    text = (here / "pipeline.yaml").read_text()
    assert "# args: [--cultivars, CULTIVARS, --out, OUT]" in text
    assert "      # wine: PATH\n" in text
    assert "modelling" not in text


def test_the_header_is_five_lines_and_names_the_next_commands(here: Path) -> None:
    script(here / "steps" / "a.py", [], "x")
    written()
    header = (here / "pipeline.yaml").read_text().split("\n\n")[0].splitlines()
    assert len(header) == 5
    assert all(line.startswith("# ") and len(line) <= 120 for line in header)
    assert all(f"`pipetest {command}`" in header[-1] for command in ("show", "check", "run"))


def test_an_input_that_one_other_script_writes_is_linked(here: Path) -> None:
    script(here / "steps" / "prepare.py", ["raw"], "clean")
    script(here / "steps" / "train.py", ["clean"], "model")
    train = written().step("train")
    assert [(one.name, one.from_step, one.from_output) for one in train.inputs] == [
        ("clean", "prepare", "clean")
    ]
    assert [one.name for one in train.outputs] == ["model"]


def test_an_input_that_two_scripts_write_is_left_to_the_user(here: Path) -> None:
    script(here / "steps" / "forest.py", [], "model")
    script(here / "steps" / "logistic.py", [], "model")
    script(here / "steps" / "judge.py", ["model"], "scores")
    assert written().step("judge").inputs == ()
    assert "      # model: forest.model  # or logistic.model\n" in (here / "pipeline.yaml").read_text()


def test_a_link_that_would_close_a_circle_is_left_out(here: Path) -> None:
    script(here / "steps" / "a.py", ["z"], "x")
    script(here / "steps" / "b.py", ["x"], "y")
    script(here / "steps" / "c.py", ["y"], "z")
    upstream = {step.name: step.upstream() for step in written().steps}
    assert upstream == {"a": {"c"}, "b": {"a"}, "c": frozenset()}


def test_an_own_output_is_no_input(here: Path) -> None:
    script(here / "steps" / "a.py", ["x"], "x")
    assert written().step("a").inputs == ()


def test_what_is_commented_out_can_be_filled_in_and_runs(here: Path) -> None:
    script(here / "steps" / "prepare.py", ["raw"], "clean")
    script(here / "steps" / "train.py", ["clean"], "model")
    path, _ = write_pipeline(Path("steps"))
    (here / "raw.csv").write_text("a\n1\n")
    path.write_text(path.read_text().replace("# raw: PATH", "raw: raw.csv"))
    report = pipetest.run(path)
    assert {step.name: str(step.status) for step in report.steps} == {"prepare": "passed", "train": "passed"}


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("def main(input_paths, output_paths): pass\n", None),  # called by default
        ("def main(): print(1)\n", "main"),  # else nothing would call it
        ("def main(): print(1)\n\nif __name__ == '__main__':\n    main()\n", None),
        ("def main(input_paths, model): print(1)\n\nif __name__ == '__main__':\n    main({}, 1)\n", "script"),
        ("from . import b\n\ndef main(job_args): pass\n\nif __name__ == '__main__':\n    main(1)\n", "main"),
        ("def main(who): print(1)\n", None),  # nothing helps; check says so
        ("print(1)\n", None),
    ],
)
def test_entry_is_written_only_where_the_default_would_be_wrong(
    here: Path, text: str, entry: str | None
) -> None:
    (here / "steps" / "a.py").write_text(text)
    assert written().step("a").entry == entry


def test_required_options_are_shown_as_comments(here: Path) -> None:
    (here / "steps" / "a.py").write_text(
        "import argparse\nparser = argparse.ArgumentParser()\n"
        "parser.add_argument('-i', '--in', required=True)\n"
        "parser.add_argument('--seed', default=7)\n"
        "parser.add_argument('--out-dir',\n    required=True)\n"
        "print(parser.parse_args())\n"
    )
    assert written().step("a").args == ()
    text = (here / "pipeline.yaml").read_text()
    assert "    # args: [--in, IN, --out-dir, OUT-DIR]\n" in text


def test_odd_names_load_and_check(here: Path) -> None:
    names = [
        "with space", "it's", 'say "hi"', "größe", "列", "a: b", "- x", "#no", "yes", "1", "null", "[x]",
        "{y}", "&z", "*z", "!t", "%d", "@a", "`b`", "x.y.z", "new\nline", "tab\t", "\x07bell", "\u2028",
        "emoji 😀", "~", "<<", "=", "e" * 200, "-dash", " ", "\ufeff",
    ]  # fmt: skip
    for name in names:
        (here / "steps" / f"{name}.py").write_text("def main(): print(1)\n")
    for folder in ("one", "two"):
        (here / "steps" / folder).mkdir()
        (here / "steps" / folder / "train.py").write_text("def main(): print(1)\n")
    (here / "steps" / "broken.py").write_text("def main(:\n")
    (here / "steps" / "folder.py").mkdir()
    (here / "steps" / "helper.py").write_text("X = 1\n")
    pipeline = written()
    assert len(pipeline.steps) == len(names) + 3
    assert all(step.script_path and step.script_path.is_file() for step in pipeline.steps)
    assert {"train", "train_2", "x_y_z", "new_line"} <= {step.name for step in pipeline.steps}
    report = pipetest.check(["pipeline.yaml"])
    assert {step.name for step in report.steps if step.status != "passed"} == {"broken"}


def test_a_name_that_is_not_utf_8_is_passed_over_and_said(here: Path) -> None:
    script(here / "steps" / "a.py", [], "x")
    try:
        Path(os.fsdecode(b"steps/\xff.py")).write_text("print(1)\n")
    except OSError:
        pytest.skip("this file system takes only UTF-8")
    assert [step.name for step in written().steps] == ["a"]
    assert "# Passed over, because its name is not UTF-8: " in (here / "pipeline.yaml").read_text()


def test_keys_that_cannot_be_names_are_said(here: Path) -> None:
    script(here / "steps" / "a.py", ["in/raw", ".hidden"], "out\n")
    step = written().step("a")
    assert (step.inputs, step.outputs) == ((), ())
    assert (here / "pipeline.yaml").read_text().count("which cannot be a name here") == 3


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.text(
                st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=20
            ),
            st.lists(st.text(max_size=8), max_size=3),
            st.text(max_size=8),
        ),
        min_size=1,
        max_size=5,
        unique_by=lambda one: one[0],
    )
)
def test_whatever_the_names_the_file_loads(
    tmp_path_factory: pytest.TempPathFactory, scripts: list[tuple[str, list[str], str]]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    for stem, inputs, output in scripts:
        looks = "".join(f"    input_paths[{name!r}]\n" for name in inputs)
        text = f"def main(input_paths, output_paths):\n{looks}    output_paths[{output!r}]\n"
        (folder / f"{stem}.py").write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        path, count = write_pipeline(folder)
    except PipelineError as error:
        assert "holds no" in error.faults[0].message  # every one is named like a test
        return
    assert len(pipetest.load(path).steps) == count


def test_a_folder_elsewhere_gets_the_file_itself(
    here: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    script(elsewhere / "a.py", [], "x")
    path, _ = write_pipeline(elsewhere)
    assert path == elsewhere / "pipeline.yaml"
    assert pipetest.load(path).step("a").script_path == elsewhere / "a.py"
    assert not (here / "pipeline.yaml").exists()


def test_nothing_is_overwritten(here: Path) -> None:
    script(here / "steps" / "a.py", [], "x")
    (here / "pipeline.yaml").write_text("mine")
    assert faults_of("steps") == "pipeline.yaml is there already; nothing was written."
    assert (here / "pipeline.yaml").read_text() == "mine"
    (here / "pipeline.yaml").unlink()
    (here / "pipeline.yaml").symlink_to("nowhere")
    assert "is there already" in faults_of("steps")
    assert not (here / "nowhere").exists()


def test_a_pipeline_file_of_another_kind_is_not_put_in_the_shade(here: Path) -> None:
    script(here / "steps" / "a.py", [], "x")
    (here / "pipeline.json").write_text("{}")
    assert faults_of("steps") == "pipeline.json is there already; nothing was written."


def test_what_cannot_be_done_is_said(here: Path) -> None:
    assert faults_of("nowhere") == "There is no folder nowhere."
    (here / "steps" / "helper.py").write_text("X = 1\n")
    assert faults_of("steps") == "steps holds no scripts."
    assert faults_of("steps/helper.py") == "steps/helper.py is not a folder."
    (here / "empty").mkdir()
    assert "holds no" in faults_of("empty")


def test_a_full_disk_leaves_no_half_file(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(here / "steps" / "a.py", [], "x")

    class Full(FileIO):
        def write(self, _: object, /) -> int:
            raise OSError(ENOSPC, os.strerror(ENOSPC))

    whole = Path.open
    monkeypatch.setattr(
        Path,
        "open",
        lambda path, mode="r", *rest: Full(path, "x") if mode == "xb" else whole(path, mode, *rest),
    )
    assert faults_of("steps") == "pipeline.yaml cannot be written: No space left on device."
    assert not (here / "pipeline.yaml").exists()
