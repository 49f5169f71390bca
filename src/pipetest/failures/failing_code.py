"""What the source says at the line that failed: the names that it asks for, and what it asks for them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

# What reads data into plain Python objects: what comes of it is indexed with the names of columns.
ROWS = frozenset(
    {"DictReader", "iter_rows", "rows", "to_dicts", "to_dict", "to_pylist", "itertuples", "iterrows"}
)
DOCUMENTS = frozenset({"load", "loads", "read_json"})  # of json
GLOBS = frozenset({"glob", "iglob", "rglob"})


@dataclass(frozen=True, slots=True)
class Code:
    """The statement that failed, and what of the rest of the file bears on it."""

    text: str = ""
    strings: frozenset[str] = frozenset()  # that stand in the statement
    attributes: frozenset[str] = frozenset()  # of objects in it: ``cost`` of ``frame.cost``
    calls: frozenset[str] = frozenset()  # names of the functions that the statement calls
    places: tuple[int, ...] = ()  # whole numbers by which something is indexed in it
    columns: tuple[int, ...] = ()  # of these the second of `iloc[rows, N]`
    of_rows: frozenset[str] = frozenset()  # names by which it indexes rows that were read
    of_documents: frozenset[str] = frozenset()  # names by which it indexes JSON documents that were read
    names: tuple[str, ...] = ()  # that the file gives to the columns that it reads, by `names=`
    globs: tuple[str, ...] = ()  # patterns that the file looks for files by
    used: frozenset[str] = frozenset()  # names of all functions that the file calls
    words: frozenset[str] = frozenset()  # all strings of the file, and names of attributes
    source: str = ""


def code_at(file: str, line: int) -> Code:
    """The code that failed. Nothing is known of a file that cannot be read or parsed."""
    try:
        source = Path(file).read_text("utf-8", "replace")
        tree = ast.parse(source)
    except (OSError, ValueError, SyntaxError, RecursionError):
        return Code()
    statement = _statement(tree, line)
    if statement is None:
        return Code()
    own = list(_own(statement))
    indexed = [node for node in own if isinstance(node, ast.Subscript)]
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return Code(
        ast.get_source_segment(source, statement) or "",
        frozenset(_strings(own)),
        _attributes(own),
        frozenset(_called(node) for node in own if isinstance(node, ast.Call)),
        tuple(number for node in indexed if (number := _whole(node.slice)) is not None),
        tuple(number for node in indexed if (number := _column_number(node)) is not None),
        frozenset(_keys(indexed, _from(tree, ROWS))),
        frozenset(_keys(indexed, _from(tree, DOCUMENTS))),
        _given_names(tree, calls),
        tuple(
            one for call in calls if _called(call) in GLOBS for one in _strings(ast.walk(call)) if "*" in one
        ),
        frozenset(map(_called, calls)),
        frozenset(_strings(ast.walk(tree))) | _attributes(ast.walk(tree)),
        source,
    )


def _statement(tree: ast.AST, line: int) -> ast.stmt | None:
    """The innermost statement that covers the line."""
    covering = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    return min(reversed(covering), key=lambda node: (node.end_lineno or 0) - node.lineno, default=None)


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """A statement and its expressions, without the statements below it."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.stmt):
            yield from _own(child)


def _strings(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _attributes(nodes: Iterable[ast.AST]) -> frozenset[str]:
    return frozenset(node.attr for node in nodes if isinstance(node, ast.Attribute))


def _called(call: ast.Call) -> str:
    """The last name of what is called: ``DictReader`` of ``csv.DictReader(...)``."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _given_names(tree: ast.AST, calls: Iterable[ast.Call]) -> tuple[str, ...]:
    """The list that readers are given as ``names=``: itself, or a variable; none where lists differ."""
    bound = [pair for node in ast.walk(tree) for pair in _bound(node)]
    lists = {target.id: value for target, value in bound if isinstance(target, ast.Name)}
    found = set()
    for word in (word for call in calls for word in call.keywords if word.arg == "names"):
        value = lists.get(word.value.id) if isinstance(word.value, ast.Name) else word.value
        if isinstance(value, (ast.List, ast.Tuple)):
            found.add(tuple(_strings(value.elts)))
    return found.pop() if len(found) == 1 else ()


def _whole(node: ast.AST) -> int | None:
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _column_number(node: ast.Subscript) -> int | None:
    """N of ``frame.iloc[rows, N]``."""
    is_iloc = isinstance(node.value, ast.Attribute) and node.value.attr == "iloc"
    return _whole(node.slice.elts[1]) if is_iloc and isinstance(node.slice, ast.Tuple) else None


def _keys(indexed: list[ast.Subscript], data: frozenset[str]) -> Iterator[str]:
    """The literal keys by which something is indexed that has to do with these names."""
    for node in indexed:
        word = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if isinstance(word, str) and _names(node.value) & data:
            yield word


def _from(tree: ast.AST, sources: frozenset[str]) -> frozenset[str]:
    """The variables that hold what these functions gave, and what was taken from that; and the functions."""
    known = set(sources)
    for _ in range(3):  # a variable may be used above the line that fills it
        for node in ast.walk(tree):
            for target, value in _bound(node):
                if _names(value) & known:
                    known |= _targets(target)
    return frozenset(known)


def _bound(node: ast.AST) -> list[tuple[ast.AST, ast.AST]]:
    """The targets that a node binds, each with what it is bound to."""
    if isinstance(node, ast.Assign):
        return [(target, node.value) for target in node.targets]
    if isinstance(node, (ast.For, ast.comprehension)):
        return [(node.target, node.iter)]
    if isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value:
        return [(node.target, node.value)]
    return []


def _names(node: ast.AST) -> set[str]:
    """The variables and called functions of an expression."""
    found = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    return found | {_called(one) for one in ast.walk(node) if isinstance(one, ast.Call)}


def _targets(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
