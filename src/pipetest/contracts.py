"""How a script uses its contract: variables, arguments, path dictionaries, container paths. Observation only.

A *contract* is what a pipeline promises a script and asks of it: variables, arguments, named folders. What is
said here is read off the syntax tree, for a file that is run as ``python file.py``; nothing is executed.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pipetest.contract_arguments import Parser, parser_of
from pipetest.contract_reach import Function, Script, called, caught, is_main_guard

INPUTS, OUTPUTS = "input_paths", "output_paths"  # by these names main() receives its folders
EXISTENCE = frozenset(("exists", "is_dir", "is_file", "isdir", "isfile", "glob", "rglob", "iglob", "walk"))
READERS = frozenset(("open", "listdir", "scandir", "iterdir", "read_text", "read_bytes", "load", "joblib"))
SETS_ENVIRON = frozenset(("os.environ.setdefault", "environ.setdefault", "os.putenv"))
LOADS_ENVIRON = frozenset(("load_dotenv", "dotenv.load_dotenv", "os.environ.update", "environ.update"))
READS_ENVIRON = frozenset(("os.environ.get", "environ.get", "os.getenv", "getenv"))


@dataclass(frozen=True, slots=True)
class Use:
    """One place where a name is looked up: a variable of the environment, or a key of a dictionary."""

    name: str
    line: int
    fails: bool  # the lookup raises where the name is missing
    certain: bool  # running the file is sure to come here


@dataclass(frozen=True, slots=True)
class Uses:
    """What a script does with its contract."""

    path: Path
    variables: tuple[Use, ...] = ()
    sets: frozenset[str] = frozenset()  # variables that it gives itself
    sets_any: bool = False  # it loads variables from somewhere: nothing is known to be unset
    parser: Parser | None = None
    arguments_known: bool = True  # False: it reads its command line in a way that is not understood
    # Of the dictionary input_paths: unguarded [key], keys that are asked for first, and what the script puts
    # into it itself: key -> whether always; None where that is not known.
    lookups: tuple[Use, ...] = ()
    checked: frozenset[str] = frozenset()
    filled: Mapping[str, bool] | None = None
    reads: Mapping[str, int] = field(default_factory=dict)  # inputs read with no look whether they are there
    targets: Mapping[str, str] = field(default_factory=dict)  # output -> the folder that it gives it itself
    texts: Mapping[str, int] = field(default_factory=dict)  # every string in it -> the first line
    helpers: bool = False  # it imports modules that lie beside it: what they do is not seen


def observe(path: Path) -> Uses | None:
    """Look at a script. None where it cannot be read or parsed: others say so."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return _observe(path, status.st_mtime_ns, status.st_size)


@cache  # several steps may share a script, and an importer has looked at it already
def _observe(path: Path, _changed: int, _size: int) -> Uses | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(path.read_bytes())
        return _Script(path, tree).uses()
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None


