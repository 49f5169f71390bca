"""The graph of a Cursus DAG: its nodes and edges, and the edges made links.

An edge says only that one step comes after another. Which output goes to which input follows from the
interfaces: an output feeds an input of its own name, or one that its ``aliases`` name; nothing is linked by
similarity. Whatever else could be meant is for the user to say.
"""

from __future__ import annotations

import graphlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipetest.importers.cursus_interfaces import Interface, Port
from pipetest.pipeline import Fault, Input, Local, unknown_name
from pipetest.results import Finding, Severity

NODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-]*")
LISTED = 12  # candidates that a finding names
OF_SAGEMAKER = {  # what of a Local does nothing here
    "params": (
        "--param",
        "Write the value into the configuration, or set a variable: --env STEP.NAME=VALUE.",
    ),
    "code": ("--code", "Say where the scripts lie: --script-dir DIR."),
}


@dataclass(frozen=True, slots=True)
class Graph:
    """The nodes of a DAG in the order of the file, and its edges."""

    nodes: tuple[str, ...]
    edges: tuple[tuple[str, str], ...]

    def before(self, node: str) -> list[str]:
        """The steps that have an edge to a node."""
        return list(dict.fromkeys(source for source, target in self.edges if target == node))


def read_graph(document: Any, path: Path) -> tuple[Graph, list[Fault]]:
    """Nodes and edges, and all that is wrong with them."""
    file = str(path)
    dag = document.get("dag") if isinstance(document, dict) else None
    nodes = dag.get("nodes") if isinstance(dag, dict) else None
    edges = dag.get("edges", []) if isinstance(dag, dict) else None
    if not isinstance(nodes, list) or not isinstance(edges, list) or not nodes:
        hint = 'A DAG is {"dag": {"nodes": ["NAME", ...], "edges": [["FROM", "TO"], ...]}}.'
        return Graph((), ()), [Fault(f"{path.name} has no list of nodes, or no list of edges.", hint, file)]
    faults = [fault for index, node in enumerate(nodes) for fault in _wrong_node(index, node, nodes, file)]
    names = tuple(node for node in nodes if isinstance(node, str))
    faults += [fault for index, edge in enumerate(edges) for fault in _wrong_edge(index, edge, names, file)]
    if faults:
        return Graph((), ()), faults
    graph = Graph(names, tuple((edge[0], edge[1]) for edge in edges))
    return graph, cycle({node: graph.before(node) for node in names}, path, "the edges")


def _wrong_node(index: int, node: Any, nodes: list[Any], file: str) -> list[Fault]:
    if not isinstance(node, str) or not NODE.fullmatch(node):
        hint = "A node is a step type, or a step type and a job type: `TabularPreprocessing_training`."
        return [Fault(f"Node {index + 1} is {_shown(node)}, which is no name of a step.", hint, file)]
    if nodes.index(node) != index:
        return [Fault(f"The node `{node}` is listed twice.", "Take one of them out.", file)]
    return []


def _wrong_edge(index: int, edge: Any, nodes: Sequence[str], file: str) -> list[Fault]:
    if not isinstance(edge, list) or len(edge) != 2 or not all(isinstance(end, str) for end in edge):
        hint = 'An edge is a pair of nodes: ["FROM", "TO"].'
        return [Fault(f"Edge {index + 1} is {_shown(edge)}, which is no pair of nodes.", hint, file)]
    unknown = [end for end in edge if end not in nodes]
    return [replace(unknown_name(f"Edge {index + 1}", end, nodes, "the DAG"), file=file) for end in unknown]


def _shown(value: Any) -> str:
    text = json.dumps(value, default=str)
    return f"`{text if len(text) <= 60 else text[:57] + '...'}`"


def cycle(before: Mapping[str, Sequence[str]], path: Path, what: str) -> list[Fault]:
    """The fault of steps that wait for each other; none where there is an order."""
    try:
        graphlib.TopologicalSorter(before).prepare()
    except graphlib.CycleError as error:
        round_ = " -> ".join(reversed(error.args[1]))
        hint = f"Take one of {what} on the way out."
        return [Fault(f"The steps wait for each other in a circle: {round_}.", hint, str(path))]
    return []


# --- links -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bound:
    """The inputs of one step, what is to be said of them, and the steps that it must wait for besides."""

    inputs: tuple[Input, ...]
    findings: tuple[Finding, ...]
    needs: tuple[str, ...]


def bind(node: str, interfaces: Mapping[str, Interface], producers: Sequence[str], local: Local) -> Bound:
    """The inputs of a step, from the user's words, and else from the outputs of the steps before it."""
    inputs: list[Input] = []
    findings: list[Finding] = []
    freed: set[str] = set()  # steps that need not be waited for: their data is replaced, or done without
    for port in interfaces[node].inputs:
        candidates = matches(port, interfaces, producers)
        sources = {step for step, _ in candidates}
        given = _given(node, port, local)
        if given is not None:
            inputs.append(given)
            freed |= sources if given.path else set()
        elif not port.required and sources and not any(_runs(step, interfaces, local) for step in sources):
            freed |= sources  # what may be absent is not worth a step that cannot run here
        elif len(candidates) == 1:
            (step, output), optional = candidates[0], not port.required
            inputs.append(Input(port.name, step, output, container_path=port.path, optional=optional))
        elif candidates:
            findings.append(ambiguous_link(node, port, candidates))
        elif port.required and producers:
            findings.append(open_input(node, port, _offers(interfaces, producers)))
        elif port.required:
            inputs.append(Input(port.name, container_path=port.path))  # data from outside, asked for by a run
    linked = {one.from_step for one in inputs if one.from_step}
    needs = tuple(step for step in producers if step not in linked | freed)
    return Bound(tuple(inputs), tuple(findings), needs)


