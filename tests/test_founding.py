"""The founding document's usage, word for word, and the package as a library."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Project

import pipetest
from pipetest import RuntimeTester, ScriptTestResult

MAIN = """\
    import json

    def main(input_paths, output_paths, environ_vars, job_args):
        text = open(input_paths["data"]).read()
        with open(output_paths["result"] + "/result.json", "w") as file:
            json.dump({"length": len(text)}, file)
    """
GOOD = "def main(): pass\n\nif __name__ == '__main__':\n    main()\n"


@pytest.fixture
def inside(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with our current directory in it."""
    monkeypatch.chdir(project.folder)
    return project


# --- the command --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["a.py", "scripts/a.py", "src/a.py"])
def test_script_prints_pass_for_a_script_that_is_found_by_its_name(project: Project, place: str) -> None:
    project.write({place: GOOD})
    before = project.tree()
    answer = project.run("--script", "a")
    assert (answer.code, answer.out, answer.err) == (0, "a: PASS\n", "")
    assert project.tree() == before


def test_script_takes_a_path_too(project: Project) -> None:
    project.write({"deep/er/a.py": GOOD})
    answer = project.run("--script", "deep/er/a.py")
    assert (answer.code, answer.out, answer.err) == (0, "deep/er/a.py: PASS\n", "")


def test_script_takes_a_path_without_its_suffix(project: Project) -> None:
    project.write({"deep/er/a.py": GOOD})
    answer = project.run("--script", "deep/er/a")
    assert (answer.code, answer.out, answer.err) == (0, "deep/er/a: PASS\n", "")


def test_a_folder_of_the_same_name_does_not_hide_a_script(project: Project) -> None:
    project.write({"scripts/train.py": GOOD, "train/data.csv": "x\n"})
    answer = project.run("--script", "train")
    assert (answer.code, answer.out, answer.err) == (0, "train: PASS\n", "")


@pytest.mark.parametrize(
    ("source", "error"),
    [
        (
            "import nowhere_to_be_found\n\ndef main(): pass\n",
            "a.py needs `nowhere_to_be_found`, which is not installed for the step's Python.",
        ),
        ("def main(:\n", "a.py is not valid Python: invalid syntax: `def main(:`."),
        (
            "int('x')\ndef main(): pass\n",
            "a.py raised ValueError: invalid literal for int() with base 10: 'x'",
        ),
        ("X = 1\n", "a.py has no `main`, no `__main__` guard and no work of its own"),
        ("print('work')\n", "a.py does its work when it is imported"),
    ],
)
def test_script_prints_fail_and_one_line_of_why(project: Project, source: str, error: str) -> None:
    project.write({"a.py": source})
    answer = project.run("--script", "a")
    assert (answer.code, answer.err) == (1, "")
    first, second = answer.out.splitlines()
    assert first == "a: FAIL"
    assert second.startswith(f"  Error: {error}")


def test_script_that_is_not_there_names_where_it_was_looked_for(project: Project) -> None:
    answer = project.run("--script", "gone")
    assert (answer.code, answer.err) == (1, "")
    first, second = answer.out.splitlines()
    assert first == "gone: FAIL"
    assert second.startswith("  Error: There is no script for ")
    assert all(place in second for place in (" gone.py", "scripts/gone.py", "src/gone.py"))


def test_a_folder_is_no_script(project: Project) -> None:
    project.write({"a/notes.txt": ""})
    answer = project.run("--script", "a")
    assert (answer.code != 0, answer.err) == (True, "")
    assert answer.out.startswith("a: FAIL\n  Error: ")


def test_pipeline_prints_a_line_for_each_step(project: Project) -> None:
    project.write(
        {
            "mine.json": """\
                {"steps": {"currency_conversion": {}, "train": {"script_path": "scripts/train.py"}}}
                """,
            "scripts/currency_conversion.py": GOOD,
            "scripts/train.py": "import nowhere_to_be_found\n" + GOOD,
        }
    )
    before = project.tree()
    answer = project.run("--pipeline", "mine.json")
    assert (answer.code, answer.err) == (1, "")
    assert answer.out == (
        "currency_conversion: PASS\n"
        "train: FAIL\n"
        "  Error: train.py needs `nowhere_to_be_found`, which is not installed for the step's Python."
        " Install it (`pip install nowhere_to_be_found`), or name the Python that has it with `python:`.\n"
    )
    assert project.tree() == before


def test_pipeline_of_scripts_that_pass(project: Project) -> None:
    project.write({"mine.yaml": "steps: {a: , b: {script_path: a.py}}", "a.py": GOOD})
    answer = project.run("--pipeline=mine.yaml")
    assert (answer.code, answer.out, answer.err) == (0, "a: PASS\nb: PASS\n", "")


@pytest.mark.parametrize("text", ["steps: {a: {sripts: 1}}", "steps:\n\t- x", "{}", ""])
def test_a_wrong_pipeline_file_is_one_failure(project: Project, text: str) -> None:
    project.write({"mine.yaml": text})
    answer = project.run("--pipeline", "mine.yaml")
    assert (answer.code, answer.err) == (2, "")
    assert answer.out.count("FAIL\n  Error: ") == 1
    assert "Traceback" not in answer.out


