"""What a script's source says, without running any of it: observation only, no judgement."""

from __future__ import annotations

import ast
import re
import stat
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

# Without these words a source does not change the module path; with them, its tree tells.
TOUCHES_PATH = re.compile(rb"\b(?:path|meta_path|path_hooks|addsitedir)\b")
SETUP_CALLS = (
    "sys.path.",
    "os.environ.",
    "logging.",
    "warnings.",
    "random.seed",
    "np.random.seed",
    "load_dotenv",
)


@dataclass(frozen=True, slots=True)
class Import:
    """One import statement, and whether reaching it is certain."""

    module: str  # absolute; empty for a relative import of names only
    names: tuple[str, ...]  # what a ``from`` import takes from it
    level: int  # dots of a relative import
    line: int
    place: str  # "top": certain at import; "guard": certain when run; "function": maybe; "guarded": may fail

    @property
    def top_level(self) -> str:
        """The name to be installed: ``a`` of ``a.b.c``."""
        return self.module.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Main:
    """What is bound to the name ``main`` at the top level."""

    line: int
    parameters: tuple[str, ...] | None = None  # None: not a plain def, so not known
    required: tuple[str, ...] = ()  # parameters without a default
    takes_any: bool = False  # **kwargs
    is_async: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """What one script's source says."""

    path: Path
    problem: str | None = None  # "missing", "unreadable" or "syntax": then nothing else is known
    reason: str = ""
    line: int | None = None  # of a syntax error
    text: str = ""  # the line of a syntax error
    main: Main | None = None
    guard: int | None = None  # the line of ``if __name__ == "__main__"``
    work: str = "none"  # what the top level does: "none", "calls" (maybe work), "work"
    imports: tuple[Import, ...] = ()
    changes_path: bool = False  # it touches sys.path: what can be imported is not known from outside
    star_import: bool = False  # names may come from anywhere
    calls_main: bool = False  # at the top level, without a guard