def _runs(step: str, interfaces: Mapping[str, Interface], local: Local) -> bool:
    return interfaces[step].job is not None or step in local.stubs


def matches(
    port: Port, interfaces: Mapping[str, Interface], producers: Sequence[str]
) -> list[tuple[str, str]]:
    """The outputs that an input's name means: those of the same name, or else those with it for an alias.

    Where there are several, those of step types that the input lists as its ``compatible_sources``.
    """
    same = [(step, one) for step, one in _outputs(interfaces, producers) if one.name == port.name]
    wanted = port.name.lower()  # upstream compares aliases without regard to case
    found = same or [
        (step, one)
        for step, one in _outputs(interfaces, producers)
        if wanted in (alias.lower() for alias in one.aliases)
    ]
    if len(found) > 1:  # the consumer may say whom it takes: that decides between equals, and nothing else
        found = [pair for pair in found if _is_source(interfaces[pair[0]], port)] or found
    return [(step, one.name) for step, one in found]


def _is_source(producer: Interface, port: Port) -> bool:
    return producer.step_type in port.sources or producer.variant in port.sources


def _outputs(interfaces: Mapping[str, Interface], producers: Sequence[str]) -> Iterator[tuple[str, Port]]:
    return ((step, output) for step in producers for output in interfaces[step].outputs)


def _offers(interfaces: Mapping[str, Interface], producers: Sequence[str]) -> list[tuple[str, str]]:
    return [(step, output.name) for step, output in _outputs(interfaces, producers)]


def _given(node: str, port: Port, local: Local) -> Input | None:
    """What the user said of an input: a path, or an output."""
    key, optional = f"{node}.{port.name}", not port.required
    if key in local.data:
        path = local.data[key].absolute()
        return Input(port.name, path=path, container_path=port.path, optional=optional)
    if key in local.links:
        step, _, output = local.links[key].partition(".")
        return Input(port.name, step, output, container_path=port.path, optional=optional)
    return None


# --- findings ----------------------------------------------------------------------------------------------


def ambiguous_link(node: str, port: Port, candidates: list[tuple[str, str]]) -> Finding:
    """``ambiguous-link``: more than one output is declared to feed an input."""
    listed = " and ".join(f"{step}.{output}" for step, output in candidates[:LISTED])
    does = "" if port.required else "; it is optional, and was left out"
    message = f"The input `{port.name}` of {node} could come from {listed}{does}."
    hint = f"Say which: {_options(node, port, candidates)}."
    severity = Severity.ERROR if port.required else Severity.WARNING
    return Finding("ambiguous-link", severity, node, message, hint)


def open_input(node: str, port: Port, offers: list[tuple[str, str]]) -> Finding:
    """``open-input``: no output before the step has the name of its input, or declares it as an alias."""
    data = f"--data {node}.{port.name}=PATH"
    listed = ", ".join(f"{step}.{output}" for step, output in offers[:LISTED]) or "they have none"
    message = f"Nothing feeds the input `{port.name}` of {node}: no output before it has that name or alias"
    message += f" ({listed})."
    bind = f"Bind it: {_options(node, port, offers)}; or name" if offers else "Name"
    hint = f"{bind} data for it: {data}."
    return Finding("open-input", Severity.ERROR, node, message, hint)


def _options(node: str, port: Port, candidates: list[tuple[str, str]]) -> str:
    return " or ".join(f"--link {node}.{port.name}={step}.{output}" for step, output in candidates[:LISTED])


# --- what the user asked for -------------------------------------------------------------------------------


def wrong_names(dag: Path, interfaces: Mapping[str, Interface], local: Local) -> list[Fault]:
    """The faults of options that name inputs and outputs that are not there, or are of no use here."""
    faults = [
        Fault(f"{option} is for a definition of SageMaker, which {dag.name} is not.", hint, str(dag))
        for key, (option, hint) in OF_SAGEMAKER.items()
        if getattr(local, key)
    ]
    for key in local.data:
        if "://" not in key:
            faults += _wrong_port("--data", key, interfaces, "inputs")
    for key, value in local.links.items():
        faults += _wrong_port("--link", key, interfaces, "inputs")
        faults += _wrong_port("--link", value, interfaces, "outputs")
    return faults


def _wrong_port(option: str, text: str, interfaces: Mapping[str, Interface], side: str) -> Iterator[Fault]:
    step, dot, name = text.partition(".")
    if not dot:
        hint = "--link CONSUMER.INPUT=PRODUCER.OUTPUT" if option == "--link" else "--data STEP.INPUT=PATH"
        yield Fault(f"{option} has `{text}`, which names no step and port.", f"Write it as {hint}.")
    elif step not in interfaces:
        yield unknown_name(option, step, list(interfaces), "the DAG")
    else:
        ports = interfaces[step].inputs if side == "inputs" else interfaces[step].outputs
        known = [port.name for port in ports]
        if name not in known:
            yield unknown_name(option, name, known, f"the step {step} (its {side})")