def test_a_pipeline_file_that_is_not_there(project: Project) -> None:
    answer = project.run("--pipeline", "gone.json")
    assert (answer.code, answer.err) == (2, "")
    assert "gone.json" in answer.out


@pytest.mark.parametrize(
    "arguments", [["--script"], ["--script", "a", "--pipeline", "b"], ["--script", "a", "-x"]]
)
def test_wrong_use_is_told(project: Project, arguments: list[str]) -> None:
    answer = project.run(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("usage: pipetest ")


# --- RuntimeTester ------------------------------------------------------------------------------------------


def test_a_result_has_the_fields_that_were_promised() -> None:
    result = ScriptTestResult("a", True)
    assert (result.script_name, result.success, result.error_message) == ("a", True, None)
    assert result.execution_time == 0.0
    assert ScriptTestResult("a", False, "no", 1.5) == ScriptTestResult(
        script_name="a", success=False, error_message="no", execution_time=1.5
    )


def test_the_tester_makes_its_workspace(inside: Project) -> None:
    tester = RuntimeTester("deep/er")
    assert tester.workspace_dir == Path("deep/er")
    assert (inside.folder / "deep/er").is_dir()
    RuntimeTester("deep/er")
    RuntimeTester()
    assert (inside.folder / "test_workspace").is_dir()


def test_test_script(inside: Project) -> None:
    inside.write({"scripts/good.py": GOOD, "bad.py": "import nowhere_to_be_found\n" + GOOD})
    tester = RuntimeTester(str(inside.above / "work"))
    good, bad, gone = (tester.test_script(name) for name in ("good", "bad", "gone"))
    assert (good.script_name, good.success, good.error_message) == ("good", True, None)
    assert good.execution_time > 0
    assert (bad.script_name, bad.success) == ("bad", False)
    assert "`nowhere_to_be_found`" in str(bad.error_message)
    assert (gone.success, "There is no script" in str(gone.error_message)) == (False, True)


def test_test_script_of_a_folder_is_a_failure_and_no_exception(inside: Project) -> None:
    inside.write({"empty/notes.txt": "", "helpers/x.py": "X = 1\n"})
    tester = RuntimeTester(inside.above / "work")
    assert tester.test_script("empty").success is False
    assert tester.test_script("helpers").success is False


def test_test_script_sees_what_was_mended_since(inside: Project) -> None:
    inside.write({"a.py": "import helper\n" + GOOD})
    tester = RuntimeTester(inside.above / "work")
    assert tester.test_script("a").success is False
    inside.write({"helper.py": ""})
    assert tester.test_script("a").success is True


def test_test_pipeline(inside: Project) -> None:
    inside.write(
        {
            "mine.json": '{"steps": {"good": {}, "bad": {}, "gone": {}, "stub": {"stub": "there"}}}',
            "good.py": GOOD,
            "bad.py": "int('x')\n" + GOOD,
        }
    )
    results = RuntimeTester(inside.above / "work").test_pipeline("mine.json")
    assert {name: result.success for name, result in results.items()} == {
        "good": True,
        "bad": False,
        "gone": False,
        "stub": True,
    }
    assert all(result.script_name == name for name, result in results.items())


def test_test_pipeline_with_a_wrong_file_is_one_failure(inside: Project) -> None:
    inside.write({"mine.json": '{"steps": {"a": {"sripts": 1}}, "more": 1}'})
    (result,) = RuntimeTester(inside.above / "work").test_pipeline("mine.json").values()
    assert result.success is False
    assert "sripts" in str(result.error_message)
    assert "more" in str(result.error_message)


def test_test_script_with_data_gives_main_the_data_under_the_names_that_it_asks_for(inside: Project) -> None:
    inside.write({"scripts/a.py": MAIN, "data.txt": "12345"})
    result = RuntimeTester(inside.above / "work").test_script_with_data("a", "data.txt")
    assert (result.script_name, result.success, result.error_message) == ("a", True, None)
    (output,) = (inside.above / "work").rglob("result.json")
    assert json.loads(output.read_text()) == {"length": 5}
    assert (inside.folder / "data.txt").read_text() == "12345"
    assert not (inside.folder / ".pipetest").exists()


def test_test_script_with_data_gives_a_plain_script_the_path_as_its_argument(inside: Project) -> None:
    inside.write({"a.py": "import os, sys\nassert os.listdir(sys.argv[1]) == ['x.csv']\n", "data/x.csv": "1"})
    result = RuntimeTester(inside.above / "work").test_script_with_data("a.py", Path("data"))
    assert (result.success, result.error_message) == (True, None)


def test_test_script_with_data_tells_what_went_wrong(inside: Project) -> None:
    inside.write({"a.py": MAIN, "data.txt": "1", "b.py": "def main(input_paths): {}['gone']\n"})
    tester = RuntimeTester(inside.above / "work")
    assert "KeyError" in str(tester.test_script_with_data("b", "data.txt").error_message)
    absent = tester.test_script_with_data("a", "gone.txt")
    assert (absent.success, "gone.txt" in str(absent.error_message)) == (False, True)
    assert tester.test_script_with_data("gone", "data.txt").success is False


def test_create_test_data_makes_a_folder_and_returns_its_path(inside: Project) -> None:
    place = RuntimeTester("work").create_test_data("a")
    assert type(place) is str
    assert Path(place).is_dir()
    assert Path(place).resolve() == inside.folder / "work/a"


def test_generate_detailed_report() -> None:
    results = {"a": ScriptTestResult("a", True, None, 0.0123), "b": ScriptTestResult("b", False, "Why.", 2.0)}
    report = RuntimeTester.generate_detailed_report(object.__new__(RuntimeTester), results)
    assert report == "1 of 2 scripts passed\na: PASS (0.012 s)\nb: FAIL (2.000 s)\n  Error: Why.\n"


# --- the library --------------------------------------------------------------------------------------------


def test_check_returns_a_report(inside: Project) -> None:
    inside.write({"a.py": GOOD, "b.py": "import nowhere_to_be_found\n" + GOOD})
    seen: list[str] = []
    report = pipetest.check(
        ["a.py", inside.folder / "b.py"], jobs=1, watch=lambda step: seen.append(step.name)
    )
    assert [(step.name, step.status) for step in report.steps] == [
        ("a.py", "passed"),
        (str(inside.folder / "b.py"), "failed"),
    ]
    assert (report.ok, report.command, report.exit_code()) == (False, "check", 1)
    assert sorted(seen) == sorted(step.name for step in report.steps)
    assert pipetest.check(["a.py"], fresh=True).ok is True


def test_load_returns_a_pipeline_and_run_takes_it_or_its_path(inside: Project) -> None:
    inside.write(
        {"mine.yaml": "pipeline: p\nsteps: {a: {inputs: {data: ./d.txt}, outputs: [result]}}", "a.py": MAIN}
    )
    inside.write({"d.txt": "12345", "other.txt": "1"})
    pipeline = pipetest.load("mine.yaml")
    assert isinstance(pipeline, pipetest.Pipeline)
    assert (pipeline.name, [step.name for step in pipeline.steps]) == ("p", ["a"])
    for given in (pipeline, "mine.yaml", inside.folder / "mine.yaml"):
        report = pipetest.run(given)
        assert (report.ok, report.command) == (True, "run")
    report = pipetest.run(pipeline, data={"a.data": "other.txt"}, workspace="elsewhere")
    (output,) = (inside.folder / "elsewhere").rglob("result.json")
    assert output.read_text() == '{"length": 1}'
    assert report.steps[0].outputs["result"]["files"] == 1


def test_a_wrong_pipeline_file_raises_with_all_of_its_faults(inside: Project) -> None:
    inside.write({"mine.json": '{"steps": {"a": {"sripts": 1}}, "more": 1}'})
    for call in (pipetest.load, pipetest.run, lambda path: pipetest.check([path])):
        with pytest.raises(pipetest.PipelineError) as caught:
            call("mine.json")
        assert len(caught.value.faults) == 2


def test_a_run_can_be_called_from_a_thread(inside: Project) -> None:
    from concurrent.futures import ThreadPoolExecutor

    inside.write({"a.py": GOOD, "b.py": GOOD})
    with ThreadPoolExecutor(2) as threads:
        reports = list(threads.map(lambda name: pipetest.check([name]), ["a.py", "b.py"]))
    assert [report.ok for report in reports] == [True, True]


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = (
        "import sys; before = set(sys.modules); import pipetest; "
        "print(*(set(sys.modules) - before - {'pipetest'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert loaded <= sys.stdlib_module_names
    assert loaded.isdisjoint(
        {"argparse", "ast", "asyncio", "json", "multiprocessing", "pathlib", "subprocess"}
    )


def test_a_check_imports_nothing_heavy(project: Project) -> None:
    project.write({"a.py": "import json\n" + GOOD, "b.py": "import json\n" + GOOD})
    code = (
        "import sys; sys.argv = ['pipetest', 'check', 'a.py', 'b.py']\n"
        "from pipetest.__main__ import main; assert main() == 0\n"
        "print([name for name in HEAVY if name in sys.modules])"
    )
    heavy = ["numpy", "pandas", "rich", "yaml", "jsonschema_rs", "junitparser", "asyncio", "multiprocessing"]
    done = subprocess.run(
        [sys.executable, "-c", code.replace("HEAVY", repr(heavy))],
        capture_output=True,
        text=True,
        cwd=project.folder,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "[]"


def test_unknown_names_of_the_package_are_no_attributes() -> None:
    with pytest.raises(AttributeError, match="module 'pipetest' has no attribute 'nothing'"):
        _ = pipetest.nothing
    assert set(pipetest.__all__) >= {"load", "check", "run", "Pipeline", "Step", "Report", "Finding"}
    assert all(getattr(pipetest, name) for name in pipetest.__all__)
