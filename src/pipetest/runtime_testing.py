"""The founding document's RuntimeTester: a thin face over ``check`` and ``run``, never a second engine."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipetest import session
from pipetest.pipeline import Input, Output, Pipeline, PipelineError, Step, Synthetic
from pipetest.results import ExitCode, StepResult

SCRIPT_DIRS = (".", "scripts", "src")


@dataclass(frozen=True, slots=True)
class ScriptTestResult:
    """How one script did; ``execution_time`` is in seconds."""

    script_name: str
    success: bool
    error_message: str | None = None
    execution_time: float = 0.0


class RuntimeTester:
    """Tests single scripts and pipelines. ``workspace_dir`` holds test data and what runs leave."""

    def __init__(self, workspace_dir: str | os.PathLike[str] = "./test_workspace") -> None:
        """Make the workspace if it is not there."""
        self.workspace_dir = Path(workspace_dir)
        self.workspace_dir.mkdir(parents=True, exist_ok=True)

    def test_script(self, script_name: str) -> ScriptTestResult:
        """Whether the script is there, makes sense, loads, and has an entry point.

        ``script_name`` is a path, or a name that is looked for as NAME.py here, in scripts/ and in src/.
        """
        step = Step(Path(script_name).stem, _find(script_name), looked_for=_places(script_name))
        report = session.check([Pipeline(script_name, (step,))])
        return _result(script_name, report.steps[0])

    def test_pipeline(self, pipeline_config_path: str | os.PathLike[str]) -> dict[str, ScriptTestResult]:
        """The same for every step of a pipeline file. A wrong file is one failure, named ``pipeline``."""
        try:
            report = session.check([pipeline_config_path])
        except PipelineError as error:
            said = "; ".join(f"{fault.message} {fault.hint}" for fault in error.faults)
            return {"error": ScriptTestResult("pipeline", False, said)}
        return {step.name: _result(step.name, step) for step in report.steps}

    def test_script_with_data(
        self, script_name: str, test_data_path: str | os.PathLike[str]
    ) -> ScriptTestResult:
        """Run the script on that file or folder, in a sandbox.

        A ``main`` that takes path dictionaries finds the data under every input name that it asks for,
        and a folder for every output; a plain script gets the data's path as its argument.
        """
        path = _find(script_name)
        if path is None:
            return self.test_script(script_name)
        step = _step_with_data(script_name, path, Path(test_data_path).absolute())
        try:
            report = session.run(Pipeline(script_name, (step,)), workspace=self.workspace_dir)
        except PipelineError as error:
            return ScriptTestResult(script_name, False, error.faults[0].message)
        return _result(script_name, report.steps[0])

    def create_test_data(
        self,
        script_name: str,
        columns: Mapping[str, Any] | None = None,
        rows: int = 100,
        like: str | os.PathLike[str] | None = None,
    ) -> str:
        """Make the folder for the test data of a script. Returns its path.

        With ``columns`` (``{"age": "int", "kind": {"type": "str", "choices": ["a", "b"]}}``), or a file that
        the data is to be ``like``, it holds a generated CSV for each input name that the script asks for, or
        ``data.csv``. Raises ValueError for what cannot be generated.
        """
        folder = self.workspace_dir / Path(script_name).name.removesuffix(".py")
        folder.mkdir(parents=True, exist_ok=True)
        if columns is not None or like is not None:
            path = _find(script_name)
            _generate(folder, (_inputs(path) if path else ()) or ("data",), columns, rows, like)
        return str(folder)

    def generate_detailed_report(self, results: Mapping[str, ScriptTestResult]) -> str:
        """What ``test_pipeline`` found, as text."""
        passed = sum(result.success for result in results.values())
        lines = [f"{passed} of {len(results)} scripts passed"]
        for name, result in results.items():
            lines.append(f"{name}: {'PASS' if result.success else 'FAIL'} ({result.execution_time:.3f} s)")
            if result.error_message:
                lines.append(f"  Error: {result.error_message}")
        return "\n".join(lines) + "\n"


def _places(name: str) -> tuple[Path, ...]:
    """Where a script of that name is looked for: a path as it is, a name over the script folders."""
    return (Path(name),) if name.endswith(".py") else tuple(Path(one, f"{name}.py") for one in SCRIPT_DIRS)


def _find(name: str) -> Path | None:
    return next((place for place in _places(name) if place.is_file()), None)


def _inputs(path: Path) -> tuple[str, ...]:
    from pipetest.source import path_keys

    return path_keys(path)[0]


def _generate(
    folder: Path,
    names: Sequence[str],
    columns: Mapping[str, Any] | None,
    rows: int,
    like: str | os.PathLike[str] | None,
) -> None:
    """Write a CSV of generated data for each of these names."""
    from pipetest import given_data
    from pipetest.data import client, synthetic

    made = Synthetic(rows, like=Path(like).absolute() if like is not None else None)
    with client.Reader() as reader:
        try:
            wanted, _ = given_data.learnt(Input("data", columns=columns, synthetic=made), reader)
        except client.DataError as error:
            raise synthetic.SyntheticError(str(error)) from error
    for name in names:
        synthetic.write(folder / synthetic.file_name(name, "csv"), wanted, rows, "csv", made.seed, name)


def _step_with_data(name: str, path: Path, data: Path) -> Step:
    """A step that gets the data under each input name that its source asks for."""
    from pipetest.source import path_keys, read

    source = read(path)
    inputs, outputs = path_keys(path)
    takes_paths = bool(source.main and {"input_paths", "output_paths"} & set(source.main.parameters or ()))
    names = inputs if takes_paths and inputs else ("data",)
    return Step(
        Path(name).stem,
        path.absolute(),
        inputs=tuple(Input(one, path=data) for one in names),
        outputs=tuple(Output(one, optional=True) for one in outputs),
        args=() if takes_paths else ("{inputs.data}",),
    )


def _result(name: str, step: StepResult) -> ScriptTestResult:
    errors = step.errors() or [finding for finding in step.findings if step.status == "skipped"]
    passed = step.status in ("passed", "stubbed", "cached")
    message = None if passed else "; ".join(f"{one.message} {one.hint}" for one in errors)
    return ScriptTestResult(name, passed, message, step.seconds)


def main(arguments: Sequence[str]) -> int:
    """The founding document's command: ``--script NAME`` or ``--pipeline FILE``. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="pipetest", description="Runtime script testing")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--script", help="test a single script")
    which.add_argument("--pipeline", help="test all scripts of a pipeline")
    options = parser.parse_args(arguments)
    # It makes no workspace: this command leaves nothing behind.
    tester = object.__new__(RuntimeTester)
    if options.script:
        results = {options.script: tester.test_script(options.script)}
    else:
        results = tester.test_pipeline(options.pipeline)
    for name, result in results.items():
        print(f"{name}: {'PASS' if result.success else 'FAIL'}")
        if result.error_message:
            print(f"  Error: {result.error_message}")
    if "error" in results:
        return ExitCode.USAGE
    return ExitCode.OK if results and all(one.success for one in results.values()) else ExitCode.FAULTS
