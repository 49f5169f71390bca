"""Steps of a container: what they see under /opt/ml, what they are told, what is made of what they leave."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipetest.containers import place

if TYPE_CHECKING:
    from tests.conftest import Project

ORACLE = json.loads((Path(__file__).parent / "data/training_oracle.json").read_text("utf-8"))
NOBODY = 65534

# Namespaces as the system grants them, and the way that is left where it refuses them; fork and fresh.
WAYS = pytest.mark.parametrize(
    ("way", "fresh"),
    [
        pytest.param(way, fresh, id=f"{way}-{'fresh' if fresh else 'fork'}")
        for way in ("namespaces", "rewritten")
        for fresh in ((), ("--fresh",))
    ],
    indirect=["way"],
)


@pytest.fixture
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """How the step gets its /opt/ml. On the host nothing must have come there in the end."""
    if request.param == "rewritten":
        monkeypatch.setenv("PIPETEST_NO_NAMESPACES", "1")
    elif not sys.platform.startswith("linux"):
        pytest.skip("only Linux has namespaces")
    before = below_opt()
    yield request.param
    assert below_opt() == before


def below_opt() -> list[str]:
    return [*sorted(str(path) for path in Path("/opt/ml").rglob("*")), str(Path("/opt/ml").exists())]


def notes(way: str) -> list[str]:
    """What the report says of a step of a container besides."""
    return ["paths-rewritten"] if way == "rewritten" else []


SEE = """\
    import json, os, sys, helper
    seen = {
        "argv": sys.argv, "cwd": os.getcwd(), "file": __file__, "path": sys.path[0],
        "env": dict(os.environ), "helper": helper.TEXT,
        "tree": sorted(os.path.join(at, name) for at, _, files in os.walk("/opt/ml") for name in files),
    }
    os.makedirs("/opt/ml/model", exist_ok=True)
    with open("/opt/ml/model/seen.json", "w") as file:
        json.dump(seen, file)
    """


@pytest.mark.parametrize("case", ORACLE, ids=["plain", "every kind of hyperparameter"])
@pytest.mark.parametrize("way", ["namespaces"], indirect=True)
@pytest.mark.parametrize("fresh", [(), ("--fresh",)], ids=["fork", "fresh"])
def test_a_training_script_is_told_what_the_toolkit_tells_it(
    project: Project, case: dict[str, Any], way: str, fresh: tuple[str, ...]
) -> None:
    steps = {
        "train": {
            "job": "training",
            "script_path": "src/train.py",
            "source_dir": "src",
            "hyperparameters": case["hyperparameters"],
            "inputs": {
                name: {"path": "data.csv", "container_path": f"/opt/ml/input/data/{name}"}
                for name in case["channels"]
            },
            "outputs": {"model": {"container_path": "/opt/ml/model", "archive": "model.tar.gz"}},
        }
    }
    project.write(
        {
            "pipeline.json": json.dumps({"steps": steps}),
            "data.csv": "a\n1\n",
            "src/train.py": SEE,
            "src/helper.py": "TEXT = open('/opt/ml/input/config/hyperparameters.json').read()",
        }
    )
    answer = project("run", *fresh)
    assert answer.verdicts == {"train": "passed"}
    seen = json.loads((project.runs()[-1] / "train/ml/model/seen.json").read_text())
    assert seen["argv"] == ["/opt/ml/code/train.py", *case["arguments"]]
    assert (seen["cwd"], seen["path"], seen["file"]) == ("/opt/ml/code",) * 2 + ("/opt/ml/code/train.py",)
    assert json.loads(seen["helper"]) == case["hyperparameters"]
    assert {name: loaded(name, seen["env"].get(name, "is not set")) for name in case["variables"]} == {
        name: loaded(name, text) for name, text in case["variables"].items()
    }
    assert not [name for name in seen["env"] if name.startswith("SM_") and name not in case["variables"]]
    assert seen["env"]["TRAINING_JOB_NAME"] == "pipetest-train"
    assert [f"/opt/ml/input/data/{name}/data.csv" for name in sorted(case["channels"])] == [
        path for path in seen["tree"] if path.endswith("data.csv")
    ]


def loaded(name: str, text: str) -> object:
    """A variable, without the number of processors of the machine that was asked."""
    if name == "SM_NUM_CPUS":
        return None
    if name == "SM_TRAINING_ENV":
        return {**json.loads(text), "num_cpus": None}
    return text


@WAYS
def test_a_processing_script_finds_its_container_wherever_it_looks(
    project: Project, way: str, fresh: tuple[str, ...]
) -> None:
    project.write(
        {
            "pipeline.yaml": """\
                steps:
                  prepare:
                    job: processing
                    script_path: code/prepare.py
                    source_dir: code
                    inputs:
                      raw: {path: raw, container_path: /opt/ml/processing/input}
                      one: {path: raw/a.txt, container_path: /opt/ml/processing/one}
                    outputs: {out: {container_path: /opt/ml/processing/out}}
                    env: {PLACE: /opt/ml/processing/input/a.txt}
                    args: [--out, /opt/ml/processing/out, "{inputs.raw}"]
                  last:
                    inputs: {all: prepare.out}
                    args: ["{inputs.all}"]
                """,
            "raw/a.txt": "A",
            "code/prepare.py": """\
                import os, shutil, sys
                import helper
                def main():
                    out = "/opt/ml/processing/out"
                    assert os.listdir(out) == [], "there, and empty"
                    assert sorted(os.listdir(f"{out}/../input")) == ["a.txt", "code"]
                    shutil.copy("/opt/ml/processing/one/a.txt", out + "/one.txt")
                    helper.copy()
                    with open(os.environ["PLACE"]) as file, open(sys.argv[2] + "/env.txt", "w") as copy:
                        copy.write(file.read())
                    assert open(os.path.join(sys.argv[3], "a.txt")).read() == "A"
                    assert os.path.exists("/opt/ml/config/processingjobconfig.json")
                    assert not [name for name in os.environ if name.startswith("SM_")]
                    open("/opt/ml/processing/input/a.txt", "w").write("changed")
                if __name__ == "__main__":
                    main()
                """,
            "code/helper.py": """\
                import pathlib, subprocess, sys
                OUT = pathlib.Path("/opt/ml/processing") / "out"
                def copy():
                    text = pathlib.Path("/opt/ml/processing/input/a.txt").read_text()
                    (OUT / "helper.txt").write_text(text)
                    code = f"open({str(OUT / 'child.txt')!r}, 'w').write('C')"
                    subprocess.run([sys.executable, "-c", code], check=True)
                    subprocess.run(f"echo S > {OUT}/shell.txt", shell=True, check=True)
                """,
            "last.py": """\
                import os, sys
                assert sorted(os.listdir(sys.argv[1])) == [
                    "child.txt", "env.txt", "helper.txt", "one.txt", "shell.txt"
                ]
                """,
        }
    )
    answer = project("run", *fresh)
    assert answer.verdicts == {"prepare": " ".join(["passed", *notes(way)]), "last": "passed"}, answer.out
    assert (project.folder / "raw/a.txt").read_text() == "A"


@WAYS
def test_a_failure_in_a_container_is_shown_at_the_users_own_line(
    project: Project, way: str, fresh: tuple[str, ...]
) -> None:
    project.write(
        {
            "pipeline.yaml": """\
                steps:
                  train: {job: training, script_path: src/train.py, source_dir: src}
                """,
            "src/train.py": """\
                import helper
                open("/opt/ml/output/failure", "w").write("because\\nof this")
                helper.fail()
                """,
            "src/helper.py": """\


                def fail():
                    raise RuntimeError("/opt/ml is fine")
                """,
        }
    )
    answer = project("run", *fresh)
    assert answer.verdicts["train"].split()[:2] == ["failed", "exception"]
    found = answer.finding("exception")
    assert (found["file"], found["line"]) == (str(project.folder / "src/helper.py"), 4)
    assert answer.finding("job-message")["detail"] == "because\nof this"


@pytest.mark.parametrize("way", ["namespaces", "rewritten"], indirect=True)
def test_a_trained_model_is_handed_on_as_sagemaker_packs_it(project: Project, way: str) -> None:
    project.write(
        {
            "pipeline.yaml": """\
                steps:
                  train:
                    job: training
                    script_path: train.py
                    outputs:
                      model: {container_path: /opt/ml/model, archive: model.tar.gz}
                      output: {container_path: /opt/ml/output/data, archive: output.tar.gz, optional: true}
                      job: {optional: true}
                  evaluate:
                    job: processing
                    script_path: evaluate.py
                    inputs:
                      model: {from: train.model, container_path: /opt/ml/processing/model}
                      all: {from: train.job, container_path: /opt/ml/processing/all}
                      one:
                        from: train.job
                        below: pipetest-train/output
                        container_path: /opt/ml/processing/one
                """,
            "train.py": """\
                import os
                os.makedirs("/opt/ml/model/code")
                open("/opt/ml/model/model.bin", "w").write("M")
                open("/opt/ml/model/code/inference.py", "w").write("I")
                open("/opt/ml/output/data/metrics.json", "w").write("{}")
                """,
            "evaluate.py": """\
                import os, tarfile
                base = "/opt/ml/processing"
                assert os.listdir(f"{base}/model") == ["model.tar.gz"]
                with tarfile.open(f"{base}/model/model.tar.gz") as archive:
                    archive.extractall(f"{base}/model", filter="data")
                assert open(f"{base}/model/model.bin").read() == "M"
                archives = ["model.tar.gz", "output.tar.gz"]
                assert sorted(os.listdir(f"{base}/all/pipetest-train/output")) == archives
                assert sorted(os.listdir(f"{base}/one")) == archives
                """,
        }
    )
    answer = project("run")
    assert answer.verdicts == {name: " ".join(["passed", *notes(way)]) for name in ("train", "evaluate")}
    with tarfile.open(project.runs()[-1] / "train/outputs/model/model.tar.gz") as archive:
        assert archive.getnames() == ["code", "code/inference.py", "model.bin"]


def test_a_script_that_is_shipped_alone_does_not_find_what_lies_beside_it(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": """\
                steps:
                  a: {job: processing, script_path: code/a.py, code_uri: "s3://bucket/a.py"}
                  b: {job: processing, script_path: code/b.py}
                """,
            "code/a.py": "import helper\nprint(helper)\n",
            "code/b.py": "import helper\nprint(helper)\n",
            "code/helper.py": "",
        }
    )
    answer = project("run")
    assert answer.verdicts == {"a": "failed missing-module", "b": "passed"}
    assert "lies beside it and is not shipped" in answer.finding("missing-module")["message"]


def test_a_message_that_is_no_text_fails_the_job_as_it_would_there(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": "steps:\n  a: {job: processing, script_path: a.py}\n",
            "a.py": "open('/opt/ml/output/message', 'wb').write(b'\\xff\\xfe')\n",
        }
    )
    assert project("run").verdicts == {"a": "failed bad-message job-message"}


GATED = """\
    steps:
      evaluate: {outputs: [report.json], args: ["{outputs.report.json}"]}
      gate:
        values: {mse: {from: evaluate.report.json, path: metrics.mse}}
        condition: [{Type: LessThan, LeftValue: {value: mse}, RightValue: 6}]
      deploy:
        only_if: gate
        values: {mse: {from: evaluate.report.json, path: metrics.mse}}
        args: ["{values.mse}"]
      register: {record: RegisterModel, only_if: gate, inputs: {report: evaluate.report.json}}
      stop:
        fail: "the error is {values.mse}"
        only_if: {gate: false}
        values: {mse: {from: evaluate.report.json, path: metrics.mse}}
    """


@pytest.mark.parametrize(
    ("mse", "verdicts"),
    [
        (
            "5.5",
            {
                "gate": "passed condition-result",
                "deploy": "passed",
                "register": "stubbed recorded",
                "stop": "skipped branch-not-taken",
            },
        ),
        (
            "6.5",
            {
                "gate": "passed condition-result",
                "deploy": "skipped branch-not-taken",
                "register": "skipped branch-not-taken",
                "stop": "failed fail-reached",
            },
        ),
        (
            '"high"',
            {
                "gate": "failed condition-error",
                "deploy": "skipped upstream-failed",
                "register": "skipped upstream-failed",
                "stop": "skipped upstream-failed",
            },
        ),
    ],
)
def test_a_condition_is_decided_on_what_was_really_written(
    project: Project, mse: str, verdicts: dict[str, str]
) -> None:
    project.write(
        {
            "pipeline.yaml": GATED,
            "evaluate.py": f"""\
                import sys
                open(sys.argv[1], "w").write('{{"metrics": {{"mse": {mse}}}}}')
                """,
            "deploy.py": "import sys\nassert sys.argv[1] == '5.5'\n",
        }
    )
    answer = project("run")
    assert answer.verdicts == {"evaluate": "passed", **verdicts}
    if mse == "6.5":
        assert "the error is 6.5" in answer.finding("fail-reached")["message"]


def test_what_needs_its_own_container_is_skipped_with_what_wants_its_outputs_and_can_be_stubbed(
    project: Project,
) -> None:
    project.write(
        {
            "pipeline.yaml": """\
                steps:
                  spark: {needs_container: an EMR cluster, outputs: [table]}
                  after: {needs: [spark]}
                  wants: {inputs: {table: spark.table}}
                """,
            "after.py": "print('done')",
            "wants.py": "print('done')",
            "table/part": "1",
        }
    )
    assert project("run").verdicts == {
        "spark": "skipped needs-container",
        "after": "passed",
        "wants": "skipped upstream-failed",
    }
    stubbed = project("run", "--stub", f"spark={project.folder}")
    assert stubbed.verdicts == {"spark": "stubbed", "after": "passed", "wants": "passed"}


def test_a_process_that_leaves_its_group_and_session_ends_with_its_step(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": "steps:\n  a: {}\n",
            "a.py": """\
                import os, signal, subprocess, sys
                child = "import os, time; os.setsid(); os.fork() and os._exit(0); time.sleep(600)"
                subprocess.run([sys.executable, "-c", child])
                """,
        }
    )
    with project.start("run") as process:
        process.communicate(timeout=60)
    assert project.left() == []
    assert project.read_report()["steps"][0]["findings"][0]["code"] == "left-process"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("namespaces", [True, False], ids=["namespaces", "rewritten"])
def test_an_ordinary_user_gets_the_same_container(project: Project, tmp_path: Path, namespaces: bool) -> None:
    python = shutil.which("python3", path=str(Path(sys.executable).parent)) or sys.executable
    probe = subprocess.run([python, "-c", "import pipetest"], user=NOBODY, group=NOBODY, check=False)
    if probe.returncode:
        pytest.skip("this Python cannot be started by an ordinary user")
    project.write(
        {
            "pipeline.yaml": """\
                steps:
                  a:
                    job: processing
                    script_path: a.py
                    outputs: {out: {container_path: /opt/ml/processing/out}}
                """,
            "a.py": """\
                import os
                os.mkdir("closed"); os.chmod("closed", 0)
                try:
                    os.listdir("closed")
                except PermissionError:
                    open("/opt/ml/processing/out/closed", "w").write("as for any ordinary user")
                """,
        }
    )
    for path in (tmp_path, *tmp_path.parents):
        if path.is_relative_to("/tmp") and path != Path("/tmp"):
            path.chmod(0o755)
    for path in (tmp_path, *tmp_path.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    env = {**os.environ, "HOME": str(tmp_path), **({} if namespaces else {"PIPETEST_NO_NAMESPACES": "1"})}
    before = below_opt()
    answer = project.run("run", "--json", project.json, user=NOBODY, group=NOBODY, env=env)
    assert answer.verdicts == {"a": " ".join(["passed", *([] if namespaces else ["paths-rewritten"])])}, (
        answer.err
    )
    assert below_opt() == before


@WAYS
def test_what_a_training_script_starts_finds_the_modules_beside_the_script(
    project: Project, way: str, fresh: tuple[str, ...]
) -> None:
    child = "import subprocess, sys\nsubprocess.run([sys.executable, 'jobs/child.py'], check=True)\n"
    project.write(
        {
            "pipeline.json": json.dumps(
                {"steps": {"train": {"job": "training", "script_path": "src/train.py", "source_dir": "src"}}}
            ),
            "src/train.py": child,
            "src/jobs/child.py": "import helper\n",
            "src/helper.py": "",
        }
    )
    assert project("run", *fresh).verdicts == {"train": " ".join(["passed", *notes(way)])}


@pytest.mark.parametrize("path", ["/opt/data", "opt/ml/x", "/opt/ml/../../../../x", "//opt/ml/model", "/"])
def test_a_path_of_the_container_never_leads_out_of_the_tree(path: str, tmp_path: Path) -> None:
    assert Path(os.path.normpath(place(tmp_path, path))).is_relative_to(tmp_path)


@pytest.mark.parametrize("kind", ["input", "output"])
def test_a_local_path_outside_the_container_fails_its_step_alone(project: Project, kind: str) -> None:
    def place_of(name: str, is_wrong: bool) -> dict[str, str]:
        root = "/srv" if is_wrong else "/opt/ml/processing"
        return {"LocalPath": f"{root}/{name}", "S3Uri": f"s3://bucket/{name}"}

    code = {"LocalPath": "/opt/ml/processing/input/code", "S3Uri": "s3://bucket/code/prep.py"}
    arguments = {
        "AppSpecification": {"ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/prep.py"]},
        "ProcessingInputs": [
            {"InputName": "code", "S3Input": code},
            {"InputName": "raw", "S3Input": place_of("raw", kind == "input")},
        ],
        "ProcessingOutputConfig": {
            "Outputs": [{"OutputName": "made", "S3Output": place_of("made", kind == "output")}]
        },
    }
    steps = [{"Name": "Prep", "Type": "Processing", "Arguments": arguments}]
    project.write({"definition.json": json.dumps({"Steps": steps}), "prep.py": "", "raw/a.csv": "1\n"})
    answer = project(
        *("run", "definition.json", "--code", "s3://bucket/code=.", "--data", "s3://bucket/raw=raw")
    )
    assert answer.code == 1
    assert answer.finding("local-path")["step"] == "Prep"


@pytest.mark.parametrize("fresh", [(), ("--fresh",)], ids=["fork", "fresh"])
def test_a_check_loads_a_script_with_what_its_container_tells_it(
    project: Project, fresh: tuple[str, ...]
) -> None:
    project.write(
        {
            "pipeline.yaml": """\
                steps:
                  train:
                    job: training
                    script_path: code/train.py
                    hyperparameters: {depth: 3}
                    inputs: {train: {path: not-there.csv, container_path: /opt/ml/input/data/train}}
                """,
            "code/train.py": """\
                import json, os
                import helper
                DEPTH = json.load(open("/opt/ml/input/config/hyperparameters.json"))["depth"]
                TRAIN, MODEL = os.environ["SM_CHANNEL_TRAIN"], os.environ["SM_MODEL_DIR"]
                assert (TRAIN, MODEL) == ("/opt/ml/input/data/train", "/opt/ml/model")
                def main():
                    raise RuntimeError("not for a check")
                if __name__ == "__main__":
                    main()
                """,
            "code/helper.py": "",
        }
    )
    before = below_opt()
    assert project("check", "pipeline.yaml", *fresh).verdicts == {"train": "passed"}
    assert below_opt() == before


@pytest.mark.parametrize("way", ["namespaces", "rewritten"], indirect=True)
def test_a_script_that_an_input_brings_runs_from_where_it_comes_to(project: Project, way: str) -> None:
    project.write(
        {
            "pipeline.yaml": """\
                steps:
                  a:
                    script_path: src/steps/a.py
                    inputs:
                      raw: {path: data.csv, container_path: /opt/ml/processing/input}
                      code: {path: src, container_path: /opt/ml/processing/input/program}
                """,
            "src/steps/a.py": """\
                import os, beside
                here = os.path.dirname(os.path.abspath(__file__))
                assert here.endswith("ml/processing/input/program/steps"), here
                assert os.listdir("/opt/ml/processing/input/program") == ["steps"]
                assert os.path.exists("/opt/ml/processing/input/data.csv")
                """,
            "src/steps/beside.py": "",
            "data.csv": "a\n1\n",
        }
    )
    assert project("run").verdicts == {"a": " ".join(["passed", *notes(way)])}


@pytest.mark.parametrize("stub", ["stub", "stub/model", "stub/model.tar.gz", "stub/deep"])
def test_the_archive_of_a_model_is_a_stub_of_its_training(project: Project, stub: str) -> None:
    model = {"container_path": "/opt/ml/model", "archive": "model.tar.gz"}
    steps = {
        "train": {"job": "training", "stub": stub, "outputs": {"model": model, "rest": {"optional": True}}},
        "use": {
            "script_path": "use.py",
            "inputs": {"m": {"from": "train.model", "container_path": "/opt/ml/processing/m"}},
        },
    }
    folder = {"stub/model": "stub/model/model", "stub/deep": "stub/deep/model"}.get(stub, "stub")
    project.write(
        {
            "pipeline.json": json.dumps({"steps": steps}),
            "use.py": "assert open('/opt/ml/processing/m/model.tar.gz').read() == 'it'",
            f"{folder}/model.tar.gz": "it",
        }
    )
    assert project("run").verdicts == {"train": "stubbed", "use": "passed"}


def test_a_command_line_that_a_script_is_certain_to_refuse_is_found_before_anything_runs(
    project: Project,
) -> None:
    project.write(
        {
            "pipeline.yaml": """\
                steps:
                  misspelt: {script_path: code/a.py, args: [--sead, 7]}
                  passed: {script_path: code/a.py, args: [--seed, 7, --kind, small]}
                  missing: {script_path: code/b.py, args: [--seed, 7]}
                  train: {job: training, script_path: code/a.py, hyperparameters: {seed: 7, deepth: 3}}
                  lenient: {script_path: code/c.py, args: [--unknown, 7]}
                """,
            "code/a.py": """\
                import argparse
                if __name__ == "__main__":
                    parser = argparse.ArgumentParser()
                    parser.add_argument("--seed", type=int)
                    parser.add_argument("--kind", choices=["small", "large"])
                    parser.parse_args()
                """,
            "code/b.py": """\
                import argparse
                if __name__ == "__main__":
                    parser = argparse.ArgumentParser()
                    parser.add_argument("--seed", type=int)
                    parser.add_argument("--data", required=True)
                    parser.parse_args()
                """,
            "code/c.py": """\
                import argparse
                if __name__ == "__main__":
                    argparse.ArgumentParser().parse_known_args()
                """,
        }
    )
    verdicts = {
        "misspelt": "failed refused-argument",
        "passed": "passed",
        "missing": "failed missing-argument",
        "train": "failed refused-argument",
        "lenient": "passed",
    }
    assert project("check", "pipeline.yaml").verdicts == verdicts
    answer = project("run")
    assert answer.verdicts == verdicts
    assert answer.step("misspelt")["findings"][0]["message"] == (
        "a.py ends with an error at `--sead`, which misspelt passes."
    )


def test_an_output_that_was_written_elsewhere_is_missed_with_the_place_where_it_is(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": """\
                steps:
                  a:
                    job: processing
                    script_path: a.py
                    outputs: {report: {container_path: /opt/ml/processing/report}}
                """,
            "a.py": """\
                import os
                os.makedirs("/opt/ml/processing/output")
                open("/opt/ml/processing/output/report.json", "w").write("{}")
                """,
        }
    )
    answer = project("run")
    assert answer.verdicts == {"a": "failed missing-output"}
    assert answer.finding("missing-output")["hint"] == (
        "Write to /opt/ml/processing/report: what lies there is handed on."
        " It wrote /opt/ml/processing/output/report.json, which nothing takes."
    )


@pytest.mark.parametrize("way", ["namespaces"], indirect=True)
@pytest.mark.parametrize("fresh", [(), ("--fresh",)], ids=["fork", "fresh"])
def test_a_processing_script_starts_in_a_root_that_is_its_own(
    project: Project, way: str, fresh: tuple[str, ...]
) -> None:
    project.write(
        {
            "pipeline.yaml": "steps:\n  a: {job: processing, script_path: a.py}\n",
            "a.py": """\
                import os, tarfile
                assert os.getcwd() == "/"
                open("model.bin", "w").write("M")
                with tarfile.open("/opt/ml/processing/model.tar.gz", "w:gz") as archive:
                    archive.add("model.bin")
                os.remove("model.bin")
                with tarfile.open("/opt/ml/processing/model.tar.gz") as archive:
                    archive.extractall(path="..", filter="data")  # as public scripts do, which then look here
                assert open("model.bin").read() == "M"
                assert os.path.exists("/usr/bin/env") and os.path.exists("/proc/self/status")
                """,
        }
    )
    before = sorted(path.name for path in Path("/").iterdir())
    assert project("run", *fresh).verdicts == {"a": "passed"}
    assert sorted(path.name for path in Path("/").iterdir()) == before


@pytest.mark.skipif(os.getuid() != 0 or not shutil.which("unshare"), reason="mounts a small disk")
def test_a_step_that_fails_on_a_full_disk_is_told_so(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": "steps:\n  a: {outputs: [big], args: ['{outputs.big}']}\n",
            "a.py": """\
                import os, sys
                with open(os.path.join(sys.argv[1], "big.bin"), "wb") as file:
                    file.write(os.urandom(4_000_000))
                """,
        }
    )
    (project.above / "small").mkdir()
    small, command = project.above / "small", project.command("run", "--workspace", project.above / "small")
    line = shlex.join([*command, "--json", str(project.json)])
    mounted = f"mount -t tmpfs -o size=1m tmpfs {shlex.quote(str(small))} && {line}"
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", mounted], cwd=project.folder, capture_output=True, check=False
    )
    if not project.json.exists():
        pytest.skip(f"no disk can be mounted here: {done.stderr[:100]!r}")
    codes = [finding["code"] for finding in project.read_report()["steps"][0]["findings"]]
    assert "disk-full" in codes


@WAYS
def test_main_finds_its_container_and_its_children_find_its_functions(
    project: Project, way: str, fresh: tuple[str, ...]
) -> None:
    project.write(
        {
            "pipeline.yaml": """\
                steps:
                  "é 'a'":
                    entry: main
                    script_path: "skript ü.py"
                    inputs: {raw: {path: "dätä.csv", container_path: /opt/ml/processing/input}}
                    outputs: {out: {container_path: /opt/ml/processing/output}}
                    env: {LABEL: "ä'"}
                    job_args: {job_type: training}
                """,
            "dätä.csv": "a\n1\n",
            "skript ü.py": """\
                import multiprocessing, os
                def double(text):
                    return open("/opt/ml/processing/input/dätä.csv").read() + text
                def main(input_paths, output_paths, environ_vars, job_args):
                    assert open(input_paths["raw"]).read() == "a\\n1\\n"
                    for method in ("fork", "spawn", "forkserver"):
                        with multiprocessing.get_context(method).Pool(1) as pool:
                            assert pool.map(double, ["b"]) == ["a\\n1\\nb"]
                    with open(os.path.join(output_paths["out"], "said"), "w") as file:
                        file.write(environ_vars["LABEL"] + job_args.job_type)
                if __name__ == "__main__":
                    main({}, {}, {}, None)
                """,
        }
    )
    assert project("run", *fresh).verdicts == {"é 'a'": " ".join(["passed", *notes(way)])}
    said = project.runs()[-1] / "é 'a'/ml/processing/output/said"
    assert said.read_text("utf-8") == "ä'training"


def test_a_command_line_that_a_script_may_well_take_is_left_to_the_script(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": """\
                steps:
                  negated: {script_path: code/a.py, args: [--no-fast]}
                  lowered: {script_path: code/a.py, args: [--kind, SMALL]}
                  renamed: {script_path: code/b.py, args: [--old, 1]}
                  helped: {script_path: code/a.py, args: [--help]}
                """,
            "code/a.py": """\
                import argparse
                if __name__ == "__main__":
                    parser = argparse.ArgumentParser()
                    parser.add_argument("--fast", action=argparse.BooleanOptionalAction)
                    parser.add_argument("--kind", type=str.lower, choices=["small", "large"])
                    parser.parse_args()
                """,
            "code/b.py": """\
                import argparse, sys
                sys.argv = [word.replace("--old", "--new") for word in sys.argv]
                if __name__ == "__main__":
                    parser = argparse.ArgumentParser()
                    parser.add_argument("--new")
                    parser.parse_args()
                """,
        }
    )
    assert set(project("run").verdicts.values()) == {"passed"}


def test_a_value_in_a_hyperparameter_reaches_all_that_tells_of_it(project: Project) -> None:
    project.write(
        {
            "pipeline.yaml": """\
                steps:
                  tune: {outputs: [best.json], args: ["{outputs.best.json}"]}
                  train:
                    job: training
                    script_path: train.py
                    values: {depth: {from: tune.best.json, path: depth}}
                    hyperparameters: {max-depth: "{values.depth}"}
                """,
            "tune.py": "import sys\nopen(sys.argv[1], 'w').write('{\"depth\": 7}')\n",
            "train.py": """\
                import json, os, sys
                told = json.load(open("/opt/ml/input/config/hyperparameters.json"))
                assert (told, os.environ["SM_HP_MAX-DEPTH"]) == ({"max-depth": "7"}, "7"), told
                assert sys.argv[1:] == ["--max-depth", "7"]
                """,
        }
    )
    assert project("run").verdicts == {"tune": "passed", "train": "passed"}
