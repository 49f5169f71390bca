"""The guard against the network and the stand-in for pip, in real interpreters."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from pipetest import guard_files
from pipetest.guard_files import guard_environment, lay_guard, records_of

MINORS = range(8, 14)
SOURCES = Path(guard_files.__file__).parent
PLAIN = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}


@cache
def interpreter(minor: int) -> str | None:
    """A Python of that version on this machine, which this user can start."""
    if sys.version_info[1] == minor:
        return sys.executable
    installed = sorted(Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python"))
    found = str(installed[-1]) if installed else shutil.which(f"python3.{minor}")
    if found is None:
        return None
    asked = subprocess.run([found, "-c", "import venv"], capture_output=True, check=False)
    return found if asked.returncode == 0 else None  # a shim of another user's, say


@dataclass(frozen=True)
class Guarded:
    """A folder with the guard laid in, and a Python whose children it guards."""

    folder: Path
    python: str
    work: Path

    @property
    def env(self) -> dict[str, str]:
        return guard_environment(PLAIN, self.folder)

    def run(self, *command: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self.work, env=env or self.env, capture_output=True, text=True, timeout=60
        )

    def script(self, text: str, env: Mapping[str, str] | None = None) -> str:
        """Run a script that must succeed; what it printed."""
        path = self.work / "script.py"
        path.write_text(dedent(text))
        ended = self.run(self.python, str(path), env=env)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def step(self, text: str, network: bool = False) -> subprocess.CompletedProcess[str]:
        """Run a script as the keeper does: the hook is there, and nothing is in the environment."""
        path = self.work / "script.py"
        path.write_text(dedent(text))
        driver = f"""
            import sys
            sys.path.insert(0, {str(SOURCES)!r})
            import _worker_guard
            del sys.path[0], sys.modules["_worker_guard"]
            _worker_guard.install({str(self.folder / "record")!r}, [{str(self.work)!r}], {network})
            exec(compile(open({str(path)!r}).read(), {str(path)!r}, "exec"))
        """
        return self.run(self.python, "-c", dedent(driver), env=PLAIN)

    def records(self, what: str) -> list[Mapping[str, Any]]:
        lines = (self.folder / "record").read_bytes().splitlines()
        return [record for record in records_of(lines) if record["what"] == what]


def guarded(tmp_path: Path, minor: int) -> Guarded:
    base = interpreter(minor)
    if base is None:
        pytest.skip(f"no Python 3.{minor} on this machine")
    work = tmp_path / "work"
    work.mkdir()
    # An environment of its own: should the stand-in ever fail, it must not be ours that changes.
    command = [base, "-m", "venv", "--without-pip", "--system-site-packages", str(tmp_path / "an env")]
    subprocess.run(command, check=True)
    python = str(tmp_path / "an env" / "bin" / "python")
    lay_guard(tmp_path / "the guard", python)
    return Guarded(tmp_path / "the guard", python, work)


@pytest.fixture
def here(tmp_path: Path) -> Guarded:
    return guarded(tmp_path, sys.version_info[1])


@pytest.fixture(params=MINORS, ids=lambda minor: f"3.{minor}")
def each(tmp_path: Path, request: pytest.FixtureRequest) -> Guarded:
    return guarded(tmp_path, request.param)


@pytest.fixture(params=(MINORS[0], MINORS[-1]), ids=lambda minor: f"3.{minor}")
def ends(tmp_path: Path, request: pytest.FixtureRequest) -> Guarded:
    """The oldest Python and the newest: for what lies in pip alone, and takes seconds of it."""
    return guarded(tmp_path, request.param)


# --- the stand-in ------------------------------------------------------------------------------------------

FORMS = [
    (["a==1", "b[x]>=2 ; python_version > '3'"], ["a==1", "b[x]>=2 ; python_version > '3'"]),
    (["-r", "reqs.txt", "-c", "limits.txt"], ["pandas>=1", "inner", "-e ./pkg", "joined==1"]),
    (["-qrreqs.txt"], ["pandas>=1", "inner", "-e ./pkg", "joined==1"]),
    (["--requirement=reqs.txt"], ["pandas>=1", "inner", "-e ./pkg", "joined==1"]),
    (["-e", ".", "--no-deps"], ["-e ."]),
    (["."], ["."]),
    (["./pkg", "pkg.whl", "https://me:secret@host/x.zip"], ["./pkg", "pkg.whl", "https://***@host/x.zip"]),
    (["-U", "--force-reinstall", "-q", "a"], ["a"]),
    (
        ["--index-url", "https://me:secret@host/", "--extra-index-url=https://h/", "--target", "lib", "a"],
        ["a"],
    ),
    (["git+https://host/a.git@main#egg=a"], ["git+https://host/a.git@main#egg=a"]),
    (["a @ https://host/a.whl", "--", "b"], ["a @ https://host/a.whl", "b"]),
]


def write_requirements(work: Path) -> None:
    (work / "reqs.txt").write_text(
        "\ufeff# ours\npandas>=1  # because\n-i https://host/\n-r sub/more.txt\n-e ./pkg\n"
        "joined==1 \\\n    --hash=sha256:0\n"
    )
    (work / "sub").mkdir()
    (work / "sub" / "more.txt").write_text("inner\n-r ../reqs.txt\n")


def listing(env: Path) -> list[Path]:
    return sorted(path for path in env.rglob("*") if "__pycache__" not in path.parts)


@pytest.mark.parametrize(("args", "asked"), FORMS, ids=lambda form: " ".join(form))
def test_an_install_changes_nothing_and_is_noted(here: Guarded, args: list[str], asked: list[str]) -> None:
    write_requirements(here.work)
    before = listing(Path(here.python).parents[1])
    ended = here.run("pip", "install", *args)
    assert (ended.returncode, ended.stdout) == (0, "")
    assert ended.stderr == f"pipetest: pip install changes nothing here; asked for: {', '.join(asked)}\n"
    (record,) = here.records("pip")
    assert record["requirements"] == asked
    assert record["cwd"] == str(here.work)
    assert "secret" not in str(record) + ended.stderr
    assert listing(Path(here.python).parents[1]) == before


def test_every_way_to_pip_in_every_python(each: Guarded) -> None:
    before = listing(Path(each.python).parents[1])
    each.script("""
        import os, runpy, subprocess, sys
        quiet = {"stderr": subprocess.DEVNULL}
        subprocess.check_call([sys.executable, "-m", "pip", "install", "one"], **quiet)
        subprocess.check_call(["pip3", "install", "two"], **quiet)
        subprocess.check_call("pip uninstall -y pip", shell=True, **quiet)
        assert os.system("pip -q install four 2> /dev/null") == 0
        import pip
        assert pip.main(["install", "five"]) == 0
        from pip._internal import main
        assert main(["install", "six"]) == 0
        from pip._internal.cli.main import main
        assert main(["download", "-d", "x", "seven"]) == 0
        sys.argv = ["pip", "wheel", "eight"]
        try:
            runpy.run_module("pip", run_name="__main__")
        except SystemExit as leaving:
            assert leaving.code == 0
    """)
    records = each.records("pip")
    asked = ["one", "two", "pip", "four", "five", "six", "seven", "eight"]
    assert [record["requirements"] for record in records] == [[name] for name in asked]
    assert [record["line"] for record in records[4:7]] == [9, 11, 13]
    assert records[4]["file"] == str(each.work / "script.py")
    assert [record["line"] for record in each.records("command")] == [4, 5, 6, 7]
    assert listing(Path(each.python).parents[1]) == before


def test_what_is_installed_is_said_under_normalised_names(each: Guarded) -> None:
    site = next(Path(each.python).parents[1].glob("lib/python3*/site-packages"))
    info = site / "Some_Thing-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: Some_Thing\nVersion: 1.2\n")
    each.run(each.python, "-m", "pip", "install", "some.thing>1", "No_Such_Thing")
    (record,) = each.records("pip")
    assert record["installed"] == {"some-thing": "1.2", "no-such-thing": None}


def test_what_only_looks_is_answered_by_the_real_pip(ends: Guarded) -> None:
    def answer(env: Mapping[str, str], *command: str) -> tuple[int, str]:
        ended = ends.run(*command, env=env)
        return ended.returncode, ended.stdout.replace(f"{ends.python} -m pip", "pip")  # in the usage

    module = [ends.python, "-m", "pip"]
    for args in (["install", "-h"], ["show", "no-such-thing"]):
        real = answer(PLAIN, *module, *args)
        assert answer(ends.env, *module, *args) == real
    assert answer(ends.env, "pip", *args) == real
    assert answer(ends.env, "pip", "list")[0] == 0
    assert (ends.records("pip"), ends.records("network")) == ([], [])  # nor did it look for a newer pip


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([], "You must give at least one requirement to install"),
        (["a=1"], "Invalid requirement: 'a=1'"),
        (["-r", "nowhere.txt"], "Could not open requirements file: [Errno 2]"),
    ],
)
def test_what_pip_refuses_is_refused(here: Guarded, args: list[str], said: str) -> None:
    ended = here.run("pip", "install", *args)
    assert ended.returncode == 1
    assert f"ERROR: {said}" in ended.stderr
    assert here.records("pip")[0]["problem"].startswith(said)


def test_uv_and_conda_have_a_stand_in_where_they_are(here: Guarded, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("uv", "conda"):
        (tools / name).write_text(f'#!/bin/sh\necho "the real {name} $@"\n')
        (tools / name).chmod(0o755)
    path = f"{tools}{os.pathsep}{PLAIN['PATH']}"
    lay_guard(tmp_path / "second", here.python, path)
    env = guard_environment({**PLAIN, "PATH": path}, tmp_path / "second")
    second = Guarded(tmp_path / "second", here.python, here.work)
    write_requirements(here.work)
    for command in (
        "uv pip install --system a",
        "uv pip sync reqs.txt",
        "uv add b",
        "conda install -y -c x c=1",
    ):
        assert second.run(*command.split(), env=env).returncode == 0
    calls = [(one["tool"], one["command"], one["requirements"]) for one in second.records("pip")]
    assert calls == [
        ("uv pip", "install", ["a"]),
        ("uv pip", "sync", ["pandas>=1", "inner", "-e ./pkg", "joined==1"]),
        ("uv", "add", ["b"]),
        ("conda", "install", ["c=1"]),
    ]
    assert second.run("uv", "pip", "list", env=env).stdout == "the real uv pip list\n"
    assert second.run("conda", "env", "list", env=env).stdout == "the real conda env list\n"


def test_the_rest_of_pip_is_the_real_one(ends: Guarded) -> None:
    text = """
        import pip
        from pip._internal.req import parse_requirements
        from pip._vendor import requests
        print(pip.__version__)
    """
    assert ends.script(text) == ends.script(text, env=PLAIN)


# --- the network -------------------------------------------------------------------------------------------

ATTEMPTS = {
    "socket.create_connection(('1.2.3.4', 80))": ("1.2.3.4", 80, "connect"),
    "socket.create_connection(('host.example', 80))": ("host.example", 80, "getaddrinfo"),
    "socket.create_connection((b'host.example', '80'))": ("host.example", "80", "getaddrinfo"),
    "socket.gethostbyname('bücher.example')": ("bücher.example", None, "gethostbyname"),
    "socket.socket().connect_ex(('1.2.3.4', 80))": ("1.2.3.4", 80, "connect"),
    "socket.socket(socket.AF_INET6).connect(('2001:db8::1', 80))": ("2001:db8::1", 80, "connect"),
    "socket.gethostbyname('host.example')": ("host.example", None, "gethostbyname"),
    "socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('8.8.8.8', 53))": ("8.8.8.8", 53, "sendto"),
    "urllib.request.urlopen('http://host.example/')": ("host.example", 80, "getaddrinfo"),
    "http.client.HTTPConnection('host.example', 443).request('GET', '/')": (
        "host.example",
        443,
        "getaddrinfo",
    ),
    "asyncio.run(asyncio.open_connection('host.example', 80))": ("host.example", 80, "getaddrinfo"),
    "asyncio.run(asyncio.open_connection('1.2.3.4', 80))": ("1.2.3.4", 80, "connect"),
}
ATTEMPT = """
import asyncio, errno, http.client, socket, urllib.error, urllib.request
try:
    {attempt}
