"""What a script sees of modules that were imported before it started: no more and no less than without."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from pipetest import isolate
from pipetest.isolate import Attempt, Outcome, Pool
from pipetest.sandbox import base_environment

if TYPE_CHECKING:
    from tests.conftest import Project

ROOTS = [
    *(
        "json",
        "json.tool",
        "xml.dom.minidom",
        "xml.etree.ElementTree",
        "xml.sax.handler",
        "concurrent.futures",
    ),
    *(
        "multiprocessing.pool",
        "asyncio",
        "logging.handlers",
        "email.mime.text",
        "http.server",
        "urllib.request",
    ),
    *(
        "importlib.metadata",
        "importlib.resources",
        "unittest.mock",
        "sqlite3",
        "csv",
        "decimal",
        "ctypes.util",
    ),
    *(
        "dataclasses",
        "typing",
        "tempfile",
        "zoneinfo",
        "argparse",
        "pickle",
        "random",
        "statistics",
        "inspect",
    ),
    *("numpy", "numpy.random", "pandas", "scipy.stats", "sklearn.linear_model", "sklearn.ensemble"),
]
LINES = [
    "pass",
    "import json",
    "import json.tool",
    "from json import *",
    "import xml",
    "import xml.dom",
    "import xml.etree.ElementTree",
    "from xml.dom import minidom",
    "import concurrent",
    "import concurrent.futures",
    "from concurrent.futures import ProcessPoolExecutor",
    "import multiprocessing",
    "import multiprocessing.pool",
    "import asyncio",
    "import logging",
    "import logging.handlers",
    "import email",
    "from email.mime.text import MIMEText",
    "import http",
    "import urllib",
    "import urllib.request",
    "import importlib",
    "import importlib.metadata",
    "import importlib.resources",
    "import unittest",
    "import unittest.mock",
    "import ctypes",
    "import dataclasses, typing, enum",
    "import tempfile, random, statistics",
    "import sqlite3, csv, decimal, pickle, zoneinfo",
    "import argparse, inspect",
    "try:\n    import json.gone\nexcept ImportError:\n    pass",
    "import numpy",
    "import numpy.linalg, numpy.random",
    "import scipy",
    "import pandas",
    "from sklearn.linear_model import LogisticRegression",
]
# After the line: every module, every module that is an attribute of its parent, and every module that
# is an attribute of its parent and not in sys.modules.
LOOK = """
import sys
loaded = dict(sys.modules)
module = type(sys)
shown = ["module " + name for name in loaded]
for name in loaded:
    parent, _, child = name.rpartition(".")
    if parent in loaded and getattr(loaded[parent], "__dict__", {}).get(child) is loaded[name]:
        shown.append("attribute " + name)
for name, one in loaded.items():
    for key, value in list(getattr(one, "__dict__", {}).items()):
        if isinstance(value, module) and value.__name__ == name + "." + key and value.__name__ not in loaded:
            shown.append("hidden " + value.__name__)
with open(sys.argv[1], "w") as file:
    file.write("\\n".join(sorted(shown)))
