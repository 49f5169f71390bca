"""Small projects, run for real: write files, run the command, look at its whole answer."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import settings

os.environ["COLUMNS"] = "100"  # whatever terminal the tests are run from
settings.register_profile("untimed", deadline=None)  # how long a test takes is no matter of a test
settings.load_profile("untimed")

PATIENCE = 20.0  # seconds after which what a test waits for will not come


@dataclass(frozen=True)
class Answer:
    """What a call answered: exit code, output, and the JSON report (empty where none was written)."""

    code: int
    out: str
    err: str
    report: dict[str, Any]

    @property
    def verdicts(self) -> dict[str, str]:
        """Each step with its status and the codes of its findings: ``{"a": "failed syntax-error"}``."""
        return {
            step["name"]: " ".join([step["status"], *(finding["code"] for finding in step["findings"])])
            for step in self.report["steps"]
        }

    def step(self, name: str) -> dict[str, Any]:
        """The result of that step."""
        found: dict[str, Any] = next(step for step in self.report["steps"] if step["name"] == name)
        return found

    def finding(self, code: str) -> dict[str, Any]:
        """The one finding of that code."""
        found: list[dict[str, Any]] = [one for one in self.findings() if one["code"] == code]
        assert len(found) == 1, self.findings()
        return found[0]

    def findings(self) -> list[dict[str, Any]]:
        """The findings of the report and of all of its steps."""
        return [*self.report["findings"], *(one for step in self.report["steps"] for one in step["findings"])]


class Project:
    """A folder of files, in which the command is run. What the tests need beside it lies above it."""

    def __init__(self, above: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.above, self.capsys = above, capsys
        self.folder = above / "project"
        self.folder.mkdir()
        self.marker = self.folder / "marker"  # where a script may leave a trace
        self.json = above / "report.json"
        self.site = self.folder  # where an interpreter of its own has its libraries, for tests with one

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Write files, each text without its common indentation."""
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else dedent(content).encode())

    def __call__(self, *arguments: str | Path) -> Answer:
        """Run the command in this process, with ``--json``."""
        from pipetest.__main__ import main

        words = [*map(str, arguments), "--json", str(self.json)]
        handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
        self.json.unlink(missing_ok=True)
        self.capsys.readouterr()
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.chdir(self.folder)
                patch.setattr(sys, "argv", ["pipetest", *words])
                code = main()
        except SystemExit as error:  # of argparse
            code = int(error.code or 0)
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
        out, err = self.capsys.readouterr()
        return Answer(int(code), out, err, self.read_report())

    def run(self, *arguments: str | Path, **options: Any) -> Answer:
        """Run ``python -m pipetest`` in a process of its own, with these arguments alone."""
        self.json.unlink(missing_ok=True)
        done = subprocess.run(
            self.command(*arguments), cwd=self.folder, capture_output=True, timeout=60, **options
        )
        return Answer(
            done.returncode,
            done.stdout.decode("utf-8", "surrogateescape"),
            done.stderr.decode("utf-8", "surrogateescape"),
            self.read_report(),
        )

    def start(self, *arguments: str | Path) -> subprocess.Popen[bytes]:
        """Start the command in a session of its own, with ``--json``. See ``left``."""
        return subprocess.Popen(
            self.command(*arguments, "--json", self.json),
            cwd=self.folder,
            env={**os.environ, "PATH": f"{os.environ.get('PATH', os.defpath)}{os.pathsep}{self.above}"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def command(self, *arguments: str | Path) -> list[str]:
        return [sys.executable, "-m", "pipetest", *map(str, arguments)]

    def read_report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(self.json.read_bytes()) if self.json.exists() else {}
        return report

    def left(self) -> list[str]:
        """The command lines of what ``start`` started, and of what that has started: it has our PATH."""
        return processes(str(self.above))

    def until(self, happened: Callable[[], object]) -> None:
        """Wait until something is so. Fails after a while in which it would long have been."""
        deadline = time.monotonic() + PATIENCE
        while not happened():
            assert time.monotonic() < deadline, "it did not happen"
            time.sleep(0.01)

    def runs(self) -> list[Path]:
        """The folders of the runs that were kept, the oldest first."""
        folder = self.folder / ".pipetest" / "runs"
        return sorted(folder.iterdir()) if folder.exists() else []

    def tree(self) -> dict[str, bytes | None]:
        """Every file of the project with its content, every folder with None."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes() if path.is_file() else None
            for path in sorted(self.folder.rglob("*"))
        }


def processes(word: str) -> list[str]:
    """The command lines of the processes that were started with that word in command line or environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                line = (entry / "cmdline").read_bytes()
                if word.encode() in line + (entry / "environ").read_bytes():
                    found.append(line.replace(b"\0", b" ").decode("utf-8", "replace"))
            except OSError:
                continue  # it has ended meanwhile, or is another user's
    return found


@pytest.fixture
def project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Project:
    """An empty project."""
    return Project(tmp_path, capsys)