def read(path: Path) -> Source:
    """Look at a script. Never raises for what the file holds: see ``Source.problem``."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would never end
            kind = "a folder" if path.is_dir() else "not a regular file"
            return Source(path, "unreadable", f"it is {kind}")
        data = path.read_bytes()
    except FileNotFoundError:
        return Source(path, "missing", "there is no such file")
    except (OSError, ValueError) as error:
        return Source(path, "unreadable", getattr(error, "strerror", None) or str(error))
    undecodable = _undecodable(data)
    if undecodable:
        return Source(path, "syntax", "it is not UTF-8 and declares no other encoding", undecodable)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape is for the script's own run to tell
            tree = ast.parse(data, str(path))
    except SyntaxError as error:
        return Source(path, "syntax", error.msg, error.lineno, (error.text or "").strip()[:200])
    except ValueError as error:  # null bytes, before Python 3.12
        return Source(path, "syntax", str(error), 1)
    except (RecursionError, MemoryError):
        return Source(path, "syntax", "its expressions are nested too deeply for Python", 1)
    return _observe(path, tree, data)


def _undecodable(data: bytes) -> int | None:
    """The line of a byte that ``python file.py`` refuses; ``compile`` does not, where it is in a comment."""
    if b"coding" in b"".join(data.split(b"\n", 2)[:2]):
        return None  # it says how it is encoded; the parser goes by that
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return data.count(b"\n", 0, error.start) + 1
    return None


def _observe(path: Path, tree: ast.Module, data: bytes) -> Source:
    guard = next((node for node in tree.body if _is_main_guard(node)), None)
    imports = tuple(_imports(tree))
    return Source(
        path,
        main=_find_main(tree.body),
        guard=guard.lineno if guard else None,
        work=_top_level_work(tree.body),
        imports=imports,
        changes_path=bool(TOUCHES_PATH.search(data)) and _changes_path(tree),
        star_import=any("*" in one.names for one in imports if one.place == "top"),
        calls_main=any(_calls_main(node) for node in tree.body),
    )


def _calls_main(node: ast.stmt) -> bool:
    if not isinstance(node, ast.Expr | ast.Assign):
        return False
    parts = list(ast.walk(node))
    if any(isinstance(part, ast.Name) and part.id == "__name__" for part in parts):
        return False  # `__name__ == "__main__" and main()`
    calls = (part for part in parts if isinstance(part, ast.Call))
    return any(isinstance(call.func, ast.Name) and call.func.id == "main" for call in calls)


def _is_main_guard(node: ast.stmt) -> bool:
    if not isinstance(node, ast.If):
        return False
    parts = list(ast.walk(node.test))
    mentions_name = any(isinstance(part, ast.Name) and part.id == "__name__" for part in parts)
    return mentions_name and any(
        isinstance(part, ast.Constant) and part.value == "__main__" for part in parts
    )


def _blocks(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    """The blocks of a compound statement that run in the same scope."""
    for name in ("body", "orelse", "finalbody"):
        yield getattr(node, name, [])
    for handler in getattr(node, "handlers", []):
        yield handler.body


def _find_main(body: list[ast.stmt]) -> Main | None:
    """The last binding of ``main`` at the top level, also inside ``if`` and ``try``."""
    found = None
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == "main":
            found = _described(node)
        elif isinstance(node, ast.If | ast.Try | ast.With) and not _is_main_guard(node):
            for block in _blocks(node):
                found = _find_main(block) or found
        elif "main" in _bound_names(node):
            found = Main(node.lineno)
    return found


def _bound_names(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    if isinstance(node, ast.Assign):
        return {t.id for target in node.targets for t in ast.walk(target) if isinstance(t, ast.Name)}
    if isinstance(node, ast.AnnAssign) and node.value is not None and isinstance(node.target, ast.Name):
        return {node.target.id}
    return set()


def _described(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Main:
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    required = positional[: len(positional) - len(arguments.defaults)]
    required += [
        a for a, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if not default
    ]
    if node.decorator_list:
        required = []  # a decorator may give them
    return Main(
        node.lineno,
        tuple(a.arg for a in [*positional, *arguments.kwonlyargs]),
        tuple(a.arg for a in required),
        arguments.kwarg is not None,
        isinstance(node, ast.AsyncFunctionDef),
    )


QUIET_DECORATORS = frozenset(
    (
        *("dataclass", "total_ordering", "lru_cache", "cache", "cached_property", "contextmanager", "wraps"),
        *("property", "setter", "getter", "deleter", "staticmethod", "classmethod", "abstractmethod"),
        *("overload", "final", "override", "runtime_checkable", "unique", "singledispatch"),
        *("jit", "njit", "define", "frozen", "validator", "field_validator", "fixture"),
    )
)
_QUIET = (
    ast.Import,
    ast.ImportFrom,
    ast.Pass,
    ast.Delete,
    ast.Global,
)
_ORDER = ("none", "calls", "work")


def _top_level_work(body: Iterable[ast.stmt]) -> str:
    """How much a file does when it is imported, apart from defining things."""
    return max((_work_of(node) for node in body), key=_ORDER.index, default="none")


def _work_of(node: ast.stmt) -> str:
    if isinstance(node, ast.ClassDef):
        return max(_work_of_definition(node), _top_level_work(node.body), key=_ORDER.index)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return _work_of_definition(node)
    if isinstance(node, _QUIET) or _is_main_guard(node):
        return "none"
    if isinstance(node, ast.Expr):
        return _weight_of_call(node.value)
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        return "calls" if node.value is not None and _has_call(node.value) else "none"
    if isinstance(node, ast.If | ast.Try):
        inner = max((_top_level_work(block) for block in _blocks(node)), key=_ORDER.index)
        return inner if inner != "none" or not _has_call(getattr(node, "test", node)) else "calls"
    return "work"


def _work_of_definition(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """A decorator may call what it is given at once; those that are known do not."""
    names = {ast.unparse(one).partition("(")[0].rpartition(".")[2] for one in node.decorator_list}
    return "none" if names <= QUIET_DECORATORS else "calls"


def _weight_of_call(value: ast.expr) -> str:
    if isinstance(value, ast.Constant | ast.Name):
        return "none"  # a docstring, a bare name
    if not _has_call(value):
        return "calls"  # `d["a"]` may fail, and that is all it does
    if isinstance(value, ast.Call) and f"{ast.unparse(value.func)}.".startswith(SETUP_CALLS):
        return "calls"
    return "work"


def _has_call(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Call | ast.Await | ast.Yield) for part in ast.walk(node))


def _imports(tree: ast.Module) -> Iterator[Import]:
    """Every import statement, with how certain it is that it is reached."""
    waiting: list[tuple[list[ast.stmt], str]] = [(tree.body, "top")]
    while waiting:
        body, place = waiting.pop()
        for node in body:
            if isinstance(node, ast.Import):
                yield from (Import(a.name, (), 0, node.lineno, place) for a in node.names)
            elif isinstance(node, ast.ImportFrom):
                names = tuple(alias.name for alias in node.names)
                yield Import(node.module or "", names, node.level, node.lineno, place)
            else:
                inner = _inner_place(node, place)
                waiting.extend((block, inner) for block in _blocks(node) if block)
            if isinstance(node, ast.Return | ast.Raise | ast.Continue | ast.Break) or _may_leave(node):
                place = "guarded" if place in ("guard", "function") else place


def _may_leave(node: ast.stmt) -> bool:
    """Whether what follows this statement in a function or guard is not certain to be reached."""
    return isinstance(node, ast.If | ast.Try | ast.For | ast.While | ast.With)


def _inner_place(node: ast.stmt, place: str) -> str:
    if _is_main_guard(node):
        return "guard" if place == "top" else "guarded"
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return "function" if place in ("top", "function") else "guarded"
    if isinstance(node, ast.ClassDef):
        return place
    return "guarded"  # under a condition, a loop, a try, a suppress: expected to fail somewhere


def _changes_path(tree: ast.Module) -> bool:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in ("path", "meta_path", "path_hooks"):
            if isinstance(node.value, ast.Name) and node.value.id == "sys":
                return True
        elif isinstance(node, ast.Name | ast.Attribute) and "addsitedir" in (
            getattr(node, "id", ""),
            getattr(node, "attr", ""),
        ):
            return True
        elif isinstance(node, ast.ImportFrom) and node.module == "sys":
            return True  # from sys import path
    return False


def package_of(source: Source) -> tuple[str | None, Path]:
    """The package that a file's relative imports need, and the folder that holds it.

    Climbs over folders with an ``__init__.py``, and as far as the dots reach without one (a namespace
    package). ``None`` and the file's own folder where there are no relative imports.
    """
    folder = source.path.absolute().parent
    dots = max((one.level for one in source.imports), default=0)
    if not dots:
        return None, folder
    names: list[str] = []
    while folder.name and (len(names) < dots or (folder / "__init__.py").exists()):
        names.insert(0, folder.name)
        folder = folder.parent
    return ".".join(names), folder


def path_keys(path: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names under which a script looks into ``input_paths`` and ``output_paths``, in order.

    Found as ``input_paths["name"]`` and ``input_paths.get("name")``; empty where the source cannot be read.
    """
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return (), ()
    found: dict[str, dict[str, None]] = {"input_paths": {}, "output_paths": {}}
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Subscript | ast.Call)]
    for node in sorted(nodes, key=lambda node: (node.lineno, node.col_offset)):
        owner, key = _looked_up(node)
        if owner in found and isinstance(key, ast.Constant) and isinstance(key.value, str):
            found[owner][key.value] = None
    return tuple(found["input_paths"]), tuple(found["output_paths"])


def _looked_up(node: ast.AST) -> tuple[str, ast.expr | None]:
    """The name and the key of ``name[key]`` and ``name.get(key)``."""
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        return node.value.id, node.slice
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
        return "", None
    owner = node.func.value
    return (owner.id, node.args[0]) if isinstance(owner, ast.Name) and node.func.attr == "get" else ("", None)