"""
HARMLESS = ("module _sysconfigdata", "module cython_runtime")  # may be missing in a fork


def installed(line: str) -> bool:
    """Whether what a line imports is there."""
    names = ("numpy", "scipy", "pandas", "sklearn")
    return all(find_spec(name) for name in names if name in line)


@dataclass
class Bench:
    """One worker that has imported much, and the folder that its steps work in."""

    folder: Path
    pool: Pool
    env: Mapping[str, str]

    def attempts(self, sources: Sequence[str], *, fresh: bool) -> list[Outcome]:
        """Run sources as steps. What the n-th writes to the file that it is given is in ``text``."""
        for number, source in enumerate(sources):
            self.pool.submit(number, self.attempt(number, source, fresh=fresh))
        outcomes = dict(self.pool.next() for _ in sources)
        return [outcomes[number] for number in range(len(sources))]

    def attempt(self, number: int, source: str, *, fresh: bool) -> Attempt:
        root = self.folder / f"{number}-{fresh}"
        for name in ("work", "home", "tmp"):
            (root / name).mkdir(parents=True, exist_ok=True)
        path = self.script(number, source)
        env = {**self.env, "HOME": str(root / "home"), "TMPDIR": str(root / "tmp")}
        argv = (str(path), str(self.out(number, fresh)))
        return Attempt(
            "script",
            str(path),
            argv,
            env,
            30.0,
            sys.executable,
            str(root),
            (str(path.parent),),
            fresh=fresh,
            keep=(str(self.folder), str(Path(isolate.__file__).parent)),
        )

    def script(self, number: int, source: str) -> Path:
        path = self.folder / f"script_{number}.py"
        path.write_text(source)
        return path

    def out(self, number: int, fresh: bool) -> Path:
        return self.folder / f"out-{number}-{fresh}"

    def text(self, number: int, *, fresh: bool = False) -> str:
        return self.out(number, fresh).read_text()

    def plain(self, sources: Sequence[str]) -> list[tuple[int, str]]:
        """Exit code and written text of each source, run by a plain interpreter."""
        with ThreadPoolExecutor(2) as threads:
            return list(threads.map(self.run_plainly, range(len(sources)), sources))

    def run_plainly(self, number: int, source: str) -> tuple[int, str]:
        out = self.folder / f"plain-{number}"
        words = [sys.executable, str(self.script(number, source)), str(out)]
        done = subprocess.run(
            words, env={**self.env, "HOME": str(self.folder)}, capture_output=True, stdin=subprocess.DEVNULL
        )
        return done.returncode, out.read_text() if out.exists() else ""


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A worker that has imported all of ROOTS."""
    folder = tmp_path_factory.mktemp("bench")
    env = {sys.executable: base_environment(sys.executable, 2)}
    roots = [(name, ()) for name in ROOTS if installed(name)]
    (folder / "pool").mkdir()
    with Pool(2, env, folder / "pool", {sys.executable: roots}) as pool:
        assert pool.preloaded(sys.executable) >= {"json", "xml", "concurrent", "asyncio"}
        assert pool.refusals == []
        yield Bench(folder, pool, env[sys.executable])


@pytest.fixture(scope="module")
def shown(bench: Bench) -> dict[str, dict[str, set[str]]]:
    """For each line and each way to start it, what the script saw of modules."""
    lines = [line for line in LINES if installed(line)]
    sources = [line + LOOK for line in lines]
    plain = bench.plain(sources)
    seen = {line: {"plain": set(text.split("\n"))} for line, (_, text) in zip(lines, plain, strict=True)}
    for way, fresh in (("fork", False), ("fresh", True)):
        outcomes = bench.attempts(sources, fresh=fresh)
        assert [outcome.exit_code for outcome in outcomes] == [0] * len(sources)
        for number, line in enumerate(lines):
            seen[line][way] = set(bench.text(number, fresh=fresh).split("\n"))
    return seen


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("way", ["fork", "fresh"])
def test_a_script_sees_the_modules_that_a_plain_interpreter_shows(
    shown: dict[str, dict[str, set[str]]], line: str, way: str
) -> None:
    if not installed(line):
        pytest.skip("it is not installed")
    expected, seen = shown[line]["plain"], shown[line][way]
    missing = {one for one in expected - seen if not one.startswith(HARMLESS)}
    assert (sorted(missing), sorted(seen - expected)) == ([], [])


@pytest.mark.parametrize(
    "source",
    [
        "import xml\nxml.dom\n",
        "import concurrent\nconcurrent.futures\n",
        "import xml.etree\nxml.etree.ElementTree\n",
        "import json\njson.tool\n",
        "import sys\nassert 'json' in sys.modules\n",
        "import importlib\nimportlib.metadata\n",
        "json\n",
    ],
)
def test_what_was_not_imported_is_not_there(bench: Bench, source: str) -> None:
    (code, _), *_ = bench.plain([source])
    forked, fresh = (bench.attempts([source], fresh=fresh)[0] for fresh in (False, True))
    assert (code, forked.exit_code, fresh.exit_code) == (1, 1, 1)
    assert (forked.answer or {})["error"] == (fresh.answer or {})["error"]
    assert (forked.answer or {})["message"] == (fresh.answer or {})["message"]


