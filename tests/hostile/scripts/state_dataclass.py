"""Defines a dataclass under `from __future__ import annotations`, which looks its own module up."""
from __future__ import annotations

import sys
from dataclasses import KW_ONLY, InitVar, dataclass, field
from typing import ClassVar, get_type_hints


@dataclass
class Row:
    number: int
    start: InitVar[int | None] = None
    limit: ClassVar[int] = 9
    _: KW_ONLY
    tags: list[str] = field(default_factory=list)


HINTS = get_type_hints(Row)

if __name__ == "__main__":
    assert HINTS["number"] is int and Row(1, tags=["a"]).limit == 9
    open(sys.argv[1] + "/result.txt", "w").write("done")
