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
    in S3 carry a hash. In place of an archive of sources it is that archive, the folder that it was made
    from, or the ``program`` in it.
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
        return [root / rest, root.joinpath(*folders)]
    above = [root.joinpath(*folders[:depth], program) for depth in range(len(folders), -1, -1)]
    return [root / rest, *above] if os.path.isfile(root / rest) else above  # noqa: PTH113 - never raises


def unpacked(archive: Path, workspace: Path) -> Path | None:
    """The folder that an archive of sources is unpacked to, once for each content; None: it cannot be."""
    import hashlib
    import tarfile
    import tempfile

    folder = None
    try:
        folder = workspace / "code" / hashlib.sha256(archive.read_bytes()).hexdigest()[:16]
        if not folder.is_dir():
            folder.parent.mkdir(parents=True, exist_ok=True)
            (workspace / ".gitignore").write_text("*\n")
            with tempfile.TemporaryDirectory(dir=folder.parent) as made, tarfile.open(archive) as packed:
                packed.extractall(f"{made}/all", filter="data")  # nothing outside, no devices, no odd links
                os.replace(f"{made}/all", folder)  # noqa: PTH105 - whole at once, for another that looks
    except (OSError, EOFError, tarfile.TarError, TypeError):  # TypeError: Python 3.11.3 has no filter
        return folder if folder is not None and folder.is_dir() else None  # another was first
    return folder