class _Script(Script):
    """A script, and what is asked of it."""

    def uses(self) -> Uses:
        parser, known = parser_of(self)
        return Uses(
            self.path,
            tuple(sorted(self.variables(), key=lambda use: use.line)),
            frozenset(self.settings()),
            any(name in LOADS_ENVIRON for _, name in self.calls),
            parser,
            known,
            tuple(self.lookups()),
            frozenset(self.checks()),
            self.fills(),
            dict(self.blind_reads()),
            dict(self.targets()),
            self.strings,
            self.imports_helpers(),
        )

    # --- the environment ---------------------------------------------------------------------------------

    def variables(self) -> Iterator[Use]:
        for node in self.items:
            if _is_environ(node.value) and isinstance(node.ctx, ast.Load):
                name = self.text(node.slice)
                if name is not None:
                    yield self.use(name, node, fails=not self.handles_key_error(node))
        for call, called_name in self.calls:
            name = self.text(call.args[0]) if called_name in READS_ENVIRON and call.args else None
            if name is not None:
                yield self.use(name, call, fails=False)

    def settings(self) -> Iterator[str]:
        stored = [node for node in self.items if _is_environ(node.value) and isinstance(node.ctx, ast.Store)]
        keys = [node.slice for node in stored]
        keys += [call.args[0] for call, name in self.calls if name in SETS_ENVIRON and call.args]
        yield from (name for key in keys if (name := self.text(key)) is not None)

    def use(self, name: str, node: ast.expr, fails: bool) -> Use:
        return Use(name, node.lineno, fails, id(node) in self.certain)

    def handles_key_error(self, node: ast.AST) -> bool:
        """Whether a missing key is what an enclosing ``try`` is there for."""
        child: ast.AST = node
        while (parent := self.parents.get(id(child))) is not None:
            if isinstance(parent, ast.Try) and any(child is one for one in parent.body):
                kinds = [caught(handler) for handler in parent.handlers]
                if any(kind & {"KeyError", "LookupError"} for kind in kinds):
                    return True
            child = parent
        return False

    # --- the dictionaries --------------------------------------------------------------------------------

    def keys(self, context: type[ast.expr_context]) -> Iterator[tuple[ast.Subscript, str | None]]:
        """Every ``input_paths[...]`` that is looked up or assigned, with its key; None: not a literal."""
        for node in self.items:
            if _named(node.value, INPUTS) and isinstance(node.ctx, context):
                yield node, self.text(node.slice)

    def lookups(self) -> Iterator[Use]:
        for node, name in self.keys(ast.Load):
            if name is not None and not self.handles_key_error(node):
                yield self.use(name, node, fails=True)

    def checks(self) -> Iterator[str]:
        """The keys that are asked for before they are used: ``.get("key")``, ``"key" in input_paths``."""
        asks = {f"{INPUTS}.{word}" for word in ("get", "pop", "setdefault")}
        keys = [call.args[0] for call, name in self.calls if name in asks and call.args]
        for node in self.compares:
            right = node.comparators[0]
            if isinstance(node.ops[0], ast.In | ast.NotIn):
                keys += [node.left] if _named(right, INPUTS) or called(right) == f"{INPUTS}.keys" else []
        yield from (name for key in keys if (name := self.text(key)) is not None)

    def fills(self) -> dict[str, bool] | None:
        """The keys that the script puts into ``input_paths``, and whether always. None: not known."""
        found: dict[str, bool] = {}
        bindings = list(self.bindings(INPUTS))
        for node, value in bindings:
            keys = self.keys_of(value)
            if keys is None:
                return None
            found.update(dict.fromkeys(keys, self.is_unconditional(node)))
        for item, name in self.keys(ast.Store):
            if name is None:
                return None
            found[name] = found.get(name, False) or self.is_unconditional(item)
        updated = any(name == f"{INPUTS}.update" for _, name in self.calls)
        return found if bindings and not updated else None

    def targets(self) -> Iterator[tuple[str, str]]:
        """The keys that ``output_paths`` is given with a literal text."""
        for _, value in self.bindings(OUTPUTS):
            if isinstance(value, ast.Dict):
                for key, one in zip(value.keys, value.values, strict=True):
                    name, text = self.text(key), self.text(one)
                    if name is not None and text is not None:
                        yield name, text

    def bindings(self, owner: str) -> Iterator[tuple[ast.AST, ast.expr | None]]:
        """What the dictionary is bound to: by assignment, or in a call of ``main``."""
        for node in self.assignments:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(_named(target, owner) for target in targets):
                yield node, node.value
        for call, name in self.calls:
            value = self.argument_of_main(call, owner) if name == "main" else None
            if value is not None and not _named(value, owner):
                yield call, value

    def argument_of_main(self, call: ast.Call, owner: str) -> ast.expr | None:
        main = self.functions.get("main")
        names = [one.arg for one in [*main.args.posonlyargs, *main.args.args]] if main else []
        given: dict[str | None, ast.expr] = dict(zip(names, call.args, strict=False))
        given.update((one.arg, one.value) for one in call.keywords)
        return given.get(owner)

    def keys_of(self, value: ast.expr | None) -> list[str] | None:
        if isinstance(value, ast.Call) and called(value) == "dict" and not value.args:
            return [one.arg for one in value.keywords if one.arg]
        if not isinstance(value, ast.Dict):
            return None
        keys = [self.text(key) for key in value.keys]
        return None if None in keys else [key for key in keys if key is not None]

    def is_unconditional(self, node: ast.AST) -> bool:
        """Whether nothing but guards, tries and definitions stands around a statement."""
        while (parent := self.parents.get(id(node))) is not None:
            if isinstance(parent, ast.For | ast.While | ast.ExceptHandler | ast.IfExp | ast.BoolOp):
                return False
            if isinstance(parent, ast.If) and not is_main_guard(parent):
                return False
            node = parent
        return True

    # --- an input that is read without a look whether it is there ------------------------------------------

    def blind_reads(self) -> Iterator[tuple[str, int]]:
        for node, name in self.keys(ast.Load):
            if name is not None and self.reads_blindly(node):
                yield name, node.lineno

    def reads_blindly(self, lookup: ast.Subscript) -> bool:
        """Whether a path goes into a reader, and in its scope into no test and no function of the file."""
        scope = self.scope_of(lookup)
        paths = _flows(scope, lookup)
        is_read = False
        for node in ast.walk(scope):
            if isinstance(node, ast.If | ast.IfExp | ast.While) and _mentions(node.test, paths, lookup):
                return False
            if isinstance(node, ast.Call) and _mentions(node, paths, lookup):
                word = called(node).rpartition(".")[2]
                if word in EXISTENCE or called(node) in self.functions:
                    return False
                is_read = is_read or word in READERS or word.startswith("read_")
        return is_read

    def scope_of(self, node: ast.AST) -> ast.AST:
        while (parent := self.parents.get(id(node))) is not None:
            node = parent
            if isinstance(node, Function | ast.Lambda):
                break
        return node

    def imports_helpers(self) -> bool:
        folder = self.path.parent
        for name, level in self.imported:
            top = name.partition(".")[0]
            if level or (folder / f"{top}.py").is_file() or (folder / top).is_dir():
                return True
        return any(name in ("runpy.run_path", "runpy.run_module", "exec") for _, name in self.calls)


# --- small questions to a tree -----------------------------------------------------------------------------


def _named(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _is_environ(node: ast.expr) -> bool:
    return _named(node, "environ") or (
        isinstance(node, ast.Attribute) and node.attr == "environ" and _named(node.value, "os")
    )


def _flows(scope: ast.AST, lookup: ast.expr) -> set[str]:
    """The local names that hold a looked up path, or one that is made of it."""
    names: set[str] = set()
    for node in sorted(ast.walk(scope), key=lambda node: getattr(node, "lineno", 0)):
        if not isinstance(node, ast.Assign) or not _is_path_like(node.value):
            continue
        if _mentions(node.value, names, lookup):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names


def _is_path_like(value: ast.expr) -> bool:
    """Whether an expression only makes a path of another, rather than reading what is there."""
    if isinstance(value, ast.Call):
        return called(value).rpartition(".")[2] in ("Path", "PurePosixPath", "join", "str", "fspath")
    return isinstance(value, ast.Subscript | ast.Name | ast.BinOp | ast.JoinedStr)


def _mentions(tree: ast.AST, names: set[str], lookup: ast.expr) -> bool:
    return any(node is lookup or (isinstance(node, ast.Name) and node.id in names) for node in ast.walk(tree))
