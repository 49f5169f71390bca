"""The interfaces of Cursus steps (``*.step.yaml``): where they lie, which one a node means, what it says."""

from __future__ import annotations

import difflib
import importlib.util
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pipetest.pipeline import Fault

JOBS = {"Processing": "processing", "Training": "training"}
LEVELS = 6  # folders above the DAG that are searched
WALKED = 2000  # folders that a search looks into, at most
DEPTH = 5
PASSED_OVER = frozenset(("node_modules", "__pycache__", "site-packages", "venv", "env", "build", "dist"))
STEP_TYPE = re.compile(r"""^\{?["']?step_type["']?:\s*["']?([A-Za-z0-9_]+)""", re.MULTILINE)
JOB_TYPE = re.compile(r"[a-z][a-z0-9_]*")


class MalformedError(Exception):
    """An interface is not what an interface is."""


@dataclass(frozen=True, slots=True)
class Port:
    """A named input or output of a step."""

    name: str
    path: str | None = None  # in the container
    required: bool = True
    aliases: tuple[str, ...] = ()  # of an output: the names of inputs that it is for
    sources: tuple[str, ...] = ()  # of an input: the step types that may feed it


@dataclass(frozen=True, slots=True)
class Interface:
    """What a step of one type, and of one job type, takes, gives and needs."""

    step_type: str
    path: Path
    job_type: str | None = None
    sagemaker_type: str = "Processing"
    entry_point: str | None = None
    ships_folder: bool = False  # its script comes with the files beside it
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    required_env: tuple[str, ...] = ()
    optional_env: Mapping[str, str] = field(default_factory=dict)
    job_arguments: tuple[tuple[str, str], ...] = ()  # flag, the field of the configuration that has its value
    arguments: tuple[str, ...] = ()  # flags that it only describes
    variant: str | None = None  # what its variant is called: TYPE_Training

    @property
    def job(self) -> str | None:
        """Whose container its script sees: "processing" or "training"; None: there is no script to run."""
        return JOBS.get(self.sagemaker_type) if self.entry_point else None


# --- where they lie ----------------------------------------------------------------------------------------


def find(dag: Path, folders: tuple[Path, ...]) -> dict[str, Path]:
    """Each step type with its interface: of the given folders, or else of the nearest that has any."""
    if folders:
        return _index(path for folder in folders for path in _near(folder))
    above = list(_above(dag))
    for folder in above:
        found = _index(_near(folder))
        if found:
            return found
    below = _index(path for place in _walk(above[-1]) for path in _files(place))
    installed = _installed()
    return below or (_index(_files(installed)) if installed else {})


def _above(dag: Path) -> Iterator[Path]:
    """The folder of the DAG and those above it, up to the top of the repository."""
    start = dag.absolute().parent
    for folder in [start, *start.parents][: LEVELS + 1]:
        yield folder
        if (folder / ".git").exists():
            return


def _near(folder: Path) -> Iterator[Path]:
    """The interfaces in a folder, or where those of a package or project lie below it."""
    for name in ("", "interfaces", "steps/interfaces", "src/interfaces", "src/steps/interfaces"):
        yield from _files(folder / name)


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.glob("*.step.yaml") if path.is_file())
    except OSError:
        return []


def _walk(top: Path) -> Iterator[Path]:
    """Folders called ``interfaces`` below the top, nearest first in the order of the disk; bounded."""
    if not (top / ".git").exists():
        return  # the top of nothing: below it may lie the whole disk
    for seen, (root, folders, _) in enumerate(os.walk(top)):
        depth = len(Path(root).relative_to(top).parts)
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in PASSED_OVER)
        if Path(root).name == "interfaces":
            yield Path(root)
        if depth >= DEPTH:
            folders.clear()
        if seen > WALKED:
            return


def _installed() -> Path | None:
    """The interfaces of an installed ``cursus``, found without importing it."""
    try:
        spec = importlib.util.find_spec("cursus")
    except (ImportError, ValueError):
        return None
    places = spec.submodule_search_locations if spec else None
    return Path(next(iter(places))) / "steps" / "interfaces" if places else None


def _index(paths: Iterable[Path]) -> dict[str, Path]:
    """Step types by what the first lines say: only what a node needs is read as YAML."""
    found: dict[str, Path] = {}
    for path in paths:
        try:
            match = STEP_TYPE.search(path.read_text(encoding="utf-8", errors="replace"))
        except OSError:
            continue
        found.setdefault(match[1] if match else path.name.removesuffix(".step.yaml"), path)
    return found


# --- which one a node means --------------------------------------------------------------------------------


def split_node(node: str, types: Mapping[str, Path]) -> tuple[str, str | None] | None:
    """The step type and the job type that a node's name is made of; None where it is neither."""
    if node in types:
        return node, None
    for step_type in sorted(types, key=len, reverse=True):
        rest = node.removeprefix(f"{step_type}_")
        if rest != node and JOB_TYPE.fullmatch(rest):
            return step_type, rest
    return None