@pytest.mark.parametrize(
    ("module", "draw"),
    [
        ("random", "random.random()"),
        ("random", "random.SystemRandom().random()"),
        ("numpy", "numpy.random.rand()"),
        ("numpy", "numpy.random.default_rng().random()"),
        ("numpy.random", "numpy.random.mtrand.random_sample()"),
        ("uuid", "uuid.uuid4()"),
        ("tempfile", "next(tempfile._get_candidate_names())"),
    ],
)
def test_two_forks_draw_different_random_numbers(bench: Bench, module: str, draw: str) -> None:
    if not installed(module):
        pytest.skip("it is not installed")
    source = f"import sys, {module}\nopen(sys.argv[1], 'w').write(str({draw}))\n"
    outcomes = bench.attempts([source] * 6, fresh=False)
    assert [outcome.exit_code for outcome in outcomes] == [0] * 6
    assert len({bench.text(number) for number in range(6)}) == 6


def test_a_module_that_a_script_removes_and_imports_again_is_imported_anew(bench: Bench) -> None:
    source = """\
        import json, sys

        first = json
        del sys.modules["json"]
        import json

        assert json is not first
        assert json.loads("[1]") == [1]
        """
    assert bench.plain([dedent(source)])[0][0] == 0
    assert bench.attempts([dedent(source)], fresh=False)[0].exit_code == 0


def test_the_main_module_of_multiprocessing_is_the_script(bench: Bench) -> None:
    source = "import multiprocessing, sys\nassert sys.modules['__mp_main__'] is sys.modules['__main__']\n"
    assert bench.plain([source])[0][0] == 0
    assert bench.attempts([source], fresh=False)[0].exit_code == 0


def test_modules_know_their_own_spec_and_loader(bench: Bench) -> None:
    source = """\
        import sys, json, importlib, importlib.util, inspect, pkgutil

        import xml.dom.minidom
        for module in (json, json.decoder, xml.dom.minidom):
            assert module.__spec__ is importlib.util.find_spec(module.__name__), module
            assert type(module.__spec__.loader).__name__ == "SourceFileLoader", module.__spec__
            assert module.__loader__ is module.__spec__.loader
            assert inspect.getsource(module)
            assert importlib.reload(module) is module
        spec = importlib.util.find_spec("xml.etree.ElementTree")
        assert spec.origin.endswith("ElementTree.py"), spec
        assert "xml.etree.ElementTree" not in sys.modules
        assert type(spec.loader).__name__ == "SourceFileLoader", spec
        assert pkgutil.get_data("json", "__init__.py")
        """
    assert bench.plain([dedent(source)])[0][0] == 0
    (outcome,) = bench.attempts([dedent(source)], fresh=False)
    assert (outcome.exit_code, outcome.answer) == (0, {"done": True})


@pytest.mark.parametrize(
    "source",
    [
        "import runpy\nassert 'main' in runpy.run_module('json.tool')\n",
        "import pkgutil\nassert pkgutil.get_data('json', 'tool.py')\n",
        "import pkgutil\nassert pkgutil.find_loader('json').get_code('json')\n",
        "from importlib.util import find_spec\nassert find_spec('json').loader.get_source('json')\n",
        """\
        import importlib.util, sys

        spec = importlib.util.find_spec("json")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        assert module.loads("[1]") == [1]
        assert "json" not in sys.modules
        """,
        """\
        import importlib.util, sys

        spec = importlib.util.find_spec("json")
        spec.loader = importlib.util.LazyLoader(spec.loader)
        module = sys.modules["json"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        assert module.loads("[1]") == [1]
        """,
    ],
    ids=["run_module", "get_data", "find_loader", "get_source", "module_from_spec", "LazyLoader"],
)
def test_a_module_that_is_not_imported_yet_can_be_loaded_in_other_ways(bench: Bench, source: str) -> None:
    if bench.plain([dedent(source)])[0][0]:
        pytest.skip("this Python cannot do it")
    (outcome,) = bench.attempts([dedent(source)], fresh=False)
    assert (outcome.exit_code, outcome.answer) == (0, {"done": True})


