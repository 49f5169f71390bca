"""Judgement of a contract against its script: what one promises and the other does not. One function a code.

Only what is certain to break is an error. What a script's source does not tell is passed over in silence.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from pipetest.contracts import Uses, observe
from pipetest.results import Finding, Severity

# What a training container tells a script of the folders that it may write to.
TELLS = {
    "/opt/ml/model": ("SM_MODEL_DIR",),
    "/opt/ml/output/data": ("SM_OUTPUT_DATA_DIR", "SM_OUTPUT_DIR"),
}


@dataclass(frozen=True, slots=True)
class Contract:
    """What a step is promised and asked for, as far as it can be held against the script."""

    unset: tuple[str, ...] = ()  # variables that it must have, and that nothing sets
    optional: Mapping[str, bool] = field(default_factory=dict)  # optional input -> whether it is given here
    passed: Mapping[str, str | None] = field(default_factory=dict)  # flag -> value; None: the bare flag
    declared: tuple[str, ...] = ()  # flags that the contract says the script takes
    outputs: Mapping[str, str | None] = field(default_factory=dict)  # name -> container path
    inputs: Mapping[str, str | None] = field(default_factory=dict)


def judge_command_line(step: str, words: Sequence[str], path: Path) -> list[Finding]:
    """``refused-argument`` and ``missing-argument`` of any script with a command line: what is certain."""
    passed = _flags(words)
    uses = observe(path) if passed else None
    if uses is None or passed is None:
        return []
    contract = Contract(passed=passed)
    found = [*refused_arguments(step, contract, uses), *missing_arguments(step, contract, uses)]
    return [finding for finding in found if finding.severity is Severity.ERROR]


def _flags(words: Sequence[str]) -> dict[str, str | None] | None:
    """The flags of a command line with their values; None: it has words that belong to no flag."""
    passed: dict[str, str | None] = {}
    last = None
    for word in words:
        if re.match(r"--?[A-Za-z_]", word):
            last, equals, value = word.partition("=")
            passed[last] = value if equals else None
            last = None if equals else last
        elif last is None:
            return None
        else:
            passed[last] = None if "{" in word else word  # a placeholder has its value later
            last = None
    return passed


def judge(step: str, contract: Contract, uses: Uses | None) -> list[Finding]:
    """All that a script contradicts of its contract; of a script that cannot be read, the variables only."""
    if uses is None:
        return [unset_variable(step, name, None) for name in contract.unset]
    return [
        *(unset_variable(step, name, uses) for name in contract.unset if _is_unset(name, uses)),
        *unchecked_inputs(step, contract, uses),
        *refused_arguments(step, contract, uses),
        *missing_arguments(step, contract, uses),
        *unwritten_outputs(step, contract, uses),
    ]


# --- variables ---------------------------------------------------------------------------------------------


def _is_unset(name: str, uses: Uses) -> bool:
    return name not in uses.sets and not uses.sets_any


def unset_variable(step: str, name: str, uses: Uses | None) -> Finding:
    """``unset-variable``: the contract requires a variable, and nothing gives it a value."""
    hint = f"Set it: --env {step}.{name}=VALUE."
    if uses is None:
        message = f"{step} requires the variable `{name}`, and nothing sets it."
        return Finding("unset-variable", Severity.WARNING, step, message, hint)
    file, script = str(uses.path), uses.path.name
    reads = [one for one in uses.variables if one.name == name]
    failing = [one for one in reads if one.fails and one.certain]
    if failing:
        message = (
            f"{script} fails without the variable `{name}`, which its contract requires and nothing sets."
        )
        return Finding("unset-variable", Severity.ERROR, step, message, hint, file, failing[0].line)
    line = reads[0].line if reads else uses.texts.get(name)
    does = "which the script reads" if line else "which the script does not name"
    message = f"The contract of {step} requires the variable `{name}`, {does}, and nothing sets it."
    return Finding("unset-variable", Severity.WARNING, step, message, hint, file, line)


# --- inputs ------------------------------------------------------------------------------------------------


def unchecked_inputs(step: str, contract: Contract, uses: Uses) -> Iterator[Finding]:
    """``unchecked-input``: an input that may be absent is used as if it were always there."""
    filled = uses.filled
    for name, is_given in contract.optional.items():
        lookups = [one for one in uses.lookups if one.name == name]
        if not lookups or name in uses.checked:
            continue
        if filled is None or not filled.get(name, False):
            sure = next((one for one in lookups if one.certain), None)
            if filled is not None and name in filled and sure is None:
                continue  # filled under a condition, used under a condition: perhaps the same
            breaks = filled is not None and sure is not None and not (name in filled and is_given)
            yield _unchecked(step, name, uses, (sure or lookups[0]).line, breaks, f'`input_paths["{name}"]`')
        elif name in uses.reads:
            yield _unchecked(step, name, uses, uses.reads[name], False, f"the folder of `{name}`")


def _unchecked(step: str, name: str, uses: Uses, line: int, breaks: bool, what: str) -> Finding:
    message = (
        f"{uses.path.name} uses {what} without a look whether it is there; the contract lets it be absent."
    )
    hint = f'Ask first (`if "{name}" in input_paths`, `Path(...).exists()`), or make `{name}` required.'
    severity = Severity.ERROR if breaks else Severity.WARNING
    return Finding("unchecked-input", severity, step, message, hint, str(uses.path), line)


# --- arguments ---------------------------------------------------------------------------------------------


def refused_arguments(step: str, contract: Contract, uses: Uses) -> Iterator[Finding]:
    """``refused-argument``: the contract has an argument that the script's parser does not take as it is."""
    parser = uses.parser
    if not uses.arguments_known or (parser is None and uses.helpers):
        return
    script = uses.path.name
    for flag in dict.fromkeys([*contract.declared, *contract.passed]):
        if flag in ("-h", "--help"):
            continue  # argparse's own: it ends the script with 0
        taken = parser.takes(flag) if parser else None
        value = contract.passed.get(flag)
        ends = parser is not None and parser.certain and flag in contract.passed
        if taken is None:
            ends = ends and parser is not None and parser.strict
            line = parser.line if parser else None
            by_contract = flag in contract.declared
            who = f"the contract of {step} declares" if by_contract else f"{step} passes"
            message = f"{script} {'ends with an error at' if ends else 'never parses'} `{flag}`, which {who}."
            known = [name for one in parser.arguments for name in one.flags] if parser else []
            where = "contract" if by_contract else "arguments"
            hint = f'{_near(flag, known)}Add `parser.add_argument("{flag}")`, or take it out of the {where}.'
        elif value is not None and taken.choices and value not in taken.choices:
            line = taken.line
            message = f"{script} takes for `{flag}` only {', '.join(taken.choices)}; {step} passes `{value}`."
            hint = f"{_near(value, taken.choices)}Rename the node, or add the value to `choices`."
        else:
            continue
        severity = Severity.ERROR if ends else Severity.WARNING
        yield Finding("refused-argument", severity, step, message, hint, str(uses.path), line)


