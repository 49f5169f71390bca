"""A DAG of Cursus, with the interfaces of its steps and, where there is one, its configuration."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pipetest.contract_checks import Contract, assumed_argument, judge
from pipetest.contracts import Uses, observe
from pipetest.importers import cursus_interfaces
from pipetest.importers.cursus_graph import Bound, Graph, bind, cycle, read_graph, wrong_names
from pipetest.importers.cursus_interfaces import Interface, MalformedError
from pipetest.pipeline import Fault, Local, Output, Pipeline, PipelineError, Step
from pipetest.results import Finding

CODE_PATHS = {"processing": "/opt/ml/processing/input/code", "training": "/opt/ml/code"}
ARCHIVES = {"/opt/ml/model": "model.tar.gz", "/opt/ml/output/data": "output.tar.gz"}  # of a training job
CONFIG_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where things are looked for."""

    dag: Path
    local: Local
    config: Mapping[str, Any] = field(default_factory=dict)  # `configuration` of the configuration file


def recognizes(document: Any) -> bool:
    """Whether a document is a Cursus DAG. What a DAG must have is for ``read`` to miss."""
    return isinstance(document, dict) and isinstance(document.get("dag"), dict)


def read(document: dict[str, Any], path: Path, local: Local) -> Pipeline:
    """The pipeline that a DAG describes. Raises PipelineError with all that makes it unreadable."""
    graph, faults = read_graph(document, path)
    if faults:
        raise PipelineError(faults)
    interfaces, faults = _interfaces(graph, path, local)
    faults += wrong_names(path, interfaces, local) if not faults else []
    if faults:
        raise PipelineError(faults)
    place = Place(path, local, _configuration(path, graph.nodes))
    bound = {node: bind(node, interfaces, graph.before(node), local) for node in graph.nodes}
    steps = [_step(node, interfaces[node], bound[node], place) for node in graph.nodes]
    faults = cycle({step.name: sorted(step.upstream()) for step in steps}, path, "the edges or --link")
    if faults:
        raise PipelineError(faults)
    return Pipeline(_name(document, path), tuple(_softened(steps)), path)


def _name(document: dict[str, Any], path: Path) -> str:
    metadata = document.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return name if isinstance(name, str) and name else path.name.removesuffix(".json").removesuffix(".dag")


# --- the interfaces ----------------------------------------------------------------------------------------


def _interfaces(graph: Graph, path: Path, local: Local) -> tuple[dict[str, Interface], list[Fault]]:
    """The interface of each node, and what keeps a node from having one."""
    types = cursus_interfaces.find(path, local.interfaces)
    found: dict[str, Interface] = {}
    faults: list[Fault] = []
    for node in graph.nodes:
        parts = cursus_interfaces.split_node(node, types)
        if parts is None:
            faults.append(cursus_interfaces.unknown_step(node, types, str(path)))
            continue
        try:
            found[node] = cursus_interfaces.read(types[parts[0]], *parts)
        except MalformedError as error:
            hint = "Correct the interface; `contract` and `spec` are mappings, as in the others."
            faults.append(Fault(f"{error}.", hint, str(types[parts[0]])))
    return found, list(dict.fromkeys(faults))


# --- the configuration -------------------------------------------------------------------------------------


def _configuration(dag: Path, nodes: Sequence[str]) -> Mapping[str, Any]:
    """The configuration beside the DAG, if exactly one file there is one for its nodes."""
    found = []
    for path in sorted(dag.parent.glob("*.json")):
        with suppress(OSError, ValueError, RecursionError):
            if path == dag or path.stat().st_size > CONFIG_BYTES:
                continue
            document = json.loads(path.read_bytes())
            part = document.get("configuration") if isinstance(document, dict) else None
            specific = part.get("specific") if isinstance(part, dict) else None
            if isinstance(specific, dict) and specific.keys() & set(nodes):
                found.append(part)
    return found[0] if len(found) == 1 and isinstance(found[0], dict) else {}


