"""Where runs leave their traces: ``.pipetest/runs/RUN_ID/STEP/{inputs,outputs,log.txt,...}``.

The last few runs are kept and older ones removed, but never one that is under way: each holds a lock.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from pipetest.sandbox import SandboxError
from pipetest.sandbox_files import remove

KEPT = 5  # runs


def new_run(workspace: Path) -> tuple[Path, IO[bytes]]:
    """Make the folder of a new run. Returns it and its lock, which is held while the file is open."""
    try:
        runs = workspace / "runs"
        runs.mkdir(parents=True, exist_ok=True)
        ignore = workspace / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n")
        folder = _make_unique(runs)
        lock = (folder / ".lock").open("wb")
        fcntl.flock(lock, fcntl.LOCK_EX)
    except OSError as error:
        raise SandboxError(f"the workspace {workspace} cannot be written to: {error.strerror}") from error
    _prune(runs, folder)
    return folder, lock


def _make_unique(runs: Path) -> Path:
    while True:
        now = time.time_ns()
        stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(now // 10**9))
        folder = runs / f"{stamp}-{now % 10**9 // 1000:06}-{os.getpid()}"  # sorts by time
        with suppress(FileExistsError):
            folder.mkdir()
            return folder


def _prune(runs: Path, newest: Path) -> None:
    """Remove all but the last runs; a failure to remove is no failure of this run."""
    with suppress(OSError):
        folders = sorted(path for path in runs.iterdir() if path.is_dir() and path != newest)
        for folder in folders[: -(KEPT - 1)]:
            if not _is_under_way(folder):
                remove(folder)


def _is_under_way(folder: Path) -> bool:
    try:
        with (folder / ".lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return time.time() - folder.stat().st_mtime < 60  # made, and not locked yet
    except OSError:
        return True
    return False


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all; what a link names, and a pipe as it is. Raises OSError."""
    path = path.resolve()
    if path.exists() and not path.is_file():
        path.write_text(text, "utf-8", "backslashreplace")
        return
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        draft.write_text(text, "utf-8", "backslashreplace")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
