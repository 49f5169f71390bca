"""``pipetest run``: along the graph, in sandboxes, to a report; and what becomes of it when it is ended."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import Project

FRESH = pytest.mark.parametrize("fresh", [(), ("--fresh",)], ids=["fork", "fresh"])
# Copies all files of its inputs to all of its outputs.
COPY = """\
    import pathlib, shutil

    def main(input_paths, output_paths):
        for source in input_paths.values():
            for target in output_paths.values():
                if pathlib.Path(source).is_dir():
                    shutil.copytree(source, target, dirs_exist_ok=True)
                else:
                    shutil.copy(source, target)
    """
# Says what it sees, as JSON in its output `seen.json`.
SEE = """\
    import json, os, sys, pathlib

    seen = {
        "name": __name__,
        "file": __file__,
        "argv": sys.argv,
        "path": sys.path,
        "cwd": os.getcwd(),
        "env": dict(os.environ),
        "stdin": sys.stdin.read(),
        "executable": sys.executable,
        "prefix": sys.prefix,
        "version": sys.version_info[:2],
        "encoding": [sys.stdout.encoding, sys.getfilesystemencoding()],
        "main": sorted(vars(sys.modules["__main__"])),
    }
    here = pathlib.Path(__file__).name
    pathlib.Path(os.environ["SEEN"]).write_text(json.dumps(seen))
    """
SEEN = "outputs: [seen.json], env: {SEEN: '{outputs.seen.json}'}"


def text_of(project: Project, step: str, output: str) -> str:
    """What the last run left in that file of a step's outputs."""
    return (project.runs()[-1] / step / "outputs" / output).read_text()


def seen_by(project: Project, step: str = "a") -> dict[str, Any]:
    """What a step with the script SEE has seen in the last run."""
    seen: dict[str, Any] = json.loads(text_of(project, step, "seen.json"))
    return seen


# --- along the graph ----------------------------------------------------------------------------------------


@FRESH
def test_steps_run_after_what_they_need_and_outputs_become_inputs(
    project: Project, fresh: tuple[str, ...]
) -> None:
    add = """\
        import pathlib

        def main(input_paths, output_paths):
            parts = [pathlib.Path(path).read_text() for _, path in sorted(input_paths.items())]
            name = pathlib.Path(output_paths["out.txt"]).parts[-3]
            pathlib.Path(output_paths["out.txt"]).write_text("(" + "+".join(parts) + ")" + name)
        """
    project.write(
        {
            "pipeline.yaml": """\
                steps:
                  last:
                    inputs: {x: left.out.txt, y: right.out.txt}
                    outputs: [out.txt]
                    script_path: add.py
                  left: {inputs: {x: first.out.txt}, outputs: [out.txt], script_path: add.py}
                  right: {inputs: {x: first.out.txt}, outputs: [out.txt], script_path: add.py}
                  first: {inputs: {x: data.txt}, outputs: [out.txt], script_path: add.py}
                """,
            "add.py": add,
            "data.txt": "data",
        }
    )
    answer = project("run", *fresh)
    assert (answer.code, answer.err) == (0, "")
    assert list(answer.verdicts.items()) == [(n, "passed") for n in ("last", "left", "right", "first")]
    assert text_of(project, "last", "out.txt") == "(((data)first)left+((data)first)right)last"
    assert {step["started_as"] for step in answer.report["steps"]} == {"fresh" if fresh else "fork"}
    assert {step["entry"] for step in answer.report["steps"]} == {"main"}
    output = answer.step("first")["outputs"]["out.txt"]
    assert (output["files"], output["bytes"]) == (1, len("(data)first"))


def test_needs_is_order_without_data(project: Project) -> None:
    line = "open({!r}, 'a').write({!r})\n"
    project.write(
        {
            "pipeline.yaml": "steps: {c: {needs: [b]}, b: {needs: a}, a: }",
            **{f"{name}.py": line.format(str(project.marker), name) for name in "abc"},
        }
    )
    answer = project("run", "-j", "3")
    assert (answer.code, answer.verdicts) == (0, {"c": "passed", "b": "passed", "a": "passed"})
    assert project.marker.read_text() == "abc"


def test_independent_steps_run_side_by_side(project: Project) -> None:
    meet = """\
        import os, pathlib, sys, time

        me, other = sys.argv[1:]
        pathlib.Path(me).touch()
        while not os.path.exists(other):
            time.sleep(0.001)
        """
    one, two = project.folder / "one", project.folder / "two"
    project.write(
        {
            "pipeline.json": json.dumps(
                {
                    "steps": {
                        "a": {"script_path": "meet.py", "args": [str(one), str(two)]},
                        "b": {"script_path": "meet.py", "args": [str(two), str(one)]},
                    }
                }
            ),
            "meet.py": meet,
        }
    )
    answer = project("run", "-j", "2", "--timeout", "15")
    assert (answer.code, answer.verdicts) == (0, {"a": "passed", "b": "passed"})


def test_the_default_pipeline_file_is_that_of_the_current_folder(project: Project) -> None:
    project.write({"pipeline.toml": "[steps.a]\n", "a.py": "print(1)\n"})
    answer = project("run")
    assert (answer.code, answer.verdicts) == (0, {"a": "passed"})
    assert answer.report["pipeline"] == str(project.folder / "pipeline.toml")


def test_scripts_are_looked_for_in_the_script_folders_and_the_first_match_wins(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": "script_dirs: [one, two]\nsteps: {a: , b: }",
            "one/a.py": "print('right')\n",
            "two/a.py": "1 / 0\n",
            "two/b.py": "print('right')\n",
        }
    )
    answer = project("run")
    assert (answer.code, answer.verdicts) == (0, {"a": "passed", "b": "passed"})
    assert answer.step("a")["script_path"] == str(project.folder / "one/a.py")


def test_the_table_the_graph_and_each_step_as_it_ends_are_shown(project: Project) -> None:
    project.write({"pipeline.yaml": "pipeline: p\nsteps: {a: {outputs: [x.txt]}}", "a.py": COPY_NOTHING})
    out = project("run").out
    assert out.startswith("p: 1 step in 1 stage\n\n1  ●  a  → x.txt\n[1/1] passed   a ")
    assert "\n✓ a     passed  " in out
    assert out.rstrip().splitlines()[-1].startswith("1 passed in ")


COPY_NOTHING = """\
    def main(output_paths):
        for path in output_paths.values():
            open(path, "w").write("text")
    """


def test_quiet_says_failures_and_the_summary_alone(project: Project) -> None:
    project.write({"pipeline.yaml": "steps: {a: , b: }", "a.py": "print(1 / 0)\n", "b.py": "print(1)\n"})
    lines = project("run", "-q").out.splitlines()
    assert len(lines) == 2
    assert lines[0] == (
        "✗ a: exception: a.py raised ZeroDivisionError: division by zero while it ran."
        f" ({project.folder / 'a.py'}:1)"
    )
    assert lines[1].startswith("1 passed, 1 failed in ")


# --- what a step is given -----------------------------------------------------------------------------------


