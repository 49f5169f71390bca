"""Imports a module that is not installed for the type checker only."""
from __future__ import annotations

import sys
import typing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import no_such_package_kiwi
if typing.TYPE_CHECKING:
    from no_such_package_plum import Stone


def work(kiwi: no_such_package_kiwi.Kiwi, stone: Stone) -> None: ...


if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