except OSError as error:
    error = getattr(error, "reason", error)
    print(type(error).__name__, error)
"""


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_an_attempt_is_refused_and_noted(here: Guarded, attempt: str) -> None:
    host, port, call = ATTEMPTS[attempt]
    numeric = call in ("connect", "sendto")
    refused = "OSError [Errno 101] Network is unreachable"
    said = refused if numeric else "gaierror [Errno -3] Temporary failure in name resolution"
    for run in (lambda text: here.step(text).stdout, here.script):
        (here.folder / "record").write_text("")
        assert run(ATTEMPT.format(attempt=attempt)).strip() == said
        (record,) = here.records("network")
        assert record == {
            "what": "network",
            "host": host,
            "port": port,
            "call": call,
            "file": str(here.work / "script.py"),
            "line": 4,
        }


LOCAL = """
    import asyncio, http.server, socket, threading, urllib.request

    server = http.server.ThreadingHTTPServer(("", 0), http.server.SimpleHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    for host in ("127.0.0.1", "localhost", "127.1", "0.0.0.0"):
        socket.create_connection((host, port)).close()
    assert urllib.request.urlopen("http://localhost:%d/" % port).status == 200
    assert socket.getaddrinfo("8.8.8.8", 53) and socket.getaddrinfo(None, 53)
    assert asyncio.run(asyncio.open_connection("localhost", port))
    near, far = socket.socketpair()
    near.sendall(b"x")
    socket.socket(type=socket.SOCK_DGRAM).sendto(b"", ("127.0.0.1", port))
    server.shutdown()
    print("fine")
"""


def test_this_machine_can_be_talked_to(each: Guarded) -> None:
    assert each.script(LOCAL) == "fine\n"
    ended = each.step(LOCAL)
    assert ended.stdout == "fine\n", ended.stderr
    assert each.records("network") == []


def test_threads_forks_and_children_are_guarded(each: Guarded) -> None:
    text = """
        import multiprocessing, socket, subprocess, sys, threading

        def attempt(host):
            try:
                socket.create_connection((host, 1))
            except socket.gaierror:
                pass

        if __name__ == "__main__":
            threads = [threading.Thread(target=attempt, args=("thread.example",)) for _ in range(3)]
            [thread.start() for thread in threads], [thread.join() for thread in threads]
            for way in ("fork", "spawn"):
                child = multiprocessing.get_context(way).Process(target=attempt, args=(way + ".example",))
                child.start(), child.join()
            code = "import socket; socket.getaddrinfo('child.example', 1)"
            assert subprocess.run([sys.executable, "-c", code], stderr=subprocess.DEVNULL).returncode == 1
    """
    each.script(text)
    found = {(one["host"], one["line"]) for one in each.records("network")}
    assert found == {("thread.example", 6), ("fork.example", 6), ("spawn.example", 6), ("child.example", 1)}


def test_a_guard_survives_what_scripts_replace(each: Guarded) -> None:
    ended = each.step("""
        import builtins, os, socket
        def broken(*_, **__): raise RuntimeError
        os.open = os.write = os.fsdecode = broken
        builtins.isinstance = builtins.getattr = builtins.str = builtins.any = broken
        try:
            socket.socket().connect(("1.2.3.4", 1))
        except OSError as error:
            print(error.errno)
    """)
    assert ended.stdout == "101\n", ended.stderr
    assert [one["line"] for one in each.records("network")] == [7]


def test_a_step_with_network_is_let_through_and_its_installs_are_noted(here: Guarded) -> None:
    text = (
        "import socket, os\nos.system(': pip install a')\nprint(socket.socket().connect_ex(('127.0.0.9', 1)))"
    )
    ended = here.step(text + "\nsocket.socket(type=2).sendto(b'', ('192.0.2.1', 9))", network=True)
    assert ended.stdout == "111\n"
    assert here.records("network") == []
    assert [one["line"] for one in here.records("command")] == [2]
    online = guard_environment(PLAIN, here.folder, network=True)
    assert "sitecustomize" not in here.script("import sys, pip; print(list(sys.modules))", env=online)
    assert here.run(here.python, "-m", "pip", "install", "a", env=online).returncode == 0
    assert len(here.records("pip")) == 1


SEEN = """
    import sys
    print(sorted(name for name in sys.modules))
    print([path for path in sys.path if not path.endswith(("site", "empty"))], sys.flags, sys.argv)
    print(sorted(name for name in dir(sys)), sorted(dir(__builtins__)))
"""


def test_a_guarded_python_looks_like_a_plain_one(each: Guarded) -> None:
    (each.work / "empty").mkdir()
    plain = {**PLAIN, "PYTHONPATH": str(each.work / "empty")}
    assert each.script(SEEN) == each.script(SEEN, env=plain)
    assert each.script(SEEN) == each.script(SEEN, env=plain)  # and once the guard is kept compiled


def test_the_environment_keeps_its_own_sitecustomize(each: Guarded) -> None:
    site = next(Path(each.python).parents[1].glob("lib/python3*/site-packages"))
    (site / "sitecustomize.py").write_text("import sys\nsys.theirs = __file__\n")
    assert each.script("import sys, sitecustomize; print(sys.theirs == sitecustomize.__file__)") == "True\n"
    (site / "sitecustomize.py").write_text("1 / 0\n")
    plain = {**PLAIN, "PYTHONPATH": str(each.work)}
    assert each.run(each.python, "-c", "").stderr == each.run(each.python, "-c", "", env=plain).stderr


def test_nothing_is_done_once_the_record_is_gone(each: Guarded) -> None:
    (each.folder / "record").unlink()
    ended = each.run("pip", "install", "a")
    assert (ended.returncode, ended.stderr.count("\n")) == (0, 1)
    code = "import socket; print(socket.socket(type=2).connect_ex(('127.0.0.1', 1)))"
    assert each.run(each.python, "-c", code).stdout == "0\n"
    assert not (each.folder / "record").exists()


# --- the cost ----------------------------------------------------------------------------------------------


def fastest(times: Iterator[float]) -> float:
    return min(times)


def test_laying_it_out_and_the_hook_cost_little(here: Guarded, tmp_path: Path) -> None:
    def lay_outs() -> Iterator[float]:
        for number in range(20):
            started = time.perf_counter()
            lay_guard(tmp_path / str(number), here.python)
            yield time.perf_counter() - started

    assert fastest(lay_outs()) < 0.005
    text = """
        import sys, time
        started = time.perf_counter()
        for _ in range(100000):
            sys.audit("open", "a", "r", 0)
        print(time.perf_counter() - started)
    """
    assert fastest(float(here.step(text).stdout) for _ in range(3)) < 0.1  # a microsecond an event


def test_a_record_that_a_step_scribbled_in_is_read() -> None:
    lines: list[str | bytes] = [
        "\udcff",
        b"\xff",
        "[]",
        "{}",
        '{"what": 1}',
        '{"what": "pip"}',
        "[" * 100_000,
        '{"what": "pi',
    ]
    assert list(records_of(lines)) == [{"what": "pip"}]
