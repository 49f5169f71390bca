"""What running a file is sure to reach: which of its expressions are evaluated, whatever the data is."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Function = ast.FunctionDef | ast.AsyncFunctionDef
EXITS = frozenset(("sys.exit", "exit", "quit", "os._exit"))
CATCHES_KEYS = frozenset(("KeyError", "LookupError", "Exception", "BaseException"))


class Script:
    """A parsed script, with what all questions share: who is whose parent, what is sure to be reached."""

    def __init__(self, path: Path, tree: ast.Module) -> None:
        self.path = path
        self.parents: dict[int, ast.AST] = {}
        kinds = self._sort(tree)
        self.items: list[ast.Subscript] = kinds.get(ast.Subscript, [])
        self.calls = [(call, called(call)) for call in kinds.get(ast.Call, [])]  # with what is called
        self.compares: list[ast.Compare] = kinds.get(ast.Compare, [])
        self.assignments: list[ast.Assign | ast.AnnAssign] = [
            *kinds.get(ast.Assign, []),
            *kinds.get(ast.AnnAssign, []),
        ]
        self.strings: dict[str, int] = {}  # each with its first line
        for node in kinds.get(ast.Constant, []):
            if isinstance(node.value, str):
                self.strings.setdefault(node.value, node.lineno)
        words = [node for node in kinds.get(ast.Attribute, []) if node.attr == "argv"]
        self.has_argv = bool(words)
        self.changes_argv = any(self._is_changed(node) for node in words)
        self.imported = [(alias.name, 0) for node in kinds.get(ast.Import, []) for alias in node.names]
        self.imported += [(node.module or "", node.level) for node in kinds.get(ast.ImportFrom, [])]
        self.functions = {node.name: node for node in tree.body if isinstance(node, Function)}
        self.constants = dict(_constants(tree.body))
        self.certain = reached(tree, self.functions)

    def _sort(self, tree: ast.Module) -> dict[type[ast.AST], list[Any]]:
        """The nodes by their kinds, in the order of the source: one walk, for a script may be long."""
        kinds: dict[type[ast.AST], list[Any]] = {}
        waiting: list[ast.AST] = [tree]
        while waiting:
            node = waiting.pop()
            kinds.setdefault(type(node), []).append(node)
            children = list(ast.iter_child_nodes(node))
            self.parents.update((id(child), node) for child in children)
            waiting.extend(reversed(children))
        return kinds

    def _is_changed(self, node: ast.Attribute) -> bool:
        """Whether ``sys.argv`` is assigned to, in whole or in part, or has a method called on it."""
        parent = self.parents.get(id(node))
        targets = [node, parent] if isinstance(parent, ast.Subscript) else [node]
        is_target = any(isinstance(getattr(one, "ctx", None), ast.Store | ast.Del) for one in targets)
        return is_target or isinstance(parent, ast.Attribute)

    def text(self, node: ast.expr | None) -> str | None:
        """The string that an expression is: a literal, or a name bound to one at the top level."""
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        return self.constants.get(node.id) if isinstance(node, ast.Name) else None


def _constants(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for node in body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            if isinstance(node.value.value, str):
                yield from ((t.id, node.value.value) for t in node.targets if isinstance(t, ast.Name))
        elif isinstance(node, ast.If) and is_main_guard(node):
            yield from _constants(node.body)


def reached(tree: ast.Module, functions: Mapping[str, Function]) -> frozenset[int]:
    """The expressions, by id, that running the file is sure to evaluate, unless it fails before.

    Follows calls of the file's own plain functions. What stands under a condition, in a loop, behind a
    possible return, or in a ``try`` that goes on after a failure is not sure.
    """
    found: set[int] = set()
    entered: set[str] = set()

    def walk(body: list[ast.stmt]) -> bool:
        return all(step(node) for node in body)  # stops at the first that may leave

    def step(node: ast.stmt) -> bool:
        for part in _evaluated_by(node):
            found.add(id(part))
            if isinstance(part, ast.Call) and isinstance(part.func, ast.Name):
                enter(part.func.id)
        return all(walk(block) for block in _sure_blocks(node)) and not _may_leave(node)

    def enter(name: str) -> None:
        function = functions.get(name)
        if function is not None and name not in entered and _is_plain(function):
            entered.add(name)
            walk(function.body)

    walk(tree.body)
    return frozenset(found)


def is_main_guard(node: ast.AST) -> bool:
    """Whether a statement is ``if __name__ == "__main__"``."""
    if not isinstance(node, ast.If) or not isinstance(node.test, ast.Compare):
        return False
    sides = [node.test.left, *node.test.comparators]
    return any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides) and any(
        isinstance(side, ast.Constant) and side.value == "__main__" for side in sides
    )


def called(node: ast.AST) -> str:
    """The dotted name of what a call calls; of a longer expression, its last words; empty for no call."""
    if not isinstance(node, ast.Call):
        return ""
    words, target = [], node.func
    while isinstance(target, ast.Attribute):
        words.append(target.attr)
        target = target.value
    words.append(target.id if isinstance(target, ast.Name) else "")
    return ".".join(reversed(words))


def caught(handler: ast.ExceptHandler) -> frozenset[str]:
    """The names of what a handler catches."""
    if handler.type is None:
        return frozenset(["BaseException"])
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return frozenset(kind.id if isinstance(kind, ast.Name) else "" for kind in kinds)


def _is_plain(function: Function) -> bool:
    """Whether calling a function runs its body: it is no generator, no coroutine, and not decorated."""
    if isinstance(function, ast.AsyncFunctionDef) or function.decorator_list:
        return False
    return not any(isinstance(node, ast.Yield | ast.YieldFrom) for node in ast.walk(function))


def _sure_blocks(node: ast.stmt) -> list[list[ast.stmt]]:
    """The blocks of a compound statement that are run in any case, and whose failure is its own."""
    if isinstance(node, ast.If):
        return [node.body] if is_main_guard(node) else []
    if isinstance(node, ast.Try):
        goes_on = any(_goes_on(handler) for handler in node.handlers)
        return [node.finalbody] if goes_on else [node.body, node.orelse, node.finalbody]
    if isinstance(node, ast.With):
        words = {called(item.context_expr).rpartition(".")[2] for item in node.items}
        return [] if words & {"suppress", "raises"} else [node.body]
    return []


def _goes_on(handler: ast.ExceptHandler) -> bool:
    """Whether a script may go on after a missing key, because this handler swallows it."""
    if not caught(handler) & CATCHES_KEYS:
        return False
    last = handler.body[-1]
    if isinstance(last, ast.Raise):
        return False
    if not isinstance(last, ast.Expr) or called(last.value) not in EXITS:
        return True
    assert isinstance(last.value, ast.Call)
    code = last.value.args[0] if last.value.args else ast.Constant(0)
    return isinstance(code, ast.Constant) and code.value in (0, None)


def _may_leave(node: ast.stmt) -> bool:
    """Whether what follows a statement is not sure to be reached."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or is_main_guard(node):
        return False
    kinds = (ast.Return, ast.Raise, ast.Continue, ast.Break)
    inner = [one for handler in getattr(node, "handlers", []) for one in ast.walk(handler)]
    ignored = {id(one) for one in inner}  # after a failure, which is what is asked for
    parts = [part for part in _own(node) if id(part) not in ignored]
    return any(isinstance(part, kinds) or called(part) in EXITS for part in parts)


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """A statement and what is in it, without the functions that it only defines."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield from _own(child)


def _evaluated_by(node: ast.stmt) -> Iterator[ast.expr]:
    """The expressions that a statement itself is sure to evaluate."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield from _evaluated(child)
        elif isinstance(child, ast.withitem):
            yield from _evaluated(child.context_expr)


def _evaluated(node: ast.expr) -> Iterator[ast.expr]:
    """An expression and those in it that are sure to be evaluated with it."""
    yield node
    parts: list[ast.AST] = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.BoolOp):
        parts = [node.values[0]]
    elif isinstance(node, ast.IfExp):
        parts = [node.test]
    elif isinstance(node, ast.Lambda):
        parts = []
    elif isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        parts = [node.generators[0].iter]
    for part in parts:
        if isinstance(part, ast.keyword | ast.FormattedValue | ast.Starred):
            part = part.value
        if isinstance(part, ast.expr):
            yield from _evaluated(part)
