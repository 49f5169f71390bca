"""Where places in S3 lie on this machine, as the user says."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

ARCHIVES = (".tar.gz", ".tgz", ".tar", ".zip")


def data_path(told: Mapping[str, Path], uri: str) -> Path | None:
    """Where data lies here: what was told of its place, or of the longest prefix of it."""
    root, rest = _nearest(told, uri)
    return root / rest if root is not None and rest else root


def code_path(
    told: Mapping[str, Path], uri: str, program: str | None = None
) -> tuple[Path | None, tuple[Path, ...]]:
    """Where code lies here, and where it was looked for; none, where nothing was told of its place.

    Below a prefix it is looked for under its whole path, then under its name alone, as the folders of code
    in S3 carry a hash. In place of an archive of sources it is the folder that it was made from, or the
    ``program`` in it.
    """
    root, rest = _nearest(told, uri)
    if root is None or not rest:
        return root, (root,) if root is not None else ()
    tried = list(dict.fromkeys(_candidates(root, rest, program)))
    there = [path for path in tried if os.path.exists(path)]  # noqa: PTH110 - never raises
    return next(iter(there), None), tuple(tried)


def _nearest(told: Mapping[str, Path], uri: str) -> tuple[Path | None, str]:
    """The path of the longest prefix of a place, and what of the place lies below that."""
    wanted = uri.rstrip("/")
    keys = [key for key in told if wanted and (wanted + "/").startswith(key.rstrip("/") + "/")]
    if not keys:
        return None, ""
    key = max(keys, key=lambda key: len(key.rstrip("/")))
    return told[key], wanted[len(key.rstrip("/")) :].strip("/")


def _candidates(root: Path, rest: str, program: str | None) -> list[Path]:
    *folders, name = rest.split("/")
    if not name.endswith(ARCHIVES):
        return [root / rest, root / name]
    if program is None:  # nothing would show whether a folder further up is meant
        return [root.joinpath(*folders), root / rest]
    return [root.joinpath(*folders[:depth], program) for depth in range(len(folders), -1, -1)]
