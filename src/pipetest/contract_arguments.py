"""How a script reads its command line: its argparse parser. Observation only."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from pipetest.contract_reach import Script

# Libraries that read the command line in their own way.
OTHER_PARSERS = frozenset(
    ("click", "typer", "fire", "docopt", "absl", "tyro", "plac", "jsonargparse", "transformers", "hydra")
)
# What makes a parser more than its add_argument calls say.
PLAIN = ("str", "int", "float")  # types that leave a word as it is written
OPAQUE = frozenset(("add_subparsers", "parents", "fromfile_prefix_chars", "prefix_chars", "set_defaults"))


@dataclass(frozen=True, slots=True)
class Argument:
    """One ``add_argument``."""

    flags: tuple[str, ...]  # of a positional one: its name
    required: bool
    choices: tuple[str, ...]  # as text; empty: any value
    line: int


@dataclass(frozen=True, slots=True)
class Parser:
    """The argument parser of a script."""

    arguments: tuple[Argument, ...]
    strict: bool  # an unknown argument ends the script: parse_args, not parse_known_args
    certain: bool  # running the file is sure to parse
    line: int
    abbreviates: bool = True

    def takes(self, flag: str) -> Argument | None:
        """The argument that a flag on the command line reaches, also abbreviated as argparse allows."""
        for one in self.arguments:
            if flag in one.flags:
                return one
        near = [one for one in self.arguments if any(name.startswith(flag) for name in one.flags)]
        return near[0] if len(near) == 1 and self.abbreviates and flag.startswith("--") else None


def parser_of(script: Script) -> tuple[Parser | None, bool]:
    """The argument parser, and whether the way the command line is read is understood."""
    made = [call for call, name in script.calls if name.rpartition(".")[2] == "ArgumentParser"]
    if not made:
        imported = {name.partition(".")[0] for name, _ in script.imported}
        return None, not script.has_argv and not imported & OTHER_PARSERS
    parses = _calls(script, ".parse_args") + _calls(script, ".parse_known_args")
    added = [_argument(call, script) for call in _calls(script, ".add_argument")]
    words = {name.rpartition(".")[2] for _, name in script.calls} | {k.arg for c in made for k in c.keywords}
    if (
        script.changes_argv
        or len(made) > 1
        or not parses
        or None in added
        or words & OPAQUE
        or _hands_on(made[0], script)
    ):
        return None, False
    if any(call.args or call.keywords for call in parses):
        return None, False  # it parses something else than the command line, perhaps
    strict = not _calls(script, ".parse_known_args")
    abbreviates = all(k.arg != "allow_abbrev" for call in made for k in call.keywords)
    certain = any(id(call) in script.certain for call in parses)
    arguments = tuple(one for one in added if one is not None)
    return Parser(arguments, strict, certain, parses[0].lineno, abbreviates), True


def _calls(script: Script, method: str) -> list[ast.Call]:
    return [call for call, name in script.calls if name.endswith(method)]  # not functions of that name


def _hands_on(made: ast.Call, script: Script) -> bool:
    """Whether the parser is given to another function, which may add arguments to it."""
    parent = script.parents.get(id(made))
    targets = parent.targets if isinstance(parent, ast.Assign) else []
    names = {target.id for target in targets if isinstance(target, ast.Name)}
    return any(isinstance(arg, ast.Name) and arg.id in names for call, _ in script.calls for arg in call.args)


def _argument(call: ast.Call, script: Script) -> Argument | None:
    """One ``add_argument``; None where it is not known which words it takes."""
    flags = tuple(flag for arg in call.args if (flag := script.text(arg)) is not None)
    if not flags or len(flags) != len(call.args) or any(one.arg is None for one in call.keywords):
        return None
    given = {one.arg: one.value for one in call.keywords}
    if "action" in given and not isinstance(given["action"], ast.Constant):
        return None  # BooleanOptionalAction takes --no-NAME, too; others what they like
    if flags[0].startswith("-"):
        required = _constant(given.get("required")) is True
    else:
        required = _constant(given.get("nargs")) not in ("?", "*") and "default" not in given
    kind = given.get("type")
    is_plain = kind is None or (isinstance(kind, ast.Name) and kind.id in PLAIN)
    choices = _choices(given.get("choices")) if is_plain else ()  # a function may change the word first
    return Argument(flags, required and id(call) in script.certain, choices, call.lineno)


def _constant(node: ast.expr | None) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def _choices(node: ast.expr | None) -> tuple[str, ...]:
    if not isinstance(node, ast.List | ast.Tuple | ast.Set):
        return ()
    values = [one.value for one in node.elts if isinstance(one, ast.Constant)]
    return tuple(str(value) for value in values) if len(values) == len(node.elts) else ()
