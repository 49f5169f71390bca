"""The graph of a Cursus DAG: its nodes and edges, and all that can be wrong with them."""

from __future__ import annotations

import graphlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipetest.pipeline import Fault, unknown_name

NODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-]*")


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
