"""The hostile corpus through fork and fresh alike: every verdict, and nothing left behind."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipetest import session
from pipetest.pipeline import Input, Output, Pipeline, Step
from pipetest.results import Finding, Severity, StepResult
from tests.hostile.corpus import CASES, SCRIPTS, Case, make_inputs

PATIENCE = 20.0  # seconds for scripts that end by themselves
MARK = "HOSTILE_CORPUS_MARK"


def wanted(case: Case) -> bool:
    root = os.geteuid() == 0
    linux = sys.platform.startswith("linux")
    return (case.needs_root is None or case.needs_root is root) and (linux or not case.linux)


HERE = [case for case in CASES if wanted(case)]


def snapshot(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Mode, size and time of everything below a folder."""
    found = {}
    for place, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            status = Path(place, name).lstat()
            if name != "__pycache__" or "hostile/scripts" in place:
                found[f"{place}/{name}"] = (status.st_mode, status.st_size, status.st_mtime_ns)
    return found


def marked_processes() -> list[str]:
    """Processes that carry our mark in their environment."""
    found = []
    for process in Path("/proc").iterdir() if sys.platform.startswith("linux") else ():
        try:
            if process.name.isdigit() and MARK.encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes().decode("utf-8", "replace"))
        except OSError:
            continue
    return found


def changes_itself(case: Case) -> bool:
    """Whether it is the purpose of a script to change its own file, which is the user's business."""
    return case.name in ("file_deletes_itself", "file_rewrites_itself")


class Corpus:
    """All cases, checked and run once."""

    def __init__(self, folder: Path, fresh: bool) -> None:
        self.fresh = fresh
        self.folder = folder
        self.inputs = make_inputs(folder / "given")
        self.paths = {}
        for number, case in enumerate(HERE):
            (folder / "made" / str(number)).mkdir(parents=True)
            self.paths[case.name] = case.path(folder / "made" / str(number))
        before = self.snapshots()
        os.environ["TMPDIR"] = str(folder / "tmp")
        (folder / "tmp").mkdir()
        tempfile.tempdir = None
        self.checked = self.check()
        self.ran = self.run()
        self.temporary = [path.name for path in (folder / "tmp").iterdir()]
        after = self.snapshots()
        self.changed = [
            path for old, new in zip(before, after, strict=True) for path in old.items() ^ new.items()
        ]
        self.processes = marked_processes()

    def snapshots(self) -> tuple[dict[str, tuple[int, int, int]], ...]:
        mine = [
            snapshot(self.paths[case.name].parent) for case in HERE if case.make and not changes_itself(case)
        ]
        return snapshot(SCRIPTS), snapshot(self.inputs), *mine

    def check(self) -> dict[str, StepResult]:
        results = {}
        for timeout in {case.timeout or PATIENCE for case in HERE}:
            cases = [case for case in HERE if (case.timeout or PATIENCE) == timeout]
            report = session.check(
                [self.paths[case.name] for case in cases], timeout=timeout, jobs=4, fresh=self.fresh
            )
            by_name = {step.name: step for step in report.steps}
            results.update({case.name: by_name[str(self.paths[case.name])] for case in cases})
        return results

    def run(self) -> dict[str, StepResult]:
        steps = tuple(
            Step(
                case.name,
                self.paths[case.name],
                inputs=(Input("in", path=self.inputs),),
                outputs=(Output("out"),),
                args=("{outputs.out}", "{inputs.in}"),
                env={MARK: "1"},
                timeout=case.timeout or PATIENCE,
            )
            for case in HERE
        )
        pipeline = Pipeline("hostile", steps)
        report = session.run(pipeline, jobs=4, fresh=self.fresh, workspace=self.folder / "workspace")
        return {step.name: step for step in report.steps}


@pytest.fixture(scope="module", params=["fork", "fresh"])
def corpus(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    patch = pytest.MonkeyPatch()
    patch.setenv("AWS_SECRET_ACCESS_KEY", "not for steps")
    patch.setenv("TMPDIR", os.environ.get("TMPDIR", ""))
    folder = tmp_path_factory.mktemp("hostile")
    yield Corpus(folder, request.param == "fresh")
    patch.undo()
    tempfile.tempdir = None
    from pipetest.sandbox_files import remove

    remove(folder)  # pytest's own clean-up gives up on some of it


def faults(
    result: StepResult, may_be: frozenset[str], codes: tuple[str, ...], says: str, quiet: bool
) -> list[str]:
    """What is wrong with a verdict."""
    found = {finding.code for finding in result.findings}
    wrong = []
    if str(result.status) not in may_be:
        wrong.append(f"is {result.status}, not {' or '.join(sorted(may_be))}")
    wrong += [f"lacks {code}" for code in codes if not found & set(code.split("|"))]
    if says and not any(says in text(finding) for finding in result.findings):
        wrong.append(f"does not say {says!r}")
    loud = [finding.code for finding in result.findings if finding.severity is not Severity.NOTE]
    if quiet and loud:
        wrong.append(f"cries {loud}")
    return wrong


def text(finding: Finding) -> str:
    return "\n".join((finding.message, finding.hint, finding.detail, f"{finding.file}:{finding.line}"))


def shown(result: StepResult) -> str:
    return "\n".join(f"{f.code}: {f.message}\n{f.detail}" for f in result.findings)[:1500]


@pytest.mark.parametrize("case", HERE, ids=lambda case: case.name)
def test_the_verdict_of_a_check_is_the_one_in_the_table(corpus: Corpus, case: Case) -> None:
    result = corpus.checked[case.name]
    wrong = faults(result, case.check_may_be, case.check_codes, case.check_says, case.quiet)
    assert not wrong, f"{wrong}\n{shown(result)}"


@pytest.mark.parametrize("case", HERE, ids=lambda case: case.name)
def test_the_verdict_of_a_run_is_the_one_in_the_table(corpus: Corpus, case: Case) -> None:
    result = corpus.ran[case.name]
    wrong = faults(result, case.run_may_be, case.run_codes, case.run_says, case.quiet)
    if result.status == "passed" and case.whole and not is_whole(case, result):
        wrong.append("did not write all of its output")
    assert not wrong, f"{wrong}\n{shown(result)}"


def is_whole(case: Case, result: StepResult) -> bool:
    try:
        return case.whole is None or case.whole(Path(result.outputs["out"]["path"]))
    except OSError:
        return False


def test_after_the_corpus_nothing_is_left_and_nothing_has_changed(corpus: Corpus) -> None:
    assert (corpus.temporary, corpus.changed, corpus.processes) == ([], [], [])
