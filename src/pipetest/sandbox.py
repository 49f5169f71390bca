"""What one attempt of a step sees: its folders, copies of its inputs, its environment; and what came out."""

from __future__ import annotations

import os
import re
import site
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pipetest import containers
from pipetest.pipeline import Input, Output, Step, fill
from pipetest.sandbox_files import copy_file, copy_folder, unmatched, walk

# What a step gets from the shell; all else must be asked for by `env` or `pass_env`.
PASSED = ("PATH", "LANG", "LANGUAGE", "TZ", "SYSTEMROOT")
PASSED_PREFIXES = ("LC_", "LD_LIBRARY", "DYLD_")  # what an interpreter may need to start
# Threads of the libraries that start their own: they must share the cores with the other jobs.
THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "POLARS_MAX_THREADS",
    "RAYON_NUM_THREADS",
)
# Variables that interpreters and libraries read when they start or are imported.
READ_AT_IMPORT = re.compile(
    r"PYTHON|OMP_|GOMP_|KMP_|MKL|OPENBLAS|BLIS|GOTO_|VECLIB|NUMEXPR|NUMBA|NPY_|NUMPY|CUDA|NVIDIA|TF_|XLA_|JAX|TORCH"
    r"|PYTORCH|HF_|TRANSFORMERS|KERAS|MPL|MODIN|PANDAS|POLARS|RAYON|ARROW|SKLEARN|SCIPY|JOBLIB|LOKY|RAY_|DASK|SPARK"
    r"|LD_|DYLD_|GLIBC|MALLOC|LC_|LANG|TZ$|DISPLAY$|QT_|AWS_|SAGEMAKER|SETUPTOOLS|PATH$"
)
SECRET = re.compile(r"SECRET|TOKEN|PASSWORD|PASSWD|API_?KEY|ACCESS_KEY|PRIVATE_KEY|CREDENTIAL", re.IGNORECASE)


class SandboxError(Exception):
    """The sandbox could not be made: no space, no permission. Not the step's fault."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Where one attempt of a step lives."""

    root: Path
    work: Path  # its current directory
    log: Path
    inputs: Mapping[str, Path]
    outputs: Mapping[str, Path]
    env: Mapping[str, str]
    tree: Path | None = None  # what the step sees as /opt/ml
    values: Mapping[str, str] = field(default_factory=dict)
    told: frozenset[str] = frozenset()  # variables that the platform sets, and the step does not

    def seen(self, path: Path) -> str:
        """What the step calls a path."""
        if self.tree and path.is_relative_to(self.tree):
            return str(containers.ML / path.relative_to(self.tree))
        return str(path)

    def fill(self, text: str) -> str:
        """``text`` with ``{inputs.NAME}``, ``{outputs.NAME}`` and ``{values.NAME}`` replaced."""
        paths = {"inputs": self.inputs, "outputs": self.outputs}
        seen = {kind: {name: self.seen(path) for name, path in of.items()} for kind, of in paths.items()}
        return fill(text, {**seen, "values": self.values})


