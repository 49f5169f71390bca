"""``pipetest check``: what it says of scripts, folders and pipeline files, and what it leaves undone."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Project

GOOD = """\
    import json

    def main(input_paths, output_paths, environ_vars, job_args):
        print(json.dumps(input_paths))

    if __name__ == "__main__":
        main({}, {}, {}, None)
"""
FAULTY = "import nowhere_to_be_found\n\ndef main(): pass\n"


def leaves(project: Project) -> str:
    """A line of a script that leaves a trace where it is executed."""
    return f"open({str(project.marker)!r}, 'a').write('x')"


# --- targets ------------------------------------------------------------------------------------------------


def test_a_script_that_loads_passes(project: Project) -> None:
    project.write({"a.py": GOOD})
    answer = project("check", "a.py")
    assert (answer.code, answer.verdicts, answer.err) == (0, {"a.py": "passed"}, "")
    assert "✓ a.py  passed" in answer.out
    assert answer.out.splitlines()[-1].startswith("1 passed in ")
    step = answer.step("a.py")
    assert (step["entry"], step["started_as"], step["exit_code"]) == ("load", "fork", 0)


def test_several_scripts_are_reported_in_the_order_in_which_they_were_named(project: Project) -> None:
    project.write({"b.py": GOOD, "a.py": FAULTY, "c.py": GOOD})
    answer = project("check", "b.py", "a.py", "c.py")
    assert answer.code == 1
    assert list(answer.verdicts.items()) == [
        ("b.py", "passed"),
        ("a.py", "failed missing-module"),
        ("c.py", "passed"),
    ]
    assert answer.report["counts"] == {"passed": 2, "failed": 1}


def test_a_folder_is_searched_for_scripts_and_what_only_others_import_is_passed_over(
    project: Project,
) -> None:
    project.write(
        {
            "steps/a.py": GOOD,
            "steps/deep/er/b.py": GOOD,
            "steps/helpers.py": "def double(x): return 2 * x\n",
            "steps/__init__.py": "",
            "steps/setup.py": "1 / 0",
            "steps/test_a.py": "1 / 0",
            "steps/a_test.py": "1 / 0",
            "steps/conftest.py": "1 / 0",
            "steps/.hidden/c.py": "1 / 0",
            "steps/__pycache__/d.py": "1 / 0",
            "steps/node_modules/e.py": "1 / 0",
            "steps/env/pyvenv.cfg": "",
            "steps/env/lib/f.py": "1 / 0",
            "steps/notes.txt": "1 / 0",
        }
    )
    answer = project("check", "steps")
    assert (answer.code, answer.verdicts) == (0, {"steps/a.py": "passed", "steps/deep/er/b.py": "passed"})


def test_what_was_passed_over_is_named_under_v_alone(project: Project) -> None:
    project.write({"steps/a.py": GOOD, "steps/helpers.py": "def double(x): return 2 * x\n"})
    assert "steps/helpers.py" in project("check", "steps", "-v").out
    assert "steps/helpers.py" not in project("check", "steps").out


def test_an_empty_folder_is_wrong_use(project: Project) -> None:
    project.write({"steps/notes.txt": ""})
    answer = project("check", "steps")
    assert (answer.code, answer.out, answer.report) == (2, "", {})
    assert answer.err == (
        "pipetest: steps: steps holds no Python scripts.\n"
        "pipetest:     Name a folder that holds Python scripts, a script, or a pipeline file.\n"
    )


def test_a_folder_of_helpers_alone_tests_nothing_and_does_not_pass(project: Project) -> None:
    project.write({"steps/helpers.py": "def double(x): return 2 * x\n"})
    answer = project("check", "steps")
    assert (answer.code, answer.report["ok"], answer.verdicts) == (1, False, {})
    assert "nothing was tested" in answer.out


def test_a_pipeline_file_is_checked_step_by_step(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": """\
                script_dirs: [code]
                steps:
                  extract: {}
                  train: {script_path: other/fit.py}
                  ship: {entry: [sh, -c, "exit 7"]}
                  publish: {stub: published}
                """,
            "code/extract.py": GOOD,
            "other/fit.py": GOOD,
        }
    )
    answer = project("check", "pipeline.yaml")
    assert (answer.code, answer.verdicts) == (
        0,
        {"extract": "passed", "train": "passed", "ship": "skipped not-loaded", "publish": "stubbed"},
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pipeline.yaml", "steps: {a: }"),
        ("pipeline.yml", "steps: {a: }"),
        ("pipeline.toml", "[steps.a]"),
        ("pipeline.json", '{"steps": {"a": {}}}'),
    ],
)
def test_without_a_target_the_pipeline_file_of_the_folder_is_checked(
    project: Project, name: str, text: str
) -> None:
    project.write({name: text, "a.py": GOOD})
    answer = project("check")
    assert (answer.code, answer.verdicts) == (0, {"a": "passed"})


def test_without_a_target_and_a_pipeline_file_it_says_what_to_do(project: Project) -> None:
    answer = project("check")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == (
        f"pipetest: There is no pipeline.yaml, .yml, .toml or .json in {project.folder}.\n"
        "pipetest:     Name a pipeline file, or write a first one: pipetest init FOLDER.\n"
    )


def test_scripts_folders_and_pipeline_files_go_together(project: Project) -> None:
    project.write({"a.py": GOOD, "steps/b.py": GOOD, "two.json": '{"steps": {"c": {}}}', "c.py": GOOD})
    answer = project("check", "a.py", "steps", "two.json")
    assert (answer.code, answer.verdicts) == (0, {"a.py": "passed", "steps/b.py": "passed", "c": "passed"})


def test_a_script_that_is_named_twice_is_checked_once(project: Project) -> None:
    project.write({"steps/a.py": GOOD})
    assert project("check", "steps/a.py", "./steps/a.py", "steps").verdicts == {"steps/a.py": "passed"}


def test_step_narrows_a_pipeline_to_the_named_steps(project: Project) -> None:
    project.write({"pipeline.yaml": "steps: {a: , b: , c: }", "a.py": GOOD, "b.py": FAULTY, "c.py": GOOD})
    answer = project("check", "--step", "a", "--step", "c")
    assert (answer.code, answer.verdicts) == (0, {"a": "passed", "c": "passed"})


def test_step_with_an_unknown_name_is_wrong_use_and_names_the_nearest(project: Project) -> None:
    project.write({"pipeline.yaml": "pipeline: p\nsteps: {prepare: }", "prepare.py": GOOD})
    answer = project("check", "--step", "prepair")
    assert (answer.code, answer.err) == (
        2,
        "pipetest: --step names `prepair`, which p does not have.\npipetest:     Did you mean `prepare`?\n",
    )


def test_a_pipeline_of_stubs_and_commands_tests_nothing_and_does_not_pass(project: Project) -> None:
    project.write({"pipeline.yaml": "steps: {a: {stub: there}, b: {entry: [sh]}}"})
    answer = project("check")
    assert (answer.code, answer.report["ok"]) == (1, False)
    assert answer.out.splitlines()[-1].startswith("nothing was tested: 1 skipped, 1 stubbed in ")


# --- static findings ----------------------------------------------------------------------------------------


def test_a_script_that_is_not_there(project: Project) -> None:
    project.write({"prepare.py": GOOD})
    answer = project("check", "prepair.py")
    assert (answer.code, answer.verdicts) == (1, {"prepair.py": "failed missing-script"})
    finding = answer.finding("missing-script")
    assert (finding["file"], finding["line"]) == ("prepair.py", None)
    assert finding["hint"].startswith("Did you mean prepare.py? ")


def test_a_step_without_a_script_names_every_place_that_was_looked_at(project: Project) -> None:
    project.write({"pipeline.yaml": "script_dirs: [one, two]\nsteps: {a: }", "one/aa.py": GOOD})
    answer = project("check")
    assert answer.verdicts == {"a": "failed missing-script"}
    places = [str(project.folder / folder / "a.py") for folder in ("one", "two")]
    assert (
        answer.finding("missing-script")["message"]
        == f"There is no script for a: looked for {', '.join(places)}."
    )


def test_a_folder_with_the_name_of_a_script(project: Project) -> None:
    project.write({"a.py/b.txt": ""})
    answer = project("check", "a.py")
    assert (answer.code, answer.verdicts) == (1, {"a.py": "failed unreadable-script"})
    assert answer.finding("unreadable-script")["message"] == "a.py cannot be read: it is a folder."


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_script_that_may_not_be_read(project: Project) -> None:
    project.write({"a.py": GOOD})
    (project.folder / "a.py").chmod(0)
    assert project("check", "a.py").verdicts == {"a.py": "failed unreadable-script"}


def test_a_syntax_error_names_its_line(project: Project) -> None:
    project.write({"a.py": f"{leaves(project)}\n\ndef main(:\n    pass\n"})
    answer = project("check", "a.py")
    assert (answer.code, answer.verdicts) == (1, {"a.py": "failed syntax-error"})
    finding = answer.finding("syntax-error")
    assert (finding["file"], finding["line"]) == ("a.py", 3)
    assert "`def main(:`" in finding["message"]
    assert "a.py:3" in answer.out
    assert not project.marker.exists()


def test_null_bytes_are_a_syntax_error(project: Project) -> None:
    project.write({"a.py": b"x = 1\0\n"})
    assert project("check", "a.py").verdicts == {"a.py": "failed syntax-error"}


def test_a_script_that_only_defines_things_has_no_entry_point(project: Project) -> None:
    project.write({"a.py": "def mian(): pass\n"})
    answer = project("check", "a.py")
    assert (answer.code, answer.verdicts) == (1, {"a.py": "failed no-entry-point"})


def test_a_step_whose_main_is_called_and_missing_has_no_entry_point(project: Project) -> None:
    project.write({"pipeline.yaml": "steps: {a: {entry: main}}", "a.py": "print('work')\n"})
    answer = project("check")
    assert (answer.code, answer.verdicts) == (1, {"a": "failed no-entry-point"})
    assert answer.finding("no-entry-point")["message"] == "a.py defines no `main`, and the pipeline calls it."


def test_a_main_that_nothing_calls_is_a_warning_and_its_script_is_loaded(project: Project) -> None:
    project.write({"pipeline.yaml": "steps: {a: {entry: script}}", "a.py": "\ndef main(): pass\n"})
    answer = project("check")
    assert (answer.code, answer.verdicts) == (0, {"a": "passed no-entry-point"})
    finding = answer.finding("no-entry-point")
    assert (finding["severity"], finding["line"]) == ("warning", 2)


@pytest.mark.parametrize("fresh", [(), ("--fresh",)])
def test_a_flat_script_is_not_loaded_and_nothing_of_it_is_executed(
    project: Project, fresh: tuple[str, ...]
) -> None:
    project.write({"a.py": f"import json\n{leaves(project)}\n", "b.py": GOOD})
    answer = project("check", "a.py", "b.py", *fresh)
    assert (answer.code, answer.verdicts) == (0, {"a.py": "skipped runs-on-import", "b.py": "passed"})
    assert answer.step("a.py")["started_as"] is None
    assert not project.marker.exists()


def test_a_flat_script_alone_does_not_pass(project: Project) -> None:
    project.write({"a.py": leaves(project)})
    answer = project("check", "a.py")
    assert (answer.code, answer.verdicts) == (1, {"a.py": "skipped runs-on-import"})
    assert "nothing was tested" in answer.out


def test_work_under_a_guard_is_not_executed(project: Project) -> None:
    project.write({"a.py": f"if __name__ == '__main__':\n    {leaves(project)}\n"})
    assert project("check", "a.py").verdicts == {"a.py": "passed"}
    assert not project.marker.exists()


def test_a_main_that_demands_what_a_pipeline_does_not_give(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": "steps: {a: {entry: main}}",
            "a.py": "import json\ndef main(input_path, config, logger, extra=1, *, job_args): pass\n",
        }
    )
    answer = project("check")
    assert (answer.code, answer.verdicts) == (1, {"a": "failed main-signature"})
    finding = answer.finding("main-signature")
    assert finding["line"] == 2
    assert finding["message"] == (
        "`main` of a.py requires `input_path`, `config`, which the pipeline does not give."
    )
    assert finding["hint"].startswith("Did you mean `input_paths`? ")


def test_an_async_main_is_not_called_by_a_pipeline(project: Project) -> None:
    project.write({"pipeline.yaml": "steps: {a: {entry: main}}", "a.py": "async def main(): pass\n"})
    answer = project("check")
    assert (answer.code, answer.verdicts) == (1, {"a": "failed main-signature"})


def test_any_signature_will_do_for_a_script_that_calls_its_main_itself(project: Project) -> None:
    project.write(
        {"a.py": "def main(config): pass\n\nif __name__ == '__main__':\n    main({'config': 'its own'})\n"}
    )
    assert project("check", "a.py").verdicts == {"a.py": "passed"}


def test_an_import_that_is_not_installed_names_its_line_and_what_to_install(project: Project) -> None:
    project.write({"a.py": f"import json\n\n{leaves(project)}\nimport nowhere_to_be_found.part\n{GOOD}"})
    project.write({"a.py": "import json\n\nfrom nowhere_to_be_found.part import thing\n\ndef main(): pass\n"})
    answer = project("check", "a.py")
    assert (answer.code, answer.verdicts) == (1, {"a.py": "failed missing-module"})
    finding = answer.finding("missing-module")
    assert (finding["severity"], finding["file"], finding["line"]) == ("error", "a.py", 3)
    assert (
        finding["message"] == "a.py needs `nowhere_to_be_found.part`, which is not installed for the step's"
        " Python."
    )
    assert "pip install nowhere_to_be_found" in finding["hint"]
    assert answer.step("a.py")["started_as"] is None


def test_every_missing_module_is_named_once(project: Project) -> None:
    project.write({"a.py": "import no_one\nimport no_two\nimport no_one.more\n\ndef main(): pass\n"})
    answer = project("check", "a.py")
    assert [(one["line"], one["severity"]) for one in answer.findings()] == [(1, "error"), (2, "error")]


def test_a_missing_import_in_a_function_is_a_warning(project: Project) -> None:
    project.write({"a.py": "def main():\n    import nowhere_to_be_found\n"})
    answer = project("check", "a.py")
    assert (answer.code, answer.verdicts) == (0, {"a.py": "passed missing-module"})
    finding = answer.finding("missing-module")
    assert (finding["severity"], finding["line"]) == ("warning", 2)
    assert "! a.py: warning" in answer.out


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    import no_one\nexcept ImportError:\n    no_one = None\n",
        "try:\n    import no_one\nexcept ModuleNotFoundError:\n    no_one = None\n",
        "try:\n    import no_one\nexcept Exception:\n    no_one = None\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import no_one\n",
        "import typing\nif typing.TYPE_CHECKING:\n    import no_one\n",
        "import sys\nif sys.platform == 'win32':\n    import no_one\n",
        "from contextlib import suppress\nwith suppress(ImportError):\n    import no_one\n",
        "def f():\n    try:\n        import no_one\n    except ImportError:\n        pass\n",
    ],
)
def test_an_import_that_is_guarded_is_not_spoken_of(project: Project, source: str) -> None:
    project.write({"a.py": f"{source}def main(): pass\n"})
    answer = project("check", "a.py")
    assert (answer.code, answer.verdicts) == (0, {"a.py": "passed"})


def test_a_missing_import_under_the_guard_is_an_error_only_for_a_step_that_is_run_as_a_script(
    project: Project,
) -> None:
    project.write(
        {
            "pipeline.yaml": "steps: {a: {entry: script}, b: {entry: main, script_path: a.py}}",
            "a.py": "def main(): pass\n\nif __name__ == '__main__':\n    import nowhere_to_be_found\n",
        }
    )
    answer = project("check")
    assert answer.code == 1
    assert answer.verdicts["a"] == "failed missing-module"
    assert answer.step("b")["status"] == "passed"


def test_modules_beside_a_script_are_found(project: Project) -> None:
    project.write(
        {
            "steps/a.py": "import helper\nfrom parts.one import ONE\nfrom space import two\ndef main(): 1\n",
            "steps/helper.py": "",
            "steps/parts/__init__.py": "",
            "steps/parts/one.py": "ONE = 1",
            "steps/space/two.py": "TWO = 2",
        }
    )
    assert project("check", "steps/a.py").verdicts == {"steps/a.py": "passed"}


def test_a_script_that_extends_the_module_path_is_judged_by_loading_it(project: Project) -> None:
    start = "import os, sys\nsys.path.append(os.path.join(os.path.dirname(__file__), 'lib'))\n"
    project.write(
        {
            "a.py": f"{start}import in_lib\n\ndef main(): pass\n",
            "b.py": f"{start}import not_in_lib\n\ndef main(): pass\n",
            "lib/in_lib.py": "",
        }
    )
    answer = project("check", "a.py", "b.py")
    assert (answer.code, answer.verdicts) == (1, {"a.py": "passed", "b.py": "failed missing-module"})
    assert answer.finding("missing-module")["line"] == 3


def test_a_module_added_between_two_checks_of_one_process_is_found(project: Project) -> None:
    project.write({"a.py": "import helper\n\ndef main(): pass\n"})
    assert project("check", "a.py").verdicts == {"a.py": "failed missing-module"}
    project.write({"helper.py": ""})
    assert project("check", "a.py").verdicts == {"a.py": "passed"}


def test_relative_imports_load_as_their_package_would_load_them(project: Project) -> None:
    project.write(
        {
            "top/__init__.py": "",
            "top/inner/__init__.py": "",
            "top/inner/a.py": "from . import sibling\nfrom ..shared import X\n\ndef main(): return X\n",
            "top/inner/sibling.py": "from ..shared import X as Y\n",
            "top/shared.py": "X = 1\n",
        }
    )
    answer = project("check", "top/inner/a.py")
    assert (answer.code, answer.verdicts) == (0, {"top/inner/a.py": "passed relative-import"})
    finding = answer.finding("relative-import")
    assert (finding["severity"], finding["line"]) == ("warning", 1)


def test_a_relative_import_without_init_files_loads_as_a_namespace_package(project: Project) -> None:
    project.write(
        {"pack/a.py": "from .b import X\n\ndef main(): return X\n", "pack/b.py": "X = 1\n"},
    )
    assert project("check", "pack/a.py").verdicts == {"pack/a.py": "passed relative-import"}


def test_a_relative_import_that_leads_nowhere_fails(project: Project) -> None:
    project.write({"pack/__init__.py": "", "pack/a.py": "from .gone import X\n\ndef main(): pass\n"})
    answer = project("check", "pack/a.py")
    assert (answer.code, answer.step("pack/a.py")["status"]) == (1, "failed")


def test_a_step_run_as_a_script_cannot_import_relatively(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": "steps: {a: {script_path: pack/a.py, entry: script}}",
            "pack/__init__.py": "",
            "pack/a.py": "from .b import X\n\nif __name__ == '__main__':\n    print(X)\n",
            "pack/b.py": "X = 1\n",
        }
    )
    answer = project("check")
    assert (answer.code, answer.verdicts) == (1, {"a": "failed relative-import"})


def test_a_command_whose_program_is_missing(project: Project) -> None:
    project.write({"pipeline.yaml": "steps: {a: {entry: [no-such-program, 1]}}"})
    answer = project("check")
    assert (answer.code, answer.verdicts) == (1, {"a": "failed command-not-found"})
    assert "`no-such-program`" in answer.finding("command-not-found")["message"]


# --- loading ------------------------------------------------------------------------------------------------


def test_an_exception_while_loading_comes_with_the_users_own_traceback(project: Project) -> None:
    project.write(
        {"a.py": "from helper import divide\n\nX = divide(1)\n\ndef main(): pass\n", "helper.py": DIVIDE}
    )
    answer = project("check", "a.py")
    assert (answer.code, answer.verdicts) == (1, {"a.py": "failed load-error"})
    finding = answer.finding("load-error")
    assert finding["message"] == "a.py raised ZeroDivisionError: division by zero while it was loaded."
    assert (project.folder / finding["file"], finding["line"]) == (project.folder / "helper.py", 2)
    assert finding["detail"].startswith(
        "Traceback (most recent call last):\n"
        f'  File "{project.folder}/a.py", line 3, in <module>\n'
        "    X = divide(1)\n"
    )
    assert "_worker" not in finding["detail"]


DIVIDE = "def divide(x):\n    return x / 0\n"


def test_a_missing_part_of_an_installed_module_is_found_by_loading(project: Project) -> None:
    project.write({"a.py": "import json.gone\n\ndef main(): pass\n"})
    answer = project("check", "a.py")
    assert (answer.code, answer.verdicts) == (1, {"a.py": "failed missing-module"})
    assert answer.finding("missing-module")["line"] == 1
    assert answer.step("a.py")["started_as"] == "fork"


def test_a_missing_name_of_an_installed_module_is_a_load_error(project: Project) -> None:
    project.write({"a.py": "from json import gone\n\ndef main(): pass\n"})
    assert project("check", "a.py").verdicts == {"a.py": "failed load-error"}


def test_a_syntax_error_in_a_sibling_names_the_siblings_line(project: Project) -> None:
    project.write({"a.py": "import helper\n\ndef main(): pass\n", "helper.py": "x = 1\ny = = 2\n"})
    answer = project("check", "a.py")
    assert answer.code == 1
    (finding,) = answer.findings()
    assert (project.folder / finding["file"], finding["line"]) == (project.folder / "helper.py", 2)


@pytest.mark.parametrize("code", [0, 3])
def test_a_script_that_exits_while_it_is_imported_was_not_loaded(project: Project, code: int) -> None:
    project.write({"a.py": f"import sys\ndef main(): pass\nif not sys.argv[1:]:\n    sys.exit({code})\n"})
    answer = project("check", "a.py")
    assert (answer.code, answer.verdicts) == (1, {"a.py": "failed exited-while-loading"})
    assert f"with code {code}" in answer.finding("exited-while-loading")["message"]


def test_a_script_that_is_killed_while_it_is_imported_has_crashed(project: Project) -> None:
    project.write({"a.py": "import os\nos.kill(os.getpid(), 9)\ndef main(): pass\n"})
    answer = project("check", "a.py")
    assert (answer.code, answer.verdicts) == (1, {"a.py": "crashed killed"})
    assert answer.step("a.py")["signal"] == "SIGKILL"


def test_timeout_ends_an_import_that_hangs_and_says_where(project: Project) -> None:
    project.write({"a.py": "def main(): pass\n\nX = 0\nwhile X == 0:\n    pass\n"})
    answer = project("check", "a.py", "--timeout", "0.6")
    assert (answer.code, answer.verdicts) == (1, {"a.py": "timeout timeout"})
    finding = answer.finding("timeout")
    assert finding["file"] == "a.py"
    assert finding["line"] in (4, 5)
    assert "_worker" not in finding["detail"]


def test_a_main_that_is_no_function_once_loaded(project: Project) -> None:
    project.write({"a.py": "def main(): pass\n\nfor main in (1, 2):\n    pass\n"})
    answer = project("check", "a.py")
    assert (answer.code, answer.verdicts) == (1, {"a.py": "failed no-entry-point"})


def test_a_main_from_elsewhere_is_found_by_loading(project: Project) -> None:
    project.write({"a.py": "from parts import *\n", "parts.py": "def main(): pass\n"})
    project.write({"pipeline.yaml": "steps: {a: {entry: main}}"})
    assert project("check").verdicts == {"a": "passed"}


def test_a_process_that_an_import_leaves_behind_is_a_warning(project: Project) -> None:
    project.write({"a.py": "import subprocess\nsubprocess.Popen(['sleep', '60'])\ndef main(): pass\n"})
    answer = project("check", "a.py")
    assert (answer.code, answer.verdicts) == (0, {"a.py": "passed left-process"})
    assert "`sleep 60`" in answer.finding("left-process")["message"]


def test_what_a_script_prints_and_reads_does_not_reach_the_terminal(project: Project) -> None:
    project.write(
        {"a.py": "import sys\nprint('printed')\nassert sys.stdin.read() == ''\ndef main(): pass\n"},
    )
    answer = project.run("check", "a.py", "--json", project.json, input=b"typed")
    # It does work when it is imported, and it has a main: it is loaded.
    assert (answer.code, answer.verdicts) == (0, {"a.py": "passed"})
    assert "printed" not in answer.out + answer.err


def test_a_step_is_loaded_in_the_environment_that_its_pipeline_gives_it(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": "steps: {a: {env: {LABEL: churned}}}",
            "a.py": "import os\n\nLABEL = os.environ['LABEL']\n\ndef main(input_paths): pass\n",
        }
    )
    answer = project("check")
    assert (answer.code, answer.verdicts) == (0, {"a": "passed"})


def test_a_step_is_loaded_with_the_arguments_that_its_pipeline_gives_it(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": "steps: {a: {args: [--seed, 7], job_args: {depth: 3}}}",
            "a.py": """\
                import argparse

                parser = argparse.ArgumentParser()
                parser.add_argument("--seed", required=True)
                parser.add_argument("--depth", required=True)
                OPTIONS = parser.parse_args()

                def main():
                    print(OPTIONS.seed)

                if __name__ == "__main__":
                    main()
                """,
        }
    )
    answer = project("check")
    assert (answer.code, answer.verdicts) == (0, {"a": "passed"})


def test_a_secret_of_the_caller_is_not_seen_while_loading(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_SECRET", "not for scripts")
    project.write({"a.py": "import os\nassert 'SOME_SECRET' not in os.environ\ndef main(): pass\n"})
    assert project("check", "a.py").verdicts == {"a.py": "passed"}


# --- options ------------------------------------------------------------------------------------------------

MIXED = {
    "s/flat.py": "print('work')\n",
    "s/good.py": GOOD,
    "s/missing.py": FAULTY,
    "s/raises.py": "import json\ndef main(): pass\njson.loads('{')\n",
    "s/shared.py": "import json, decimal\ndef main(): pass\n",
    "s/stops.py": "import decimal, os\ndef main(): pass\nos._exit(4)\n",
    "s/wrong.py": "def main(:\n",
}
VERDICTS = {
    "s/flat.py": "skipped runs-on-import",
    "s/good.py": "passed",
    "s/missing.py": "failed missing-module",
    "s/raises.py": "failed load-error",
    "s/shared.py": "passed",
    "s/stops.py": "failed exited-while-loading",
    "s/wrong.py": "failed syntax-error",
}


@pytest.mark.parametrize("options", [(), ("--fresh",), ("-j", "1"), ("-j", "7", "-q"), ("-v",)])
def test_the_verdicts_are_the_same_however_it_is_run(project: Project, options: tuple[str, ...]) -> None:
    project.write(MIXED)
    answer = project("check", "s", *options)
    assert (answer.code, answer.verdicts) == (1, VERDICTS)


def test_fresh_starts_an_interpreter_for_each(project: Project) -> None:
    project.write({"a.py": GOOD, "b.py": GOOD})
    answer = project("check", "a.py", "b.py", "--fresh")
    assert [step["started_as"] for step in answer.report["steps"]] == ["fresh", "fresh"]


@pytest.mark.parametrize("bad", [FAULTY, "1 / 0\ndef main(): pass\n"])
def test_fail_fast_stops_at_the_first_failure_and_names_what_is_left(project: Project, bad: str) -> None:
    project.write({"a.py": bad, "b.py": GOOD, "c.py": GOOD, "d.py": GOOD})
    answer = project("check", "a.py", "b.py", "c.py", "d.py", "-x", "-j", "1")
    assert answer.code == 1
    assert answer.step("a.py")["status"] == "failed"
    assert answer.verdicts["d.py"] == "skipped stopped-early"
    assert list(answer.verdicts) == ["a.py", "b.py", "c.py", "d.py"]


@pytest.mark.parametrize("option", [("-j", "0"), ("-j", "x"), ("--timeout", "0"), ("--timeout", "nan")])
def test_a_number_that_is_not_above_zero_is_wrong_use(project: Project, option: tuple[str, str]) -> None:
    project.write({"a.py": GOOD})
    answer = project("check", "a.py", *option)
    assert (answer.code, answer.report) == (2, {})
    assert f"'{option[1]}' is not a number above 0" in answer.err


# --- names, and the user's folder ---------------------------------------------------------------------------

NAMES = ["two words.py", 'it\'s "quoted".py', "new\nline.py", "größe-数据-🚀.py", "-dash.py", "$HOME;`x`.py"]


@pytest.mark.parametrize("fresh", [(), ("--fresh",)])
def test_scripts_may_have_any_name(project: Project, fresh: tuple[str, ...]) -> None:
    project.write({f"s/{name}": GOOD for name in NAMES})
    answer = project("check", "s", *fresh)
    assert (answer.code, answer.verdicts) == (0, {f"s/{name}": "passed" for name in sorted(NAMES)})
    assert "s/new\\nline.py" in answer.out


@pytest.mark.parametrize("fresh", [(), ("--fresh",)])
def test_a_name_in_latin_1_bytes_is_checked_and_reported(project: Project, fresh: tuple[str, ...]) -> None:
    name = os.fsencode(project.folder) + b"/caf\xe9.py"
    try:
        with open(name, "wb") as file:
            file.write(b"def main(): pass\n")
    except OSError:
        pytest.skip("this file system takes UTF-8 names alone")
    answer = project("check", ".", *fresh)
    assert (answer.code, answer.verdicts) == (0, {"caf\udce9.py": "passed"})
    answer = project.run("check", ".", "--junit", project.above / "report.xml", *fresh)
    assert answer.code == 0
    assert "caf\\udce9.py  passed" in answer.out
    assert "caf\\udce9.py" in (project.above / "report.xml").read_text("utf-8")


@pytest.mark.parametrize("fresh", [(), ("--fresh",)])
def test_the_users_folder_is_left_as_it_was(project: Project, fresh: tuple[str, ...]) -> None:
    project.write(
        {
            "steps/__init__.py": "",
            "steps/a.py": "from . import helper\nimport json\nopen('made', 'w')\ndef main(): pass\n",
            "steps/b.py": "import helper, json, multiprocessing\ndef main(): pass\n",
            "steps/helper.py": "",
            "pipeline.yaml": "script_dirs: [steps]\nsteps: {b: }",
        }
    )
    before = project.tree()
    answer = project("check", "steps", "pipeline.yaml", *fresh)
    assert (answer.code, answer.report["counts"]) == (0, {"passed": 3})
    assert project.tree() == before


def test_nothing_is_left_in_the_folder_for_temporary_files(project: Project) -> None:
    place = project.above / "tmp"
    place.mkdir()
    project.write({"a.py": "import os\nos.mkdir('x', 0)\nopen('y', 'w')\ndef main(): pass\n", "b.py": GOOD})
    answer = project.run("check", "a.py", "b.py", env={**os.environ, "TMPDIR": str(place)})
    assert answer.code == 0
    assert list(place.iterdir()) == []


def test_the_python_of_a_step_is_the_one_that_its_imports_are_looked_up_in(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": "steps: {a: {python: env/bin/python, entry: main}, b: {entry: main}}",
            "a.py": "import json, pytest\ndef main(): pass\n",
            "b.py": "import json, pytest\ndef main(): pass\n",
            "env/pyvenv.cfg": f"home = {Path(sys.executable).resolve().parent}\n"
            "include-system-site-packages = false\n",
            "env/bin/unused": "",
        }
    )
    (project.folder / "env/bin/python").symlink_to(Path(sys.executable).resolve())
    answer = project("check")
    assert (answer.code, answer.verdicts) == (1, {"a": "failed missing-module", "b": "passed"})


def test_work_that_hides_in_an_import_a_class_or_a_decorator_is_not_missed(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": "steps: {imports: {}, in_class: {}, decorated: {}, fails: {}, nothing: {}}",
            "imports.py": "import helper\n",
            "helper.py": "open('done', 'w')\n",
            "in_class.py": "class Work:\n    print('done')\n",
            "decorated.py": "import atexit\n@atexit.register\ndef work():\n    print('done')\n",
            "fails.py": "d = {}\nd['a']\n",
            "nothing.py": "from dataclasses import dataclass\n@dataclass\nclass A:\n    a: int\n",
        }
    )
    assert project("run").verdicts == {
        "imports": "passed",
        "in_class": "passed",
        "decorated": "passed",
        "fails": "failed exception",
        "nothing": "failed no-entry-point",
    }