# --- a library of our own -----------------------------------------------------------------------------------


@pytest.fixture
def library(project: Project) -> Project:
    """A project with an interpreter of its own, env/bin/python, for a library that two scripts import."""
    place = f"env/lib/python3.{sys.version_info.minor}/site-packages"
    home = Path(sys.executable).resolve()
    project.write({"env/pyvenv.cfg": f"home = {home.parent}\n", f"{place}/unused": "", "env/bin/unused": ""})
    (project.folder / "env/bin/python").symlink_to(home)
    project.site = project.folder / place
    return project


def write_steps(library: Project, module: str, using: str, other: str) -> None:
    """Two steps that import the library and one that does not; each runs its source."""
    library.site.joinpath("loud.py").write_text(dedent(module))
    library.write(
        {
            "pipeline.yaml": """\
                defaults: {python: env/bin/python}
                steps: {a: {script_path: uses.py}, b: {script_path: uses.py}, c: {script_path: other.py}}
                """,
            "uses.py": "import loud\n" + dedent(using),
            "other.py": dedent(other),
        }
    )


EFFECTS = {
    "exit handler": (
        "import atexit\natexit.register(print, 'the handler ran')\n",
        "print('using')\n",
    ),
    "variable": ("import os\nos.environ['LOUD'] = 'yes'\n", "import os\nprint(os.environ.get('LOUD'))\n"),
    "warning filter": (
        "import warnings\nwarnings.filterwarnings('ignore', 'be quiet')\n",
        "import warnings\nprint(len(warnings.filters))\n",
    ),
    "log handler": (
        "import logging\nlogging.basicConfig()\n",
        "import logging\nprint(logging.root.handlers)\n",
    ),
    "builtin": (
        "import builtins\nbuiltins.shout = str.upper\n",
        "import builtins\nprint(hasattr(builtins, 'shout'))\n",
    ),
    "exception hook": (
        "import sys\nsys.excepthook = lambda *args: print('hooked')\n",
        "import sys\nprint(sys.excepthook is sys.__excepthook__)\n",
    ),
    "recursion limit": (
        "import sys\nsys.setrecursionlimit(5432)\n",
        "import sys\nprint(sys.getrecursionlimit())\n",
    ),
    "signal handler": (
        "import signal\nsignal.signal(signal.SIGUSR1, signal.SIG_IGN)\n",
        "import signal\nprint(signal.getsignal(signal.SIGUSR1))\n",
    ),
}


@pytest.mark.parametrize("effect", EFFECTS)
def test_what_a_library_does_when_it_is_imported_it_does_to_its_importers_alone(
    library: Project, effect: str
) -> None:
    module, look = EFFECTS[effect]
    write_steps(library, module, look, look)
    logs = []
    for options in ((), ("--fresh",)):
        answer = library("run", "-j", "1", *options)
        assert (answer.code, answer.report["counts"]) == (0, {"passed": 3})
        logs.append([Path(step["log"]).read_text() for step in answer.report["steps"]])
    assert logs[0] == logs[1]


FAILING = {
    "raises": "raise RuntimeError('not here')",
    "exits": "sys.exit(3)",
    "exits at once": "os._exit(0)",
    "kills itself": "os.kill(os.getpid(), 9)",
    "leaves a thread": "threading.Thread(target=time.sleep, args=(600,), daemon=True).start()",
    "closes everything": "os.closerange(0, 100); raise SystemExit",
}