@FRESH
def test_a_step_that_spoils_its_inputs_harms_only_its_own_copies(
    project: Project, fresh: tuple[str, ...]
) -> None:
    spoil = """\
        import pathlib, shutil

        def main(input_paths, output_paths):
            for path in map(pathlib.Path, input_paths.values()):
                if path.is_dir():
                    for file in path.iterdir():
                        file.write_text("spoilt")
                    shutil.rmtree(path)
                else:
                    path.write_text("spoilt")
                    path.unlink()
            pathlib.Path(output_paths["done.txt"]).write_text("done")
        """
    project.write(
        {
            "pipeline.yaml": """\
                steps:
                  make: {script_path: hand_on.py, inputs: {file: data.txt, folder: data}, outputs: [made]}
                  spoil: {inputs: {file: data.txt, folder: data, made: make.made}, outputs: [done.txt]}
                  after: {script_path: hand_on.py, inputs: {made: make.made}, outputs: [copy], needs: [spoil]}
                """,
            "hand_on.py": COPY,
            "spoil.py": spoil,
            "data.txt": "mine",
            "data/more.txt": "mine too",
        }
    )
    answer = project("run", *fresh)
    assert (answer.code, answer.verdicts) == (0, {"make": "passed", "spoil": "passed", "after": "passed"})
    assert (project.folder / "data.txt").read_text() == "mine"
    assert (project.folder / "data/more.txt").read_text() == "mine too"
    for place in ("make/outputs/made", "after/outputs/copy"):
        folder = project.runs()[-1] / place
        assert {p.name: p.read_text() for p in folder.iterdir()} == {
            "data.txt": "mine",
            "more.txt": "mine too",
        }


def test_links_in_the_users_data_become_files_that_may_be_changed(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": "steps: {a: {inputs: {data: data}, outputs: [x.txt]}}",
            "a.py": """\
                import os, pathlib

                def main(input_paths, output_paths):
                    files = sorted(p for p in pathlib.Path(input_paths["data"]).rglob("*") if p.is_file())
                    for file in files:
                        assert not file.is_symlink()
                        assert file.read_text() == "mine"
                        file.write_text("changed")
                    pathlib.Path(output_paths["x.txt"]).write_text(" ".join(f.name for f in files))
                """,
            "data/one.txt": "mine",
            "elsewhere/two.txt": "mine",
        }
    )
    (project.folder / "data/link.txt").symlink_to("../elsewhere/two.txt")
    (project.folder / "data/folder").symlink_to("../elsewhere")
    (project.folder / "data/circle").symlink_to(".")
    (project.folder / "data/dangling").symlink_to("nowhere")
    (project.folder / "data/one.txt").chmod(0o444)
    answer = project("run")
    assert (answer.code, answer.verdicts) == (0, {"a": "passed"})
    assert text_of(project, "a", "x.txt").split()[:2] == ["two.txt", "link.txt"]
    assert (project.folder / "elsewhere/two.txt").read_text() == "mine"
    assert (project.folder / "data/one.txt").read_text() == "mine"


def test_the_folder_of_the_pipeline_itself_may_be_an_input(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": "steps: {a: {inputs: {all: ./}, outputs: [x.txt]}}",
            "a.py": """\
                import os

                def main(input_paths, output_paths):
                    open(output_paths["x.txt"], "w").write(" ".join(sorted(os.listdir(input_paths["all"]))))
                """,
        }
    )
    answer = project("run")
    assert (answer.code, answer.verdicts) == (0, {"a": "passed"})
    assert {"a.py", "pipeline.yaml"} <= set(text_of(project, "a", "x.txt").split())


@FRESH
def test_a_script_runs_as_python_itself_would_run_it(project: Project, fresh: tuple[str, ...]) -> None:
    project.write(
        {
            "pipeline.yaml": f"steps: {{a: {{script_path: steps/a.py, args: [--x, 1.5, ''], {SEEN}}}}}",
            "steps/a.py": SEE,
        }
    )
    assert project("run", *fresh).verdicts == {"a": "passed"}
    seen = seen_by(project)
    root = project.runs()[-1] / "a"
    script = str(project.folder / "steps/a.py")
    plain = subprocess.run(
        [sys.executable, script, "--x", "1.5", ""],
        env={**seen["env"], "SEEN": str(project.above / "plain.json")},
        stdin=subprocess.DEVNULL,
        cwd=root / "work",
        stdout=subprocess.PIPE,  # as a log file, no terminal
        check=True,
    )
    expected = json.loads((project.above / "plain.json").read_text())
    assert plain.stdout == b""
    assert {**seen, "env": None} == {**expected, "env": None}
    assert seen["argv"] == [script, "--x", "1.5", ""]


