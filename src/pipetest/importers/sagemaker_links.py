"""Which input of a step is the output of another, where places in S3 are texts, and what runs before what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

from pipetest.importers.declarations import needs_of
from pipetest.importers.expressions import Definition, names_of_steps
from pipetest.importers.judgements import unordered_data
from pipetest.importers.references import places
from pipetest.importers.told import data_path
from pipetest.pipeline import Input, Local, Step, unknown_name

Graph = dict[str, set[str]]  # step -> the steps before it
LATER = ("IfSteps", "ElseSteps")  # of a condition: steps of their own


def ordered(definition: Definition, steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps with what each needs beside data: DependsOn, and what its expressions name."""
    done = []
    for step in steps:
        declared = definition.steps[step.name]
        linked = {one.from_step for one in step.inputs} | {value.step for value in step.values.values()}
        explicit = needs_of(definition, declared)
        for name in explicit:
            if name not in definition.steps:
                what, known = f"DependsOn of {step.name}", list(definition.steps)
                definition.add(unknown_name(what, name, known, "the pipeline"))
        named = [name for name in names_of_steps(declared.body, LATER) if name not in linked]
        wanted = dict.fromkeys([*explicit, *named])
        done.append(replace(step, needs=tuple(name for name in wanted if name in definition.steps)))
    return tuple(done)


def check_cycles(definition: Definition, steps: Sequence[Step]) -> None:
    """A cycle is a fault that names its steps."""
    try:
        TopologicalSorter(graph_of(steps)).prepare()
    except CycleError as error:
        message = f"These steps wait for each other: {' -> '.join(reversed(error.args[1]))}."
        definition.fault(message, "Take one of the references away, or one DependsOn.")


def graph_of(steps: Sequence[Step]) -> Graph:
    """Which steps come before each."""
    return {step.name: set(step.upstream()) for step in steps}


# ---- places that are written as texts


def linked(definition: Definition, steps: Sequence[Step], local: Local) -> tuple[Step, ...]:
    """The steps with links for the URIs that another step writes to, and local paths for the others."""
    graph = graph_of(steps)
    written = places(definition)
    by_name = {step.name: step for step in steps}
    return tuple(_linked(step, by_name, written, graph, local) for step in steps)


def _linked(
    step: Step, steps: Mapping[str, Step], written: Sequence[tuple[str, str, str]], graph: Graph, local: Local
) -> Step:
    inputs, findings = [], list(step.findings)
    for given in step.inputs:
        made = _told(step, given, local) or _produced(step, given, steps, written, graph)
        if made is not None and made.from_step is not None and given.from_step is None:
            if made.from_step not in _before(graph, step.name):
                output = made.from_output or ""
                findings.append(
                    unordered_data(step.name, given.name, given.uri or "", made.from_step, output)
                )
            graph[step.name].add(made.from_step)
        inputs.append(made or replace(given, path=data_path(local.data, given.uri or "")))
    if step.kind == "record":
        inputs = [one for one in inputs if one.from_step is not None]
    return replace(step, inputs=tuple(inputs), findings=tuple(findings))


def _told(step: Step, given: Input, local: Local) -> Input | None:
    """What the user says of this very input, or of this very place in S3, goes before all else."""
    told = local.data.get(f"{step.name}.{given.name}")
    if told is None and given.from_step is None and given.uri:
        uri = given.uri.rstrip("/")
        told = next((path for key, path in local.data.items() if key.rstrip("/") == uri), None)
    if told is None:
        return given if given.from_step is not None else None
    return replace(given, from_step=None, from_output=None, below=None, path=told)


def _produced(
    step: Step, given: Input, steps: Mapping[str, Step], written: Sequence[tuple[str, str, str]], graph: Graph
) -> Input | None:
    uri = (given.uri or "").rstrip("/")
    holding = [one for one in written if (uri + "/").startswith(one[0] + "/") and one[1] != step.name]
    fitting = [
        (root, producer, output)
        for root, producer, output in holding
        if _may_link(step, steps[producer], graph) and _is_of_job(output, producer, uri.removeprefix(root))
    ]
    if not fitting:
        return None
    before = _before(graph, step.name)
    root, producer, output = min(fitting, key=lambda one: (-len(one[0]), one[1] not in before))
    below = uri.removeprefix(root).strip("/") or None
    return replace(given, from_step=producer, from_output=output, below=below, uri=None, optional=False)


def _may_link(step: Step, producer: Step, graph: Graph) -> bool:
    """Whether a step can read what another wrote: not where it runs before it, nor in the other branch."""
    apart = any(producer.only_if.get(name, outcome) != outcome for name, outcome in step.only_if.items())
    return not apart and step.name not in _before(graph, producer.name)


def _is_of_job(output: str, producer: str, below: str) -> bool:
    """Many jobs share the folder that training writes to: only its own part of it is a job's."""
    return output != "job" or not below or below.strip("/").startswith(f"pipetest-{producer}/")


def _before(graph: Graph, name: str) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for above in graph.get(waiting.pop(), ()):
            if above not in found:
                found.add(above)
                waiting.append(above)
    return found