def _fields(node: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a step: its own over those that all share."""
    specific = config.get("specific")
    parts = (config.get("shared"), specific.get(node) if isinstance(specific, dict) else None)
    return {str(key): value for part in parts if isinstance(part, dict) for key, value in part.items()}


def _values(fields: Mapping[str, Any]) -> dict[str, str]:
    """What the fields are for certain as variables: scalars, by their names in small letters."""
    scalars = {name: value for name, value in fields.items() if isinstance(value, str | int | float)}
    return {name.lower(): cursus_interfaces.text_of(value) for name, value in scalars.items()}


# --- a step ------------------------------------------------------------------------------------------------


def _step(node: str, interface: Interface, bound: Bound, place: Place) -> Step:
    fields = _fields(node, place.config)
    stub = place.local.stubs.get(node)
    job = interface.job
    step = Step(
        node,
        inputs=bound.inputs,
        outputs=tuple(_output(port, job) for port in interface.outputs),
        needs=bound.needs,
        stub=stub.absolute() if stub else None,
        findings=() if stub else bound.findings,  # what is not run needs nothing
    )
    if job is None:
        return _without_script(step, interface)
    return _with_script(step, interface, fields, place, job)


def _output(port: cursus_interfaces.Port, job: str | None) -> Output:
    archive = ARCHIVES.get(port.path or "") if job == "training" else None
    return Output(port.name, port.path, archive, optional=not port.required)


def _without_script(step: Step, interface: Interface) -> Step:
    """A step that the service does by itself: something to record, or a container that is not here."""
    kind = interface.sagemaker_type
    if kind == "CreateModel" or "Registration" in kind or "RegisterModel" in kind:
        return replace(step, kind="record", says=kind)
    says = f"{kind} is done by the service, without a script"
    if kind in cursus_interfaces.JOBS:
        says = f"the interface {interface.path.name} names no script (`entry_point`)"
    return replace(step, kind="container", says=says)


def _with_script(step: Step, interface: Interface, fields: Mapping[str, Any], place: Place, job: str) -> Step:
    env, unset = _environment(step.name, interface, fields, place.local)
    passed = _arguments(interface, fields)
    script, looked_for = _script(interface, fields, place, job)
    source_dir = _source_dir(script, interface, fields, job) if script and interface.ships_folder else None
    findings: list[Finding] = []
    if script and step.stub is None:
        uses = observe(script)
        assumed = _assumed(interface, passed, uses)
        passed = {**passed, **assumed}
        findings = judge(step.name, _contract(step, interface, unset, passed), uses)
        findings += [assumed_argument(step.name, *pair, uses) for pair in assumed.items() if uses]
    return replace(
        step,
        script_path=script,
        looked_for=looked_for,
        args=tuple(word for pair in passed.items() for word in pair if word is not None),
        env=env,
        entry="script",
        job=job,
        source_dir=source_dir,
        code_path=CODE_PATHS[job],
        working_dir=CODE_PATHS[job] if interface.ships_folder else None,
        findings=(*step.findings, *findings),
    )


def _environment(
    node: str, interface: Interface, fields: Mapping[str, Any], local: Local
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The variables of a step, and those that it requires and that nothing sets."""
    values = _values(fields)
    names = [*interface.optional_env, *interface.required_env]
    extra = fields["env"] if isinstance(fields.get("env"), dict) else {}
    env = {
        **interface.optional_env,
        **{name: values[name.lower()] for name in names if name.lower() in values},
        **{str(name): cursus_interfaces.text_of(value) for name, value in extra.items()},
        **local.env.get(node, {}),
    }
    by_container = "SM_" if interface.job == "training" else "SAGEMAKER_"
    unset = (name for name in interface.required_env if name not in env)
    return env, tuple(name for name in unset if not name.startswith(by_container))


def _arguments(interface: Interface, fields: Mapping[str, Any]) -> dict[str, str | None]:
    """The arguments of known value: the job type by the node's name, others by the configuration."""
    values = _values(fields)
    if interface.job_type:
        values.setdefault("job_type", interface.job_type)
    given: dict[str, str | None] = {}
    for flag, source in interface.job_arguments:
        if isinstance(fields.get(source), bool):
            given.update({flag: None} if fields[source] else {})  # a bare flag, or none
        elif source.lower() in values:
            given[flag] = values[source.lower()]
    return given


def _assumed(interface: Interface, passed: Mapping[str, str | None], uses: Uses | None) -> dict[str, str]:
    """The job type of a node that has none, where the script demands one: a class upstream has it."""
    parser = uses.parser if uses else None
    found: dict[str, str] = {}
    for flag, source in interface.job_arguments:
        argument = parser.takes(flag) if parser and source == "job_type" and flag not in passed else None
        if argument and argument.required:
            known = "training" in argument.choices or not argument.choices
            found[flag] = "training" if known else argument.choices[0]
    return found


def _script(
    interface: Interface, fields: Mapping[str, Any], place: Place, job: str
) -> tuple[Path | None, tuple[Path, ...]]:
    """The script of a step, or where it was looked for."""
    name = _entry_point(interface, fields, job)
    sources = [fields.get(f"{job}_source_dir"), fields.get("source_dir")]
    folders = [
        *place.local.script_dirs,
        *(place.dag.parent / one for one in sources if isinstance(one, str) and "://" not in one),
        interface.path.parent.parent / "scripts",
        interface.path.parent / "scripts",
        place.dag.parent / "scripts",
    ]
    looked_for = tuple(dict.fromkeys((folder / name).absolute() for folder in folders))
    found = next((path for path in looked_for if path.is_file()), None)
    return found, () if found else looked_for


def _source_dir(script: Path, interface: Interface, fields: Mapping[str, Any], job: str) -> Path:
    """The folder that is shipped: of a training job the one that its entry point is named in."""
    depth = len(Path(_entry_point(interface, fields, job)).parts) if job == "training" else 1
    return script.parents[depth - 1]


def _entry_point(interface: Interface, fields: Mapping[str, Any], job: str) -> str:
    configured = fields.get(f"{job}_entry_point")
    return configured if isinstance(configured, str) and configured else interface.entry_point or ""


def _contract(
    step: Step, interface: Interface, unset: tuple[str, ...], passed: Mapping[str, str | None]
) -> Contract:
    given = {one.name for one in step.inputs}
    return Contract(
        unset,
        {port.name: port.name in given for port in interface.inputs if not port.required},
        passed,
        tuple(dict.fromkeys([*(flag for flag, _ in interface.job_arguments), *interface.arguments])),
        {port.name: port.path for port in interface.outputs},
        {port.name: port.path for port in interface.inputs},
    )


def _softened(steps: list[Step]) -> list[Step]:
    """What a stub stands in for need hold only what is read later."""
    read_later = {(one.from_step, one.from_output) for step in steps for one in step.inputs}

    def softened(step: Step) -> Step:
        outputs = (replace(one, optional=(step.name, one.name) not in read_later) for one in step.outputs)
        return replace(step, outputs=tuple(outputs))

    return [softened(one) if one.stub or one.kind in ("container", "record") else one for one in steps]
