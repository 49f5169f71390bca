"""Steps of a container that do their worst, and machines that are not as others are."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Project

OUT = "/opt/ml/processing/output"
OK = f"open('{OUT}/x', 'w').write('1')\n"
NEEDS_NAMESPACES = pytest.mark.skipif(
    not sys.platform.startswith("linux")
    or not shutil.which("unshare")
    or subprocess.run(["unshare", "-rmpf", "true"], check=False).returncode != 0,
    reason="needs namespaces",
)


def write(project: Project, script: str, **more: object) -> None:
    """A pipeline of one step, in a container, with that script."""
    step = {"job": "processing", "outputs": {"out": {"container_path": OUT}}, "timeout": 10, **more}
    project.write(
        {
            "step.py": script,
            "pipeline.json": json.dumps({"steps": {"step": {**step, "script_path": "step.py"}}}),
        }
    )


def run_inside(project: Project, flags: str, first: str) -> dict[str, str]:
    """The verdicts of a run in namespaces of its own, where that shell command was run first."""
    command = f'{first} && exec "$@"'
    words = project.command("run", "--json", project.json)
    subprocess.run(
        ["unshare", *flags.split(), "sh", "-c", command, "sh", *words],
        cwd=project.folder,
        timeout=20,
        check=False,
    )
    report = project.read_report()
    return {
        step["name"]: " ".join([step["status"], *(one["code"] for one in step["findings"])])
        for step in report["steps"]
    }


@pytest.mark.parametrize("fresh", [(), ("--fresh",)], ids=["fork", "fresh"])
def test_a_signal_to_all_reaches_nobody_elses_processes(
    project: Project, monkeypatch: pytest.MonkeyPatch, fresh: tuple[str, ...]
) -> None:
    """Signal 0 asks whether there is anybody; it does no harm where the guard fails."""
    monkeypatch.setenv("PIPETEST_NO_NAMESPACES", "1")
    ask = "import os, pathlib, sys\n{}try: os.kill(-1, 0)\n"
    ask += "except ProcessLookupError: pathlib.Path(sys.argv[1]).touch()\n"
    here, there = project.above / "here", project.above / "there"
    child = f"import subprocess\nsubprocess.run([sys.executable, '-c', {ask.format('')!r}, '{there}'])\n"
    write(project, f"{OK}{ask.format(child)}", args=[str(here)])
    assert project("run", *fresh).verdicts == {"step": "passed paths-rewritten"}
    assert here.exists()
    assert there.exists()


def test_an_output_deeper_than_any_path_is_taken_as_far_as_paths_go(project: Project) -> None:
    write(
        project,
        f"{OK}import os\nos.chdir('{OUT}')\n"
        "for _ in range(20):\n    os.mkdir('d' * 250)\n    os.chdir('d' * 250)\n",
    )
    pipeline = json.loads((project.folder / "pipeline.json").read_text("utf-8"))
    pipeline["steps"]["next"] = {"script_path": "next.py", "inputs": {"data": "step.out"}}
    project.write({"pipeline.json": json.dumps(pipeline), "next.py": "print()"})
    answer = project("run")
    assert answer.verdicts == {"step": "passed", "next": "passed"}


@NEEDS_NAMESPACES
def test_a_process_that_cannot_be_seen_is_not_waited_for(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a chroot without /proc."""
    monkeypatch.setenv("PIPETEST_NO_NAMESPACES", "1")
    write(project, f"{OK}import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(60)\n")
    verdicts = run_inside(project, "-rmpf --kill-child", "mount -t tmpfs none /proc")
    assert verdicts == {"step": "passed paths-rewritten"}


@NEEDS_NAMESPACES
@pytest.mark.parametrize("made", ["echo > /opt/ml", "ln -s nowhere /opt/ml", "mkdir -m 0 /opt/ml"])
def test_what_the_host_has_in_the_place_of_the_tree_is_covered(project: Project, made: str) -> None:
    write(project, OK)
    assert run_inside(project, "-rm", f"mount -t tmpfs none /opt && {made}") == {"step": "passed"}


@pytest.mark.parametrize("fresh", [(), ("--fresh",)], ids=["fork", "fresh"])
def test_a_step_that_removes_what_lies_around_it_fails_alone(
    project: Project, fresh: tuple[str, ...]
) -> None:
    """Not a fault of pipetest: where the project lies below /tmp, a step that empties /tmp does so."""
    remove = """\
        import glob, os, shutil
        run = os.path.dirname(os.path.dirname(os.environ["HOME"]))
        for folder in glob.glob(run + "/.workers/*/lane-*/guard"):
            shutil.rmtree(folder)
        """
    project.write({"remove.py": remove, "other.py": "print()"})
    project.write({"pipeline.json": '{"steps": {"remove": {}, "other": {"needs": ["remove"]}}}'})
    assert project("run", *fresh).verdicts == {"remove": "passed", "other": "passed"}


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
@pytest.mark.parametrize("fresh", [(), ("--fresh",)], ids=["fork", "fresh"])
def test_where_paths_are_rewritten_they_are_so_in_the_children_of_multiprocessing(
    project: Project, monkeypatch: pytest.MonkeyPatch, method: str, fresh: tuple[str, ...]
) -> None:
    monkeypatch.setenv("PIPETEST_NO_NAMESPACES", "1")
    script = f"""\
        import multiprocessing
        def work(name):
            open("{OUT}/" + name, "w").write("1")
        if __name__ == "__main__":
            with multiprocessing.get_context("{method}").Pool(1) as pool:
                pool.map(work, ["x"])
        """
    write(project, script)
    assert project("run", *fresh).verdicts == {"step": "passed paths-rewritten"}
    assert OUT in (project.folder / "step.py").read_text("utf-8")


def test_steps_side_by_side_have_temporary_folders_of_their_own(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder with a long name is given a short one, in which sockets find room."""
    monkeypatch.setenv("PIPETEST_NO_NAMESPACES", "1")
    script = "import os, pathlib, time\nhere = pathlib.Path(os.environ['TMPDIR'])\n"
    script += "(here / '{0}').touch()\ntime.sleep({1})\nassert os.listdir(here) == ['{0}'], here\n"
    project.write({"short.py": script.format("short", 0.2), "long.py": script.format("long", 0.8)})
    folder = project.above / ("w" * 60)
    project.write({"pipeline.json": '{"steps": {"short": {}, "long": {}}}'})
    answer = project("run", "-j", "2", "--workspace", folder)
    assert answer.verdicts == {"short": "passed", "long": "passed"}


def test_where_paths_are_rewritten_they_are_so_in_a_script_of_any_name(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIPETEST_NO_NAMESPACES", "1")
    write(project, "")
    pipeline = (project.folder / "pipeline.json").read_text("utf-8").replace("step.py", "train")
    project.write({"train": OK, "pipeline.json": pipeline})
    assert project("run").verdicts == {"step": "passed paths-rewritten"}


@pytest.mark.parametrize("fresh", [(), ("--fresh",)], ids=["fork", "fresh"])
def test_no_traceback_ends_in_the_guard_not_even_that_of_the_cause(
    project: Project, fresh: tuple[str, ...]
) -> None:
    write(project, f"{OK}import urllib.request\nurllib.request.urlopen('http://example.com', timeout=3)\n")
    answer = project("run", *fresh)
    assert answer.step("step")["status"] == "failed"
    log = Path(answer.step("step")["log"]).read_text("utf-8")
    assert log.count("Traceback (most recent call last)") == 2
    assert "guard" not in log