def base_environment(python: str, jobs: int) -> dict[str, str]:
    """What every step of an interpreter gets: a clean environment, and its share of the cores."""
    env = {
        key: value for key, value in os.environ.items() if key in PASSED or key.startswith(PASSED_PREFIXES)
    }
    folder = os.path.dirname(python)  # noqa: PTH120 (a link must stay a link: it is the environment's)
    env["PATH"] = os.pathsep.join(filter(None, [folder, env.get("PATH", os.defpath)]))
    if not env.keys() & {"LC_ALL", "LC_CTYPE", "LANG"}:
        env["LC_CTYPE"] = "C.UTF-8"  # as Python sets it for itself (PEP 538), so that all steps see the same
    if os.path.isdir(site.getusersitepackages()):  # noqa: PTH112
        env["PYTHONUSERBASE"] = site.getuserbase()  # what was installed with `pip --user` goes by HOME
    share = str(max(1, (os.cpu_count() or 1) // jobs))
    env.update(dict.fromkeys(THREADS, share), OMP_WAIT_POLICY="passive")
    return {**env, "PYTHONDONTWRITEBYTECODE": "1"}  # nothing is written beside the user's scripts


def is_read_at_import(env: Mapping[str, str], base: Mapping[str, str]) -> list[str]:
    """The variables that libraries read when imported, and that differ from what the worker started with."""
    differing = (name for name in env.keys() | base.keys() if env.get(name) != base.get(name))
    return sorted(name for name in differing if READ_AT_IMPORT.match(name))


def secrets_of(step: Step) -> frozenset[str]:
    """The values of the step's variables whose names look secret."""
    passed = {name: os.environ.get(name, "") for name in step.pass_env}
    values = {value for name, value in {**passed, **step.env}.items() if SECRET.search(name)}
    return frozenset(value for value in values if len(value) > 3)


def declared_environment(step: Step) -> dict[str, str]:
    """What the step itself asks for: variables passed on from the shell, and its own."""
    passed = {name: os.environ[name] for name in step.pass_env if name in os.environ}
    return {**passed, **step.env}


def lay_out(
    step: Step,
    root: Path,
    sources: Mapping[str, Path],
    base: Mapping[str, str],
    values: Mapping[str, str],
) -> Sandbox:
    """Make the folders of one attempt and copy its inputs. ``sources`` says where each input lies.

    ``values`` are those of the step, as text. Raises SandboxError when the disk refuses, FileNotFoundError
    for an input that is not there, PermissionError for one that may not be read.
    """
    tree = root / "ml" if containers.job_of(step) else None
    try:
        for name in ("inputs", "outputs", "work", "home", "tmp"):
            (root / name).mkdir(parents=True, exist_ok=True)
        inside = containers.lay_tree(step, tree, sources, root.parents[2]) if tree else {}
        inputs = inside | {
            one.name: _place_input(one, root, sources[one.name])
            for one in step.inputs
            if one.name in sources and one.name not in inside
        }
        outputs = {one.name: _place_output(one, root, tree) for one in step.outputs}
    except FileNotFoundError:
        raise
    except OSError as error:
        if isinstance(error, PermissionError) and not str(error.filename).startswith(str(root)):
            raise
        raise SandboxError(
            f"the sandbox of {step.name} cannot be made in {root}: {error.strerror or error}"
            f"{f' ({error.filename})' if error.filename else ''}"
        ) from error
    own = {"HOME": str(root / "home"), "TMPDIR": str(root / "tmp")}
    sandbox = Sandbox(root, root / "work", root / "log.txt", inputs, outputs, {}, tree, values)
    declared = {key: sandbox.fill(value) for key, value in declared_environment(step).items()}
    told = _told_by_platform(step, tree) if tree else {}
    env = {**base, **own, **told, **declared}
    return replace(sandbox, env=env, told=frozenset(told.keys() - declared.keys()))


def _told_by_platform(step: Step, tree: Path) -> dict[str, str]:
    """The variables that a container has besides the step's own."""
    from pipetest.jobs import variables  # late: most runs have no container

    return variables(step, tree)


def _place_input(one: Input, root: Path, source: Path) -> Path:
    """Copy an input: a folder as the folder of its name, a file into it."""
    place = root / "inputs" / one.name
    own = one.from_step is None
    if source.is_dir():
        copy_folder(source, place, own, (root.parents[2],))  # but not the workspace that we are copying into
        return place
    place.mkdir(parents=True)
    copy_file(source, place / source.name)
    return place / source.name


def _place_output(one: Output, root: Path, tree: Path | None) -> Path:
    if tree and one.container_path:
        return containers.place(tree, one.container_path)
    place = root / "outputs" / one.name
    (place.parent if one.is_file else place).mkdir(parents=True, exist_ok=True)
    return place


def collect(output: Output, path: Path) -> dict[str, Any]:
    """What came out under one promised output: facts for ``checks.judge_outputs`` and the report."""
    entries = list(walk(path))
    files = {name: status for name, status in entries if stat.S_ISREG(status.st_mode)}
    links = [name for name, status in entries if stat.S_ISLNK(status.st_mode)]
    if output.is_file and path.is_dir():
        files = {}  # a folder in the place of the file that was promised
    size = sum(status.st_size for status in files.values())
    return {
        "path": str(path),
        "exists": os.path.lexists(path) and output.is_file == (not path.is_dir()),
        "files": len(files) if size else 0,  # empty files alone are nothing to hand on
        "bytes": size,
        "names": shortened(sorted(files)),
        "links": shortened(links),
        "unmatched": shortened(unmatched(output.files, files)),
    }


def shortened(names: Sequence[str]) -> str:
    """A few names, for a message."""
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more


def describe_inputs(inputs: Mapping[str, Path]) -> dict[str, dict[str, Any]]:
    """Files and bytes of each input, for the report and for the message of a failure."""
    described = {}
    for name, path in inputs.items():
        found = [(file, status.st_size) for file, status in walk(path)]
        described[name] = {
            "path": str(path),
            "files": len(found),
            "bytes": sum(size for _, size in found),
            "names": shortened(sorted(file for file, _ in found)),
        }
    return described


LOG_LIMIT = 10_000_000  # bytes of a log that are kept: a tenth from its beginning, the rest from its end


def trim_log(log: Path, secrets: frozenset[str]) -> None:
    """Bound the size of a log, and mask secret values in it."""
    size = log.stat().st_size if log.exists() else 0
    if size <= LOG_LIMIT and not secrets:
        return
    data = _ends(log, size)
    for secret in sorted(secrets, key=len, reverse=True):
        data = data.replace(secret.encode("utf-8", "surrogateescape"), b"***")
    log.write_bytes(data)


def _ends(log: Path, size: int) -> bytes:
    with log.open("rb") as file:
        if size <= LOG_LIMIT:
            return file.read()
        head = file.read(LOG_LIMIT // 10)
        file.seek(-LOG_LIMIT * 9 // 10, os.SEEK_END)
        cut = f"\n... {size - LOG_LIMIT:,} bytes of the log were left out by pipetest ...\n".encode()
        return head + cut + file.read()


def read_tail(log: Path, size: int = 20_000) -> str:
    """The end of a log as text."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - size))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""
