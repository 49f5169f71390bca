"""One step of a definition while it is read: its expressions, and what they bring to light."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipetest.importers.expressions import Declared, Definition, Ref, Resolved, Text, plain, shape
from pipetest.importers.references import resolve
from pipetest.pipeline import Local, Value
from pipetest.results import Finding


def unused(wanted: str, taken: Mapping[str, Any]) -> str:
    """A name that is not taken yet: the wanted one, or that with a number."""
    numbered = (f"{wanted}-{number}" for number in itertools.count(2))
    return next(name for name in itertools.chain([wanted], numbered) if name not in taken)


@dataclass(slots=True)
class Reading:
    """A step, and what is gathered of it: the values that it waits for, and findings."""

    definition: Definition
    declared: Declared
    local: Local
    values: dict[str, Value] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name of the step."""
        return self.declared.name

    def resolve(self, expression: Any) -> Resolved:
        """What an expression stands for."""
        return resolve(self.definition, self.name, expression)

    def plain(self, expression: Any) -> str:
        """An expression as it could be in production."""
        return plain(self.resolve(expression))

    def text(self, expression: Any) -> str:
        """An expression as a text, with ``{values.NAME}`` for what another step has yet to write."""
        value = self.resolve(expression)
        if not isinstance(value, Text):
            return plain(value)
        return "".join(part if isinstance(part, str) else self._placeholder(part) for part in value.parts)

    def texts(self, tree: Any, what: str) -> tuple[str, ...]:
        """A list of expressions as texts."""
        return tuple(self.text(one) for one in self.definition.list(tree, f"{what} of {self.name}"))

    def text_map(self, tree: Any, what: str) -> dict[str, str]:
        """A mapping of names to expressions, as texts; what is null is not set."""
        items = self.definition.mapping(tree, f"{what} of {self.name}").items()
        return {str(key): self.text(value) for key, value in items if value is not None}

    def _placeholder(self, ref: Ref) -> str:
        return ref.text if ref.value is None else f"{{values.{self.name_of(ref.value)}}}"

    def name_of(self, value: Value) -> str:
        """The name of a run-time value in this step; a new one where it has none yet."""
        for name, known in self.values.items():
            if known == value:
                return name
        wanted = re.sub(r"[^\w.-]+", "_", f"{value.step}.{value.path}").strip("_") or "value"
        name = unused(wanted, self.values)
        self.values[name] = value
        return name

    def section(self, name: str, of: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """A mapping among the arguments of the step."""
        found = (self.declared.arguments if of is None else of).get(name)
        return self.definition.mapping(found, f"{name} of {self.name}")

    def number(self, expression: Any, what: str) -> float | None:
        """An expression as a number, None where there is none."""
        value = self.resolve(expression)
        if value is None or isinstance(value, int | float):
            return value
        if isinstance(value, str) and value.strip():
            try:
                return float(value)
            except ValueError:
                self.definition.fault(f"{what} of {self.name} is {shape(value)}.", "A number is needed.")
        return None