@pytest.mark.parametrize("how", FAILING)
def test_a_preload_that_fails_is_reported_and_done_without(library: Project, how: str) -> None:
    module = f"import os, sys, threading, time\nif 'worker' in sys.argv[0]:\n    {FAILING[how]}\n"
    write_steps(library, module, "def main(input_paths): pass\n", "def main(input_paths): pass\n")
    answer = library("check")
    assert (answer.code, answer.verdicts) == (0, {"a": "passed", "b": "passed", "c": "passed"})
    assert answer.finding("preload-skipped")["message"].startswith("`loud` was not preloaded: ")
    assert {step["started_as"] for step in answer.report["steps"]} == {"fork"}


def test_a_preload_that_only_slows_down_is_reported_as_nothing(library: Project) -> None:
    write_steps(library, "X = 1\n", "def main(input_paths): pass\n", "def main(input_paths): pass\n")
    answer = library("run")
    assert (answer.code, answer.report["findings"]) == (0, [])


def test_a_thread_that_a_preload_needs_is_there_for_its_importers(library: Project) -> None:
    module = """\
        import queue, threading

        asked, answered = queue.Queue(), queue.Queue()
        def serve():
            while True:
                answered.put(asked.get())
        threading.Thread(target=serve, daemon=True).start()
        """
    using = "loud.asked.put(7)\nassert loud.answered.get(timeout=10) == 7\n"
    write_steps(library, module, using, "print(1)\n")
    answer = library("run")
    assert (answer.code, answer.report["counts"]) == (0, {"passed": 3})


def test_a_file_of_the_project_is_never_preloaded(project: Project) -> None:
    project.write(
        {
            "one/a.py": "import helper\nassert helper.WHO == 'one'\ndef main(): pass\n",
            "one/b.py": "import helper\nassert helper.WHO == 'one'\ndef main(): pass\n",
            "one/helper.py": "WHO = 'one'\n",
            "two/a.py": "import helper\nassert helper.WHO == 'two'\ndef main(): pass\n",
            "two/b.py": "import helper\nassert helper.WHO == 'two'\ndef main(): pass\n",
            "two/helper.py": "WHO = 'two'\n",
        }
    )
    answer = project("check", "one/a.py", "one/b.py", "two/a.py", "two/b.py")
    assert (answer.code, answer.report["counts"]) == (0, {"passed": 4})


def test_a_file_beside_a_script_hides_a_preloaded_module_of_its_name(project: Project) -> None:
    project.write(
        {
            "one/a.py": "import json, decimal\njson.loads('1')\ndef main(): pass\n",
            "one/b.py": "import json, decimal\njson.loads('1')\ndef main(): pass\n",
            "two/a.py": "import json\nassert json.WHO == 'two'\ndef main(): pass\n",
            "two/json.py": "WHO = 'two'\n",
        }
    )
    answer = project("check", "one/a.py", "one/b.py", "two/a.py")
    assert (answer.code, answer.report["counts"]) == (0, {"passed": 3})
    assert answer.step("two/a.py")["started_as"] == "fresh"
    assert "(json)" in answer.finding("started-fresh")["message"]


@pytest.mark.skipif(os.name != "posix", reason="a fork needs POSIX")
def test_a_module_put_on_the_path_by_the_script_hides_a_preloaded_one(project: Project) -> None:
    start = "import os, sys\nsys.path.insert(0, os.path.join(os.path.dirname(__file__), 'lib'))\n"
    project.write(
        {
            "a.py": start + "import csv\nassert csv.WHO == 'lib'\ndef main(): pass\n",
            "b.py": "import csv\nassert csv.reader\ndef main(): pass\n",
            "c.py": "import csv\nassert csv.reader\ndef main(): pass\n",
            "lib/csv.py": "WHO = 'lib'\n",
        }
    )
    answer = project("check", "a.py", "b.py", "c.py")
    assert (answer.code, answer.report["counts"]) == (0, {"passed": 3})