def unknown_step(node: str, types: Mapping[str, Path], dag: str) -> Fault:
    """The fault of a node that no interface is for."""
    near = difflib.get_close_matches(node.partition("_")[0], list(types), 1, 0.5)
    message = f"No interface says what the node `{node}` is."
    if not types:
        hint = "No *.step.yaml was found: name the folder that holds them with --interfaces DIR."
    elif near and near[0] == types[near[0]].name.removesuffix(".step.yaml"):  # known by its file's name alone
        hint = f"{types[near[0]]} says no `step_type`: mend it, or name another folder with --interfaces DIR."
    elif near:
        hint = f"The nearest step type is `{near[0]}`; if it has an interface elsewhere: --interfaces DIR."
    else:
        hint = f"Looked through {len(types)} interfaces; name the folder that has it with --interfaces DIR."
    return Fault(message, hint, dag)


# --- what it says ------------------------------------------------------------------------------------------


def read(path: Path, step_type: str, job_type: str | None) -> Interface:
    """The interface of a step, with what its variant changes. Raises MalformedError."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where libyaml is there
    try:
        data = yaml.load(path.read_bytes(), loader)
    except (OSError, yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        at = f" at line {mark.line + 1}" if mark else ""
        raise MalformedError(
            f"{path.name} cannot be read{at}: {getattr(error, 'problem', None) or error}"
        ) from error
    if not isinstance(data, dict):
        raise MalformedError(f"{path.name} holds no mapping")
    variants = _mapping(data, "variants", path)
    variant = _mapping(variants, job_type, path) if job_type in variants else {}
    merged = merge(data, {key: variant[key] for key in ("contract", "spec", "patterns") if variant.get(key)})
    called = variant.get("step_type")
    return replace(_interface(merged, path, step_type, job_type), variant=str(called) if called else None)


def merge(base: Any, over: Any) -> Any:
    """``over`` laid over ``base``, mapping by mapping; anything else replaces what was there."""
    if not isinstance(base, dict) or not isinstance(over, dict):
        return over
    return {**base, **{key: merge(base.get(key), value) for key, value in over.items()}}


def _interface(data: dict[Any, Any], path: Path, step_type: str, job_type: str | None) -> Interface:
    contract, spec = _mapping(data, "contract", path), _mapping(data, "spec", path)
    registry = _mapping(data, "registry", path)
    env = _mapping(contract, "env_vars", path)
    entry_point = contract.get("entry_point")
    if entry_point is not None and not isinstance(entry_point, str):
        raise MalformedError(f"{path.name}: `entry_point` is not a name")
    kind = registry.get("sagemaker_step_type") or ("Processing" if entry_point else "no script")
    return Interface(
        step_type,
        path,
        job_type,
        str(kind),
        entry_point,
        bool(contract.get("source_dir")) or kind == "Training",
        tuple(_inputs(contract, spec, path)),
        tuple(_outputs(contract, spec, path)),
        tuple(str(name) for name in _list(env, "required", path)),
        {str(name): text_of(value) for name, value in _mapping(env, "optional", path).items()},
        tuple(_job_arguments(contract, path)),
        tuple(f"--{name}".replace("----", "--") for name in _mapping(contract, "arguments", path)),
    )


def _inputs(contract: dict[Any, Any], spec: dict[Any, Any], path: Path) -> Iterator[Port]:
    ports, dependencies = _mapping(contract, "inputs", path), _mapping(spec, "dependencies", path)
    skipped = set(map(str, _list(contract, "skip_inputs", path)))  # the script finds these by itself
    for name in dict.fromkeys([*ports, *dependencies]):
        if str(name) in skipped:
            continue
        port, dependency = _mapping(ports, name, path), _mapping(dependencies, name, path)
        required = dependency.get("required", port.get("required", True))  # the builder goes by the spec
        sources = tuple(str(one) for one in _list(dependency, "compatible_sources", path))
        yield Port(str(name), _path(port, name, path), required is not False, sources=sources)


def _outputs(contract: dict[Any, Any], spec: dict[Any, Any], path: Path) -> Iterator[Port]:
    ports, declared = _mapping(contract, "outputs", path), _mapping(spec, "outputs", path)
    for name in dict.fromkeys([*ports, *declared]):
        port, output = _mapping(ports, name, path), _mapping(declared, name, path)
        aliases = tuple(str(alias) for alias in _list(output, "aliases", path))
        yield Port(str(name), _path(port, name, path), port.get("required", True) is not False, aliases)


def _path(port: dict[Any, Any], name: Any, path: Path) -> str | None:
    place = port.get("path")
    if place is not None and (not isinstance(place, str) or not place.startswith("/") or "\0" in place):
        raise MalformedError(f"{path.name}: the `path` of `{name}` is no absolute path in a container")
    return place.rstrip("/") or None if place else None


def _job_arguments(contract: dict[Any, Any], path: Path) -> Iterator[tuple[str, str]]:
    for one in _list(contract, "job_arguments", path):
        flag = one.get("flag") if isinstance(one, dict) else one
        if not isinstance(flag, str) or not flag.startswith("-"):
            raise MalformedError(f"{path.name}: an entry of `job_arguments` has no `flag` like --name")
        yield flag, str(one.get("source") or "") if isinstance(one, dict) else ""


def text_of(value: Any) -> str:
    """A scalar as a builder writes it into an environment: booleans in small letters."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _mapping(data: Mapping[Any, Any], key: Any, path: Path) -> dict[Any, Any]:
    value = data.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise MalformedError(f"{path.name}: `{key}` is not a mapping")
    return value


def _list(data: Mapping[Any, Any], key: str, path: Path) -> list[Any]:
    value = data.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise MalformedError(f"{path.name}: `{key}` is not a list")
    return value