def _near(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, 1)
    return f"Did you mean `{near[0]}`? " if near else ""


def missing_arguments(step: str, contract: Contract, uses: Uses) -> Iterator[Finding]:
    """``missing-argument``: the script's parser requires what the step is started without."""
    if uses.parser is None or not uses.arguments_known:
        return
    reached = {id(uses.parser.takes(flag)) for flag in contract.passed}
    for one in uses.parser.arguments:
        if not one.required or id(one) in reached:
            continue
        flag = one.flags[0]
        message = f"{uses.path.name} requires the argument `{flag}`, and {step} is started without it."
        hint = f"Give `{flag}` a default in the script, or declare it in `job_arguments` with a value."
        if any(name in contract.declared for name in one.flags):
            hint = f"Give it a value in the configuration of {step}, or a default in the script."
        severity = Severity.ERROR if uses.parser.certain else Severity.WARNING
        yield Finding("missing-argument", severity, step, message, hint, str(uses.path), one.line)


def assumed_argument(step: str, flag: str, value: str, uses: Uses) -> Finding:
    """``assumed-argument``: the script requires an argument, and only a guess says which value."""
    message = f"{uses.path.name} requires `{flag}`, and nothing says which {step} has: it gets `{value}`."
    hint = (
        f"Name the node after its job type (`{step}_{value}`), or give it a `job_type` in the configuration."
    )
    return Finding("assumed-argument", Severity.NOTE, step, message, hint, str(uses.path))


# --- outputs -----------------------------------------------------------------------------------------------


def unwritten_outputs(step: str, contract: Contract, uses: Uses) -> Iterator[Finding]:
    """``unwritten-output``: nothing in the script names an output of the contract, nor its folder."""
    if uses.helpers:
        return
    for name, path in contract.outputs.items():
        ports = {**contract.inputs, **contract.outputs}
        others = {one for port, one in ports.items() if one and port != name}
        if path is None or _names_path(path, others - {path}, uses.texts):
            continue
        target = uses.targets.get(name, "")
        if name in uses.texts and not target.startswith("/opt/ml/"):
            continue  # it may well find the folder in another way
        does, hint = (
            f"names neither it nor {path}",
            "Have the script write it, or take it out of the contract.",
        )
        if target:
            does, hint = f"writes it to {target}", "Have both name the same folder."
        message = f"The contract of {step} declares the output `{name}` in {path}; {uses.path.name} {does}."
        line = uses.texts.get(target) if target else None
        yield Finding("unwritten-output", Severity.WARNING, step, message, hint, str(uses.path), line)


def _names_path(path: str, others: set[str], texts: Mapping[str, int]) -> bool:
    """Whether some string is the path, lies below it, or is a part that the rest may be added to."""
    if any(name in texts for name in TELLS.get(path, ())):
        return True
    words = set(texts) | {part for text in texts if len(text) < 200 for part in text.split("/")}
    for text in texts:
        whole = text.rstrip("/")
        if not whole.startswith("/opt/ml"):
            continue
        if whole == path or whole.startswith(path + "/"):
            return True
        if path.startswith(whole + "/"):
            rest = PurePosixPath(path).relative_to(whole).parts
            if whole not in others or all(part in words for part in rest):
                return True  # the folder of another port counts only where the rest is named as well
    return False