@FRESH
def test_the_environment_is_clean(
    project: Project, monkeypatch: pytest.MonkeyPatch, fresh: tuple[str, ...]
) -> None:
    for name in [name for name in os.environ if name.startswith(("LC_", "LD_LIBRARY", "LANG"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of the caller")
    monkeypatch.setenv("PYTHONPATH", "/of/the/caller")
    monkeypatch.setenv("VIRTUAL_ENV", "/of/the/caller")
    monkeypatch.setenv("WANTED", "passed on")
    monkeypatch.setenv("TZ", "Europe/Berlin")
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    project.write(
        {
            "pipeline.yaml": """\
                defaults: {env: {STAGE: test, LEVEL: 1}, pass_env: [WANTED, UNSET]}
                steps:
                  a: {outputs: [seen.json], env: {SEEN: "{outputs.seen.json}", LEVEL: 2}}
                """,
            "a.py": SEE,
        }
    )
    assert project("run", "-j", "1", *fresh).verdicts == {"a": "passed"}
    root, cores = project.runs()[-1] / "a", str(os.cpu_count())
    seen = seen_by(project)["env"]
    assert seen.pop("TMPDIR") in ("/tmp", str(root / "tmp"))  # either way it lies in the sandbox: see below
    stand_ins, *path = seen.pop("PATH").split(":")
    assert stand_ins.endswith("/lane-0/guard/bin")  # for pip and its like
    assert path == [str(Path(sys.executable).parent), "/usr/bin", "/bin"]
    assert seen.pop("PYTHONPATH") == f"{stand_ins.removesuffix('/bin')}/site"  # and for what it starts
    assert seen == {
        "LANG": "C.UTF-8",
        "TZ": "Europe/Berlin",
        "HOME": str(root / "home"),
        "STAGE": "test",
        "LEVEL": "2",
        "WANTED": "passed on",
        "SEEN": str(root / "outputs/seen.json"),
        "OMP_WAIT_POLICY": "passive",
        "OMP_NUM_THREADS": cores,
        "OPENBLAS_NUM_THREADS": cores,
        "MKL_NUM_THREADS": cores,
        "NUMEXPR_NUM_THREADS": cores,
        "VECLIB_MAXIMUM_THREADS": cores,
        "POLARS_MAX_THREADS": cores,
        "RAYON_NUM_THREADS": cores,
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def test_fork_and_fresh_show_the_same_environment_where_the_caller_has_no_locale(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith(("LC_", "LANG"))]:
        monkeypatch.delenv(name)
    project.write({"pipeline.yaml": f"steps: {{a: {{{SEEN}}}}}", "a.py": SEE})
    seen = []
    for options in ((), ("--fresh",)):
        assert project("run", *options).verdicts == {"a": "passed"}
        text = text_of(project, "a", "seen.json").replace(str(project.runs()[-1]), "RUN")
        seen.append(json.loads(text))
    assert seen[0]["env"] == seen[1]["env"]
    assert seen[0] == seen[1]


@FRESH
def test_home_and_temporary_files_lie_in_the_sandbox(project: Project, fresh: tuple[str, ...]) -> None:
    project.write(
        {
            "pipeline.yaml": "steps: {a: {outputs: [x.txt], args: ['{outputs.x.txt}']}}",
            "a.py": """\
                import os, pathlib, site, sys, tempfile

                places = [os.path.expanduser("~"), pathlib.Path.home(), site.USER_BASE]
                pathlib.Path(sys.argv[1]).write_text("\\n".join(map(str, places)))
                pathlib.Path(tempfile.gettempdir(), "temporary").touch()
                """,
        }
    )
    assert project("run", *fresh).verdicts == {"a": "passed"}
    root = project.runs()[-1] / "a"
    assert (root / "tmp/temporary").exists()
    assert text_of(project, "a", "x.txt").split("\n") == [
        f"{root}/home",
        f"{root}/home",
        f"{root}/home/.local",
    ]


@FRESH
def test_fixed_names_in_tmp_do_not_meet(project: Project, fresh: tuple[str, ...]) -> None:
    project.write(
        {
            "pipeline.yaml": f"""\
                steps:
                  a: {{{SEEN}}}
                  b: {{needs: [a], script_path: fixed.py}}
                  c: {{needs: [b], script_path: fixed.py}}
                """,
            "a.py": SEE,
            "fixed.py": "open('/tmp/pipetest-fixed-name', 'x')\n",
        }
    )
    answer = project("run", *fresh)
    if seen_by(project)["env"]["TMPDIR"] != "/tmp":
        pytest.skip("this system refuses namespaces")
    assert (answer.code, answer.report["counts"]) == (0, {"passed": 3})
    assert not Path("/tmp/pipetest-fixed-name").exists()


def test_main_receives_what_its_parameters_are_named_for(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": """\
                steps:
                  a:
                    inputs: {raw: data.txt, folder: data}
                    outputs: [x, y.json]
                    env: {LABEL: churned}
                    pass_env: [WANTED]
                    job_args: {depth: 3, rate: 0.5, fast: true, slow: false, name: it, none: null}
                """,
            "data.txt": "mine",
            "data/more.txt": "mine",
            "a.py": """\
                import argparse, json, logging, os

                def main(job_args, /, output_paths, input_paths, environ_vars, logger, logger_two=None,
                         extra="default", *, log=None, **more):
                    assert type(job_args) is argparse.Namespace
                    assert os.getcwd().endswith("/a/work")
                    logger("called")
                    logger.info("%s by method", "called")
                    print("printed")
                    given = [vars(job_args), input_paths, output_paths, environ_vars, logger_two, extra, log]
                    json.dump([*given, __name__ == "__main__"], open(output_paths["y.json"], "w"))
                    open(output_paths["x"] + "/file", "w").write("text")
                """,
        }
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WANTED", "passed on")
        answer = project("run")
    assert (answer.code, answer.verdicts) == (0, {"a": "passed"})
    root = project.runs()[-1] / "a"
    assert json.loads(text_of(project, "a", "y.json")) == [
        {"depth": 3, "rate": 0.5, "fast": True, "slow": False, "name": "it", "none": None},
        {"raw": f"{root}/inputs/raw/data.txt", "folder": f"{root}/inputs/folder"},
        {"x": f"{root}/outputs/x", "y.json": f"{root}/outputs/y.json"},
        {"LABEL": "churned", "WANTED": "passed on"},
        None,
        "default",
        None,
        False,
    ]
    assert (root / "log.txt").read_text() == "called\ncalled by method\nprinted\n"


@pytest.mark.parametrize("entry", ["", ", entry: main"], ids=["as it is found", "as it is declared"])
def test_a_decorated_main_receives_the_same(project: Project, entry: str) -> None:
    project.write(
        {
            "pipeline.yaml": f"steps: {{a: {{outputs: [x.txt]{entry}}}}}",
            "a.py": """\
                import functools

                def told(function):
                    @functools.wraps(function)
                    def inner(*args, **kwargs):
                        print("told")
                        return function(*args, **kwargs)
                    return inner

                @told
                def main(input_paths, output_paths):
                    open(output_paths["x.txt"], "w").write("text")
                """,
        }
    )
    answer = project("run")
    assert (answer.code, answer.verdicts) == (0, {"a": "passed"})


def test_main_with_any_keywords_receives_all(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": "steps: {a: {outputs: [x.txt], entry: main}}",
            "a.py": """\
                def main(**given):
                    assert set(given) == {"input_paths", "output_paths", "environ_vars", "job_args"}, given
                    open(given["output_paths"]["x.txt"], "w").write("text")
                """,
        }
    )
    answer = project("run")
    assert (answer.code, answer.verdicts) == (0, {"a": "passed"})


def test_what_main_returns_is_no_exit_code(project: Project) -> None:
    project.write({"pipeline.yaml": "steps: {a: }", "a.py": "def main(input_paths): return 3\n"})
    assert project("run").verdicts == {"a": "passed"}


@FRESH
def test_arguments_and_placeholders_reach_a_script(project: Project, fresh: tuple[str, ...]) -> None:
    project.write(
        {
            "pipeline.yaml": """\
                steps:
                  a:
                    inputs: {raw file: data.txt}
                    outputs: [seen.json]
                    args: [--in, "{inputs.raw file}", "--out={outputs.seen.json}", "{other}", 1.10, 007]
                    job_args: {depth: 3, fast: true, slow: false, none: null, name: two words}
                    env: {SEEN: "{outputs.seen.json}", BOTH: "{inputs.raw file}:{outputs.seen.json}"}
                """,
            "data.txt": "mine",
            "a.py": SEE,
        }
    )
    assert project("run", *fresh).verdicts == {"a": "passed"}
    seen, root = seen_by(project), project.runs()[-1] / "a"
    given, wanted = f"{root}/inputs/raw file/data.txt", f"{root}/outputs/seen.json"
    assert seen["argv"][1:] == [
        *("--in", given, f"--out={wanted}", "{other}", "1.10", "007"),
        *("--depth", "3", "--fast", "--name", "two words"),
    ]
    assert seen["env"]["BOTH"] == f"{given}:{wanted}"


def test_a_command_is_run_with_its_words_and_arguments(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": """\
                steps:
                  a:
                    entry: [sh, -c, 'cat; cat "{inputs.raw}" > "{outputs.x.txt}"; echo "$@" >> "$OUT"', name]
                    inputs: {raw: data.txt}
                    outputs: [x.txt]
                    args: [one, "two words"]
                    job_args: {three: 3}
                    env: {OUT: "{outputs.x.txt}"}
                """,
            "data.txt": "mine\n",
        }
    )
    answer = project("run")
    assert (answer.code, answer.verdicts) == (0, {"a": "passed"})
    assert text_of(project, "a", "x.txt") == "mine\none two words --three 3\n"
    assert answer.step("a")["entry"] == "command"


def test_python_in_a_command_is_the_python_of_the_step(project: Project) -> None:
    code = "import sys; open(sys.argv[1], 'w').write(sys.executable)"
    project.write(
        {
            "pipeline.json": json.dumps(
                {
                    "steps": {
                        name: {"entry": [name, "-c", code], "outputs": ["x.txt"], "args": ["{outputs.x.txt}"]}
                        for name in ("python", "python3")
                    }
                }
            )
        }
    )
    assert project("run").code == 0
    assert [text_of(project, n, "x.txt") for n in ("python", "python3")] == [sys.executable] * 2


def test_a_command_that_cannot_be_started(project: Project) -> None:
    project.write({"pipeline.yaml": "steps: {a: {entry: [no-such-program]}}"})
    answer = project("run")
    assert (answer.code, answer.verdicts) == (1, {"a": "failed command-not-found"})


@FRESH
def test_a_step_whose_variables_are_read_at_import_is_started_fresh(
    project: Project, fresh: tuple[str, ...]
) -> None:
    project.write(
        {
            "pipeline.yaml": f"""\
                steps:
                  a: {{outputs: [seen.json], env: {{SEEN: "{{outputs.seen.json}}", OMP_NUM_THREADS: 7}}}}
                  b: {{script_path: a.py, {SEEN}}}
                """,
            "a.py": SEE,
        }
    )
    answer = project("run", *fresh)
    assert answer.code == 0
    assert seen_by(project)["env"]["OMP_NUM_THREADS"] == "7"
    assert answer.step("a")["started_as"] == "fresh"
    assert answer.step("b")["started_as"] == ("fresh" if fresh else "fork")
    if not fresh:
        assert answer.finding("started-fresh")["message"] == (
            "a got a fresh interpreter: OMP_NUM_THREADS may change what libraries do when they are imported."
        )


@FRESH
def test_scripts_named_like_standard_modules_harm_neither_the_command_nor_each_other(
    project: Project, fresh: tuple[str, ...]
) -> None:
    names = ["copy", "json", "queue", "signal"]
    project.write(
        {
            "pipeline.json": json.dumps({"steps": {name: {"outputs": ["x.txt"]} for name in names}}),
            **{f"{name}.py": COPY_NOTHING for name in names},
        }
    )
    answer = project.run("run", "--json", project.json, *fresh)
    assert (answer.code, answer.err) == (0, "")
    assert [step["status"] for step in answer.report["steps"]] == ["passed"] * len(names)


# --- what a step owes ---------------------------------------------------------------------------------------


def outputs_of(project: Project, declared: str, code: str) -> str:
    """The verdict on a step with these outputs, of which a script makes what the code makes in `out`."""
    project.write(
        {
            "pipeline.yaml": f"steps: {{a: {{outputs: {declared}}}}}",
            "a.py": "import os, pathlib, shutil, sys\n\ndef main(output_paths):\n"
            f"    out = {{name: pathlib.Path(path) for name, path in output_paths.items()}}\n    {code}\n",
        }
    )
    answer = project("run")
    assert answer.code == (0 if answer.verdicts["a"].startswith("passed") else 1)
    return answer.verdicts["a"]


@pytest.mark.parametrize(
    ("declared", "code", "verdict"),
    [
        ("[x.txt]", "pass", "failed missing-output"),
        ("[x.txt]", "out['x.txt'].touch()", "failed empty-output"),
        ("[x.txt]", "out['x.txt'].write_text('1')", "passed"),
        ("[x.txt]", "out['x.txt'].symlink_to('/etc/passwd')", "failed link-in-output missing-output"),
        ("[x.txt]", "out['x.txt'].mkdir(); (out['x.txt'] / 'y').write_text('1')", "failed missing-output"),
        ("{x.txt: {optional: true}}", "pass", "passed"),
        ("{x.txt: {optional: true}}", "out['x.txt'].touch()", "passed"),
        ("[x]", "pass", "failed missing-output"),
        ("[x]", "assert out['x'].is_dir()", "failed missing-output"),
        ("[x]", "shutil.rmtree(out['x'])", "failed missing-output"),
        ("[x]", "(out['x'] / 'empty').touch()", "failed empty-output"),
        ("[x]", "(out['x'] / 'deep/er').mkdir(parents=True)", "failed missing-output"),
        ("[x]", "(out['x'] / 'link').symlink_to('/etc')", "failed link-in-output missing-output"),
        (
            "[x]",
            "(out['x'] / 'a').write_text('1'); (out['x'] / 'b').symlink_to('a')",
            "passed link-in-output",
        ),
        ("[x]", "os.mkfifo(out['x'] / 'pipe')", "failed missing-output"),
        ("{x: {optional: true}}", "pass", "passed"),
        ("{x: {files: '*.csv'}}", "(out['x'] / 'a.csv').write_text('1')", "passed"),
        ("{x: {files: ['*.csv', 'b/*']}}", "(out['x'] / 'a.csv').write_text('1')", "failed missing-output"),
        ("{x: {files: '*.csv', optional: true}}", "pass", "passed"),
        (
            "{x: {files: '*.csv', optional: true}}",
            "(out['x'] / 'a.txt').write_text('1')",
            "failed missing-output",
        ),
        ("[x, y.txt, z]", "(out['x'] / 'a').write_text('1')", "failed missing-output missing-output"),
        ("[x.txt]", "sys.exit(3)", "failed exit-code"),
        ("[x.txt]", "out['x.txt'].write_text('1'); sys.exit('no')", "failed exit-code"),
        ("[x.txt]", "out['x.txt'].write_text('1'); sys.exit(0)", "passed"),
    ],
)
def test_promised_outputs(project: Project, declared: str, code: str, verdict: str) -> None:
    assert outputs_of(project, declared, code) == verdict


def test_a_missing_output_says_where_it_was_looked_for(project: Project) -> None:
    outputs_of(project, "[x.txt]", "pass")
    finding = project("run").finding("missing-output")
    assert finding["message"] == "a promised the file `x.txt`, which was not written."
    assert f"{project.runs()[-1]}/a/outputs/x.txt" in finding["hint"]


def test_a_step_below_an_optional_output_that_is_not_there(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": """\
                steps:
                  a: {outputs: {x.txt: {optional: true}}}
                  needs_it: {inputs: {x: a.x.txt}, script_path: b.py}
                  does_without: {inputs: {x: {from: a.x.txt, optional: true}}, script_path: b.py}
                """,
            "a.py": "print(1)\n",
            "b.py": "def main(input_paths): assert input_paths == {}, input_paths\n",
        }
    )
    answer = project("run")
    assert answer.code == 1
    assert answer.verdicts == {
        "a": "passed",
        "needs_it": "failed missing-input",
        "does_without": "passed",
    }
    assert answer.finding("missing-input")["message"] == "needs_it needs a.x.txt, which is not there."


def test_a_command_below_an_optional_output_that_is_not_there(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": """\
                steps:
                  a: {outputs: {x.txt: {optional: true}}}
                  b: {inputs: {x: a.x.txt}, entry: [sh, -c, "echo {inputs.x}"]}
                """,
            "a.py": "print(1)\n",
        }
    )
    answer = project("run")
    assert (answer.code, answer.verdicts) == (1, {"a": "passed", "b": "failed missing-input"})


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_input_that_may_not_be_read_is_named(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": "steps: {a: {inputs: {raw: data}, args: ['{inputs.raw}']}, b: {}}",
            "a.py": "print(1)\n",
            "b.py": "print(1)\n",
            "data/secret.csv": "a\n1\n",
        }
    )
    (project.folder / "data" / "secret.csv").chmod(0)
    answer = project("run")
    assert answer.verdicts == {"a": "failed missing-input", "b": "passed"}
    assert answer.finding("missing-input")["message"].endswith("secret.csv, which you may not read.")


def test_an_input_that_nothing_feeds_is_named(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": "steps: {a: {inputs: {raw: {container_path: /opt/ml/processing/raw}}}}",
            "a.py": "def main(input_paths): pass\n",
        }
    )
    answer = project("run")
    assert answer.code in (1, 2)
    said = answer.err + answer.out
    assert "raw" in said
    assert "None" not in said


# --- failures -----------------------------------------------------------------------------------------------

FAILING = {
    "pipeline.yaml": """\
        steps:
          a: {outputs: [x.txt]}
          below: {inputs: {x: a.x.txt}, outputs: [y.txt], script_path: hand_on.py}
          further: {inputs: {y: below.y.txt}, outputs: [z.txt], script_path: hand_on.py}
          ordered: {needs: [a], script_path: b.py}
          other: {script_path: b.py}
        """,
    "a.py": "import sys\nprint('a last word')\n\ndef main(output_paths):\n    {}['gone']\n",
    "b.py": "print(1)\n",
    "hand_on.py": COPY,
}


@FRESH
def test_a_failure_skips_what_depends_on_it_and_nothing_else(
    project: Project, fresh: tuple[str, ...]
) -> None:
    project.write(FAILING)
    answer = project("run", *fresh)
    assert (answer.code, answer.verdicts) == (
        1,
        {
            "a": "failed exception",
            "below": "skipped upstream-failed",
            "further": "skipped upstream-failed",
            "ordered": "skipped upstream-failed",
            "other": "passed",
        },
    )
    finding = answer.finding("exception")
    assert finding["message"] == "a.py raised KeyError: 'gone' while it ran."
    assert (finding["file"], finding["line"]) == (str(project.folder / "a.py"), 5)
    assert "a last word" in finding["detail"]
    assert "_worker" not in finding["detail"]
    assert "below was not run: it needs a, which did not pass." in answer.out


def test_fail_fast_starts_nothing_after_the_first_failure(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": "steps: {a: , b: , c: {needs: [b]}}",
            "a.py": "print(1 / 0)\n",
            "b.py": f"open({str(project.marker)!r}, 'w')\n",
            "c.py": "print(1)\n",
        }
    )
    answer = project("run", "-x", "-j", "1")
    assert (answer.code, answer.verdicts) == (
        1,
        {"a": "failed exception", "b": "skipped stopped-early", "c": "skipped stopped-early"},
    )
    assert not project.marker.exists()


def test_a_failure_shows_what_its_inputs_held(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": "steps: {a: {inputs: {raw: data, one: data/more.txt}}}",
            "a.py": """\
                import shutil

                def main(input_paths):
                    shutil.rmtree(input_paths["raw"])
                    raise ValueError("no such column")
                """,
            "data/more.txt": "12345",
            "data/most.txt": "123",
        }
    )
    answer = project("run")
    assert answer.code == 1
    assert answer.finding("exception")["detail"].endswith(
        "its inputs held:\n  raw: more.txt, most.txt (8 bytes)\n  one: more.txt (5 bytes)"
    )
    assert answer.step("a")["inputs"]["raw"]["files"] == 2


def test_a_step_that_is_certain_to_break_is_not_started(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": "steps: {a: , b: , c: , d: {entry: main}, e: {entry: script}}",
            "a.py": f"open({str(project.marker)!r}, 'w')\nimport nowhere_to_be_found\n",
            "b.py": f"open({str(project.marker)!r}, 'w')\nx = = 1\n",
            "d.py": "print(1)\n",
            "e.py": "def main(): pass\n",
        }
    )
    answer = project("run")
    assert (answer.code, answer.verdicts) == (
        1,
        {
            "a": "failed missing-module",
            "b": "failed syntax-error",
            "c": "failed missing-script",
            "d": "failed no-entry-point",
            "e": "failed no-entry-point",
        },
    )
    assert not project.marker.exists()


@pytest.mark.parametrize(
    ("entry", "options"), [("script", ()), ("main", ()), ("script", ("--fresh",))], ids=str
)
def test_a_timeout_says_where_the_step_hung(project: Project, entry: str, options: tuple[str, ...]) -> None:
    project.write(
        {
            "pipeline.yaml": f"steps: {{a: {{entry: {entry}, timeout: 1}}, b: {{needs: [a]}}}}",
            "a.py": """\
                import time

                def wait():
                    while True:
                        time.sleep(60)

                def main():
                    print("a last word", flush=True)
                    wait()

                if __name__ == "__main__":
                    main()
                """,
            "b.py": "print(1)\n",
        }
    )
    answer = project("run", *options)
    assert (answer.code, answer.verdicts) == (1, {"a": "timeout timeout", "b": "skipped upstream-failed"})
    finding = answer.finding("timeout")
    assert (finding["file"], finding["line"]) == (str(project.folder / "a.py"), 5)
    assert "a last word" in finding["detail"]
    assert 'a.py", line 5 in wait' in finding["detail"]
    assert "_worker" not in finding["detail"]
    assert "timed out" in answer.out


def test_timeout_on_the_command_line_wins_over_the_file(project: Project) -> None:
    project.write({"pipeline.yaml": "steps: {a: {timeout: 3000}}", "a.py": "while True: pass\n"})
    assert project("run", "--timeout", "0.3").verdicts == {"a": "timeout timeout"}


def test_a_command_that_takes_too_long_is_ended_with_all_that_it_started(project: Project) -> None:
    project.write(
        {"pipeline.yaml": f"steps: {{a: {{entry: [sh, -c, 'sleep 61 & sleep 62', '{project.above}']}}}}"}
    )
    answer = project("run", "--timeout", "0.3")
    assert (answer.code, answer.step("a")["status"]) == (1, "timeout")


# --- a part of the pipeline ---------------------------------------------------------------------------------

CHAIN = {
    "pipeline.yaml": """\
        steps:
          one: {inputs: {raw: data.txt}, outputs: [x.txt], script_path: hand_on.py}
          two: {inputs: {x: one.x.txt}, outputs: [y.txt], script_path: hand_on.py}
          three: {inputs: {y: two.y.txt}, outputs: [z.txt], script_path: hand_on.py}
        """,
    "hand_on.py": COPY,
    "data.txt": "from the pipeline",
    "mine.txt": "from the user",
}


def test_step_with_data_runs_it_alone(project: Project) -> None:
    project.write(CHAIN)
    answer = project("run", "--step", "two", "--data", "two.x=mine.txt")
    assert (answer.code, answer.verdicts) == (
        0,
        {"two": "passed", "one": "skipped not-selected", "three": "skipped not-selected"},
    )
    assert text_of(project, "two", "y.txt") == "from the user"


def test_step_with_upstream_runs_what_it_needs_too(project: Project) -> None:
    project.write(CHAIN)
    answer = project("run", "--step", "two", "--upstream")
    assert (answer.code, answer.verdicts) == (
        0,
        {"one": "passed", "two": "passed", "three": "skipped not-selected"},
    )
    assert text_of(project, "two", "y.txt") == "from the pipeline"


def test_upstream_does_not_run_what_data_stands_in_for(project: Project) -> None:
    project.write(CHAIN)
    answer = project("run", "--step", "three", "--upstream", "--data", "two.x=mine.txt")
    assert (answer.code, answer.verdicts) == (
        0,
        {"two": "passed", "three": "passed", "one": "skipped not-selected"},
    )


def test_a_link_that_nothing_feeds_is_wrong_use_and_says_the_next_move(project: Project) -> None:
    project.write(CHAIN)
    answer = project("run", "--step", "two", "--step", "three")
    assert (answer.code, answer.report, project.runs()) == (2, {}, [])
    assert answer.err == (
        f"pipetest: {project.folder}/pipeline.yaml:3:"
        " two takes `x` from one.x.txt, which is not to run.\n"
        "pipetest:     Add --upstream, or name the data: --data two.x=PATH.\n"
    )


def test_data_for_an_input_replaces_what_the_file_says(project: Project) -> None:
    project.write(CHAIN)
    (project.folder / "data.txt").unlink()
    answer = project("run", "--data", "one.raw=mine.txt")
    assert (answer.code, answer.report["counts"]) == (0, {"passed": 3})
    assert text_of(project, "three", "z.txt") == "from the user"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--step", "twoo"], "--step names `twoo`, which p does not have."),
        (["--data", "twoo.x=mine.txt"], "--data names `twoo`, which p does not have."),
        (["--data", "two.xx=mine.txt"], "--data names `xx`, which two does not have."),
        (["--data", "two.x=gone.txt"], "--data two.x: there is no gone.txt."),
        (["--data", "two.x"], "'two.x' is not of the form STEP.INPUT=PATH"),
        (["--data", "two=mine.txt"], "'two=mine.txt' is not of the form STEP.INPUT=PATH"),
        (["--json", "no/such/folder/x.json"], "'no/such/folder/x.json' cannot be written"),
        (["--jsn", "x.json"], "unrecognized arguments: --jsn"),
        (["gone.yaml"], "gone.yaml"),
    ],
)
def test_wrong_use_is_told_before_anything_starts(project: Project, arguments: list[str], said: str) -> None:
    project.write({**CHAIN, "pipeline.yaml": "pipeline: p\n" + CHAIN["pipeline.yaml"].replace(" " * 8, "")})
    answer = project.run("run", *arguments)
    assert (answer.code, answer.out, project.runs()) == (2, "", [])
    assert said in answer.err
    assert "Traceback" not in answer.err


def test_every_missing_input_is_named_before_anything_starts(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": "steps: {a: {inputs: {one: ./gone.txt, two: ./dat.txt}}, b: {stub: ./fixtures}}",
            "a.py": f"open({str(project.marker)!r}, 'w')\n",
            "data.txt": "",
        }
    )
    answer = project("run")
    assert (answer.code, answer.report, project.runs()) == (2, {}, [])
    assert answer.err.count("is not there") == 3
    assert 'Did you mean "data.txt"' in answer.err
    assert not project.marker.exists()


# --- stubs --------------------------------------------------------------------------------------------------


def test_the_files_of_a_stub_stand_in_for_each_output(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": """\
                steps:
                  a: {outputs: [x, y.txt], stub: fixtures}
                  b: {inputs: {x: a.x, y: a.y.txt}, outputs: [all], script_path: hand_on.py}
                """,
            "a.py": f"open({str(project.marker)!r}, 'w')\n",
            "hand_on.py": COPY,
            "fixtures/x/one.txt": "1",
            "fixtures/y.txt": "2",
        }
    )
    answer = project("run")
    assert (answer.code, answer.verdicts) == (0, {"a": "stubbed", "b": "passed"})
    folder = project.runs()[-1] / "b/outputs/all"
    assert {p.name: p.read_text() for p in folder.iterdir()} == {"one.txt": "1", "y.txt": "2"}
    assert not project.marker.exists()


@pytest.mark.parametrize(
    ("output", "stub", "files", "expected"),
    [
        ("x", "fixtures", {"fixtures/one.txt": "1"}, "one.txt"),
        ("x", "fixtures", {"fixtures/x/one.txt": "1"}, "one.txt"),
        ("x.txt", "fixtures", {"fixtures/x.txt": "1"}, "x.txt"),
        ("x.txt", "fixtures/other.txt", {"fixtures/other.txt": "1"}, "other.txt"),
    ],
)
def test_a_stub_may_be_the_single_output_itself(
    project: Project, output: str, stub: str, files: dict[str, str | bytes], expected: str
) -> None:
    project.write(
        {
            "pipeline.yaml": f"""\
                steps:
                  a: {{outputs: [{output}], stub: {stub}}}
                  b: {{inputs: {{x: a.{output}}}, outputs: [all], script_path: hand_on.py}}
                """,
            "hand_on.py": COPY,
            **files,
        }
    )
    answer = project("run")
    assert (answer.code, answer.verdicts) == (0, {"a": "stubbed", "b": "passed"})
    assert [p.name for p in (project.runs()[-1] / "b/outputs/all").iterdir()] == [expected]


@pytest.mark.parametrize(
    "outputs", ["[x, y.txt]", "[y.txt]"], ids=["one of two is missing", "a folder cannot be a file"]
)
def test_a_stub_without_a_promised_output_fails(project: Project, outputs: str) -> None:
    project.write(
        {
            "pipeline.yaml": f"steps: {{a: {{outputs: {outputs}, stub: fixtures}}, b: }}",
            "b.py": "print(1)\n",
            "fixtures/x/one.txt": "1",
        }
    )
    answer = project("run")
    assert (answer.code, answer.verdicts) == (1, {"a": "failed bad-stub", "b": "passed"})
    assert "no `y.txt`" in answer.finding("bad-stub")["message"]


def test_a_pipeline_of_stubs_alone_tests_nothing_and_does_not_pass(project: Project) -> None:
    project.write({"pipeline.yaml": "steps: {a: {outputs: [x], stub: fixtures}}", "fixtures/one": "1"})
    answer = project("run")
    assert (answer.code, answer.report["ok"], answer.verdicts) == (1, False, {"a": "stubbed"})


# --- secrets ------------------------------------------------------------------------------------------------


@FRESH
def test_secret_values_are_masked_everywhere(
    project: Project, monkeypatch: pytest.MonkeyPatch, fresh: tuple[str, ...]
) -> None:
    secrets = {"API_TOKEN": "s3cr3t-of-the-shell", "DB_PASSWORD": "s3cr3t-of-the-file"}
    monkeypatch.setenv("API_TOKEN", secrets["API_TOKEN"])
    project.write(
        {
            "pipeline.yaml": f"""\
                steps:
                  a:
                    pass_env: [API_TOKEN]
                    env: {{DB_PASSWORD: {secrets["DB_PASSWORD"]}, STAGE: shown}}
                """,
            "a.py": """\
                import os, sys

                print(dict(os.environ))
                os.write(2, os.environb[b"API_TOKEN"])
                assert os.environ["STAGE"] == "shown"
                raise ValueError(f"{os.environ['API_TOKEN']}\\n{os.environ['DB_PASSWORD']}")
                """,
        }
    )
    before = project.tree()
    answer = project("run", "-v", "--junit", project.above / "report.xml", *fresh)
    assert (answer.code, answer.step("a")["status"]) == (1, "failed")
    assert "raised ValueError: *** while it ran" in answer.out
    written = {name: data for name, data in project.tree().items() if name not in before and data}
    written["report.json"] = project.json.read_bytes()
    written["report.xml"] = (project.above / "report.xml").read_bytes()
    written["terminal"] = answer.out.encode() + answer.err.encode()
    assert [
        name for name, data in written.items() for value in secrets.values() if value.encode() in data
    ] == []


def test_secret_values_are_masked_in_the_log_of_a_step_that_was_interrupted(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("API_TOKEN", "s3cr3t-of-the-shell")
    project.write(
        {
            "pipeline.yaml": "steps: {a: {pass_env: [API_TOKEN]}}",
            "a.py": f"""\
                import os, time

                print(os.environ['API_TOKEN'], flush=True)
                open({str(project.marker)!r}, 'w')
                while True:
                    time.sleep(1)
                """,
        }
    )
    process = project.start("run")
    project.until(project.marker.exists)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    log = project.runs()[-1] / "a/log.txt"
    assert "s3cr3t" not in log.read_text()


# --- another interpreter ------------------------------------------------------------------------------------


def other_pythons() -> list[str]:
    """The oldest and the newest Python on PATH that can be used and are of another version than ours."""
    found = []
    for minor in range(8, 15):
        path = shutil.which(f"python3.{minor}")
        if path and minor != sys.version_info.minor:
            code = "import sys; print(sys.executable)"
            asked = subprocess.run([path, "-c", code], capture_output=True, text=True)
            found += [asked.stdout.strip()] if asked.returncode == 0 else []
    return found[:1] + found[1:][-1:]


@FRESH
def test_a_step_may_name_its_interpreter_by_a_path(project: Project, fresh: tuple[str, ...]) -> None:
    project.write(
        {
            "pipeline.yaml": f"""\
                steps:
                  a: {{python: env/bin/python, {SEEN}}}
                  b: {{script_path: a.py, {SEEN}}}
                """,
            "a.py": SEE,
            "env/pyvenv.cfg": f"home = {Path(sys.executable).resolve().parent}\n",
            "env/bin/unused": "",
        }
    )
    (project.folder / "env/bin/python").symlink_to(Path(sys.executable).resolve())
    answer = project("run", *fresh)
    assert (answer.code, answer.verdicts) == (0, {"a": "passed", "b": "passed"})
    assert seen_by(project, "a")["executable"] == str(project.folder / "env/bin/python")
    assert seen_by(project, "a")["prefix"] == str(project.folder / "env")
    assert seen_by(project, "a")["env"]["PATH"].split(os.pathsep)[1] == f"{project.folder}/env/bin"
    assert seen_by(project, "b")["executable"] == sys.executable
    assert answer.step("a")["started_as"] == ("fresh" if fresh else "fork")


@FRESH
def test_a_step_may_run_in_another_version_of_python(project: Project, fresh: tuple[str, ...]) -> None:
    pythons = other_pythons()
    if not pythons:
        pytest.skip("there is no other Python on PATH")
    project.write(
        {
            "pipeline.json": json.dumps(
                {
                    "steps": {
                        f"s{number}": {
                            "python": python,
                            "script_path": "a.py",
                            "outputs": ["seen.json"],
                            "env": {"SEEN": "{outputs.seen.json}"},
                        }
                        for number, python in enumerate(pythons)
                    }
                }
            ),
            "a.py": SEE,
        }
    )
    answer = project("run", *fresh)
    assert (answer.code, answer.report["counts"]) == (0, {"passed": len(pythons)})
    assert [seen_by(project, f"s{number}")["executable"] for number in range(len(pythons))] == pythons


@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize("python", ["/no/such/python", "no-such-python", "/bin/true", "/etc/passwd"])
def test_an_interpreter_that_cannot_be_used_is_named_and_harms_no_other_step(
    project: Project, python: str, command: str
) -> None:
    project.write(
        {
            "pipeline.yaml": f"steps: {{a: {{python: {python}}}, b: }}",
            "a.py": "def main(input_paths): pass\n",
            "b.py": "def main(input_paths): pass\n",
        }
    )
    answer = project(command)
    assert answer.code == 1
    assert answer.verdicts["b"] == "passed"
    assert answer.step("a")["status"] in ("failed", "crashed")
    (finding,) = answer.step("a")["findings"]
    assert python in finding["message"]
    assert "python" in finding["hint"]


# --- the workspace ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["workers", "lock", "report.json", "x y", "größe", "it's", "-x", "a.b", "C:\\"]
)
def test_a_step_may_have_any_name(project: Project, name: str) -> None:
    project.write(
        {
            "pipeline.json": json.dumps(
                {
                    "steps": {
                        name: {"script_path": "one.py", "outputs": ["x.txt"]},
                        "last": {
                            "script_path": "hand_on.py",
                            "inputs": {"i": f"{name}.x.txt"},
                            "outputs": ["o"],
                        },
                    }
                }
            ),
            "one.py": COPY_NOTHING,
            "hand_on.py": COPY,
        }
    )
    answer = project("run")
    assert (answer.code, answer.verdicts) == (0, {name: "passed", "last": "passed"})
    output = Path(answer.step(name)["outputs"]["x.txt"]["path"])
    assert output.read_text() == "text"
    assert Path(answer.step(name)["log"]).is_file()


def test_a_run_leaves_its_traces_in_the_workspace_alone(project: Project) -> None:
    project.write(CHAIN)
    before = project.tree()
    assert project("run").code == 0
    after = project.tree()
    assert {name: data for name, data in after.items() if not name.startswith(".pipetest")} == before
    assert after[".pipetest/.gitignore"] == b"*\n"
    (run,) = project.runs()
    assert json.loads((run / ".report.json").read_text()) == project.read_report()
    assert not (run / "workers").exists()
    assert {"inputs", "outputs", "log.txt"} <= {path.name for path in (run / "one").iterdir()}


def test_workspace_names_another_folder(project: Project) -> None:
    project.write(CHAIN)
    answer = project("run", "--workspace", project.above / "elsewhere")
    assert (answer.code, project.runs()) == (0, [])
    assert len(list((project.above / "elsewhere/runs").iterdir())) == 1


def test_the_last_five_runs_are_kept(project: Project) -> None:
    project.write({"pipeline.yaml": "steps: {a: {entry: [sh, -c, 'cat {inputs.n}'], inputs: {n: n.txt}}}"})
    for number in range(9):
        project.write({"n.txt": str(number)})
        assert project("run", "-q").code == 0
    kept = [(run / "a/log.txt").read_text() for run in project.runs()]
    assert sorted(kept) == ["4", "5", "6", "7", "8"]


def test_two_runs_in_one_folder_at_once_do_not_disturb_each_other(project: Project) -> None:
    meet = """\
        import os, pathlib, sys, time

        place, output = sys.argv[1:]
        pathlib.Path(place, os.environ["RUN"]).touch()
        while len(os.listdir(place)) < 2:  # the other run is in the same step
            time.sleep(0.01)
        pathlib.Path(output).write_text(os.environ["RUN"])
        """
    (project.folder / "meeting").mkdir()
    project.write(
        {
            "pipeline.yaml": f"""\
                defaults: {{pass_env: [RUN], timeout: 30}}
                steps:
                  meet: {{args: ["{project.folder}/meeting", "{{outputs.x.txt}}"], outputs: [x.txt]}}
                  after: {{script_path: hand_on.py, inputs: {{x: meet.x.txt}}, outputs: [y.txt]}}
                """,
            "meet.py": meet,
            "hand_on.py": COPY,
        }
    )
    both = [
        subprocess.Popen(
            project.command("run", "--json", project.above / f"{name}.json"),
            cwd=project.folder,
            env={**os.environ, "RUN": name},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for name in ("left", "right")
    ]
    said = [process.communicate(timeout=30)[0].decode() for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert {text.read_text() for text in project.folder.glob(".pipetest/runs/*/after/outputs/y.txt")} == {
        "left",
        "right",
    }
    for name in ("left", "right"):
        report = json.loads((project.above / f"{name}.json").read_text())
        output = Path(report["steps"][1]["outputs"]["y.txt"]["path"])
        assert output.read_text() == name


# --- reports ------------------------------------------------------------------------------------------------


def test_a_report_replaces_the_one_before_as_a_whole(project: Project) -> None:
    project.write({"pipeline.yaml": "steps: {a: }", "a.py": "print(1)\n"})
    for name in ("x.json", "x.xml"):
        (project.above / name).write_text("the one before")
        os.link(project.above / name, project.above / f"kept-{name}")
    places = sorted([*project.above.iterdir(), project.json])
    answer = project("run", "--json", project.above / "x.json", "--junit", project.above / "x.xml")
    assert answer.code == 0
    assert (project.above / "x.xml").read_text().startswith("<?xml")
    assert (project.above / "kept-x.xml").read_text() == "the one before"
    assert sorted(project.above.iterdir()) == places


def test_the_json_report_has_the_format_that_is_promised(project: Project) -> None:
    project.write(FAILING)
    report = project("run").report
    assert list(report)[:1] == ["format"]
    assert set(report) >= {
        *(
            "format",
            "pipetest",
            "command",
            "pipeline",
            "started",
            "seconds",
            "ok",
            "counts",
            "findings",
            "steps",
        )
    }
    assert (report["format"], report["command"], report["ok"]) == ("pipetest-report/1", "run", False)
    assert report["counts"] == {"passed": 1, "failed": 1, "skipped": 3}
    assert set(report["steps"][0]) == {
        *("name", "status", "script_path", "seconds", "cpu_seconds", "max_rss_mb", "started_as", "entry"),
        *("exit_code", "signal", "findings", "inputs", "outputs", "log", "rerun"),
    }
    assert set(report["steps"][0]["findings"][0]) >= {
        *("code", "severity", "step", "file", "line", "message", "hint")
    }


def test_every_finding_that_is_shown_can_be_explained(project: Project) -> None:
    from pipetest.explanations import explain

    project.write(
        {
            **FAILING,
            "stub.yaml": "steps: {a: {stub: fixtures, outputs: [x, y]}}",
            "fixtures/x/y": "1",
            "optional.yaml": """\
                steps:
                  a: {script_path: b.py, outputs: {x: {optional: true}}}
                  b: {inputs: {x: a.x}, script_path: hand_on.py}
                """,
            "helper.py": "X = 1\n",
        }
    )
    codes = {
        one["code"]
        for arguments in (
            ["run"],
            ["run", "-x"],
            ["run", "stub.yaml"],
            ["run", "optional.yaml"],
            ["check", "."],
        )
        for one in project(*arguments).findings()
    }
    assert {"exception", "stopped-early", "bad-stub", "missing-input", "passed-over"} <= codes
    for code in sorted(codes):
        assert explain(code).startswith(f"# {code}\n")


def test_a_report_may_go_into_a_pipe(project: Project) -> None:
    project.write({"pipeline.yaml": "steps: {a: }", "a.py": "print(1)\n"})
    pipe = project.above / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        answer = project.run("run", "--json", pipe)
        data = os.read(reader, 1 << 16)
    finally:
        os.close(reader)
    assert answer.code == 0
    assert json.loads(data)["ok"] is True
    assert pipe.is_fifo()


def test_a_report_through_a_link_reaches_the_file_that_the_link_names(project: Project) -> None:
    project.write({"pipeline.yaml": "steps: {a: }", "a.py": "print(1)\n"})
    (project.above / "link.json").symlink_to("real.json")
    (project.above / "real.json").write_text("the one before")
    assert project.run("run", "--json", project.above / "link.json").code == 0
    assert (project.above / "link.json").is_symlink()
    assert json.loads((project.above / "real.json").read_text())["ok"] is True


@pytest.mark.parametrize("kind", ["link", "data"])
def test_the_rerun_line_runs_the_failed_step_again_on_the_data_that_it_had(
    project: Project, kind: str
) -> None:
    project.write(
        {
            "my pipeline.yaml": """\
                steps:
                  first step: {inputs: {raw: data.txt}, outputs: [x.txt], script_path: hand_on.py}
                  fails: {inputs: {the x: first step.x.txt, raw: data.txt}, script_path: fails.py}
                """,
            "hand_on.py": COPY,
            "fails.py": "def main(input_paths): raise ValueError(open(input_paths['the x']).read())\n",
            "data.txt": "the data",
            "other data.txt": "other data",
        }
    )
    given = {"link": [], "data": ["--step", "fails", "--data", "fails.the x=other data.txt"]}[kind]
    first = project("run", "my pipeline.yaml", *given)
    assert first.code == 1
    line = first.step("fails")["rerun"]
    assert f"rerun  {line}" in first.out
    words = shlex.split(line)
    assert words[:2] == ["pipetest", "run"]
    again = project.run(*words[1:], "--json", project.json)
    assert again.err == ""
    assert again.code == 1
    assert again.finding("exception")["message"] == first.finding("exception")["message"]


# --- how it ends --------------------------------------------------------------------------------------------

# Leaves children, one in a session of its own; says that it is ready; and does not go by itself.
STAYS = """\
    import pathlib, signal, subprocess, sys, time

    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    subprocess.Popen(["sleep", "600"])
    subprocess.Popen(["sleep", "601"], start_new_session=True)
    pathlib.Path(sys.argv[1]).touch()
    while True:
        time.sleep(1)
    """


def write_staying(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": f"""\
                steps:
                  done: {{script_path: hand_on.py, inputs: {{raw: data.txt}}, outputs: [x.txt]}}
                  stays: {{needs: [done], args: ["{project.marker}"]}}
                  never: {{needs: [stays], script_path: hand_on.py}}
                """,
            "stays.py": STAYS,
            "hand_on.py": COPY,
            "data.txt": "mine",
        }
    )


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes in /proc")
@FRESH
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interruption_ends_everything_and_reports_what_was_finished(
    project: Project, number: signal.Signals, fresh: tuple[str, ...]
) -> None:
    write_staying(project)
    process = project.start("run", *fresh)
    project.until(project.marker.exists)
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (130, b"")
    assert project.left() == []
    report = project.read_report()
    assert (report["interrupted"], report["ok"]) == (True, False)
    assert [(step["name"], step["status"]) for step in report["steps"]] == [
        ("done", "passed"),
        ("stays", "skipped"),
        ("never", "skipped"),
    ]
    assert [one["code"] for step in report["steps"] for one in step["findings"]] == ["stopped-early"] * 2
    assert out.decode().splitlines()[-1].startswith("interrupted after ")
    assert json.loads((project.runs()[-1] / ".report.json").read_text()) == report


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes in /proc")
def test_ctrl_c_at_a_terminal_ends_a_check_as_well(project: Project) -> None:
    project.write(
        {
            "a.py": "def main(): pass\n",
            "b.py": "    def main(): pass\n" + STAYS.replace("sys.argv[1]", repr(str(project.marker))),
        }
    )
    process = project.start("check", "a.py", "b.py")
    project.until(project.marker.exists)
    os.killpg(process.pid, signal.SIGINT)  # a terminal sends it to the whole group
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (130, b"")
    assert project.left() == []
    assert project.read_report()["interrupted"] is True


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes in /proc")
def test_ctrl_c_while_modules_are_preloaded_ends_everything(project: Project) -> None:
    folder = project.above / "slow"
    folder.mkdir()
    (folder / "slow_to_import.py").write_text(
        f"import time\nopen({str(project.marker)!r}, 'w')\nwhile True: time.sleep(1)\n"
    )
    project.write(
        {
            "pipeline.yaml": "steps: {a: {python: env/bin/python}, b: {python: env/bin/python}}",
            "a.py": "import slow_to_import\n\ndef main(input_paths): pass\n",
            "b.py": "import slow_to_import\n\ndef main(input_paths): pass\n",
            "env/pyvenv.cfg": f"home = {Path(sys.executable).resolve().parent}\n",
            "env/bin/unused": "",
            f"env/lib/python3.{sys.version_info.minor}/site-packages/slow.pth": f"{folder}\n",
        }
    )
    (project.folder / "env/bin/python").symlink_to(Path(sys.executable).resolve())
    process = project.start("run")
    project.until(project.marker.exists)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (130, b"")
    assert project.left() == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes in /proc")
@FRESH
def test_what_pipetest_started_does_not_outlive_its_sudden_death(
    project: Project, fresh: tuple[str, ...]
) -> None:
    write_staying(project)
    process = project.start("run", *fresh)
    project.until(project.marker.exists)
    assert len(project.left()) >= 5  # itself, a worker, a keeper, the step and its children
    process.kill()
    process.communicate(timeout=20)
    project.until(lambda: project.left() == [])


def test_a_hangup_that_the_caller_ignores_is_ignored(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": f"steps: {{a: {{args: ['{project.marker}']}}}}",
            "a.py": """\
                import os, pathlib, sys, time

                pathlib.Path(sys.argv[1]).touch()
                while os.path.exists(sys.argv[1]):
                    time.sleep(0.01)
                """,
        }
    )
    process = subprocess.Popen(
        ["nohup", *project.command("run", "--timeout", "20", "--json", project.json)],
        cwd=project.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    project.until(project.marker.exists)
    process.send_signal(signal.SIGHUP)
    project.marker.unlink()
    process.communicate(timeout=30)
    assert (process.returncode, project.read_report()["counts"]) == (0, {"passed": 1})
