"""Folders and files of a sandbox: copied, walked, removed."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

# What lies deeper is passed over: there the system's calls (4,096 bytes) and our recursion end, and no store
# would take it: a key in S3 has at most 1,024 bytes.
LONGEST, DEEPEST = 3000, 600


def copy_file(source: Path, target: Path) -> None:
    """Copy one file, with its times; the copy can be written to."""
    shutil.copyfile(source, target)
    shutil.copystat(source, target)
    target.chmod(target.stat().st_mode | stat.S_IRUSR | stat.S_IWUSR)


def copy_folder(
    source: Path,
    target: Path,
    follow: bool,
    above: Sequence[Path] = (),
    without: Collection[str] = (),
    largest: int | None = None,
) -> None:
    """Copy the regular files of a folder. Links are followed, or left out; never into ``above``: a circle.

    ``without`` are names of files and folders that stay behind, as do files of more than ``largest`` bytes.
    """
    target.mkdir(parents=True, exist_ok=True)
    for entry in _scan(source):
        if entry.name in without or (entry.is_symlink() and not follow):
            continue
        if _is_circle(entry):
            continue
        if entry.is_dir():
            real = Path(entry.path).resolve()
            if real not in above:
                copy_folder(Path(entry.path), target / entry.name, follow, (*above, real), without, largest)
        elif entry.is_file() and (largest is None or entry.stat().st_size <= largest):
            # not a pipe, a socket, a device or a dangling link
            copy_file(Path(entry.path), target / entry.name)


def _is_circle(entry: os.DirEntry[str]) -> bool:
    """Whether a link leads to itself, or where nobody may look."""
    try:
        entry.stat()
    except FileNotFoundError:
        return False
    except OSError:
        return entry.is_symlink()
    return False


def _scan(folder: Path) -> list[os.DirEntry[str]]:
    """The entries of a folder; one that a step made unreadable is made readable again."""
    try:
        entries = os.scandir(folder)
    except PermissionError:
        folder.chmod(0o700)
        entries = os.scandir(folder)
    return sorted((entry for entry in entries if _is_in_reach(entry.path)), key=lambda entry: entry.name)


def _is_in_reach(path: str) -> bool:
    return len(os.fsencode(path)) <= LONGEST and path.count("/") <= DEEPEST


def walk(path: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Relative name and status of each file below a path (or of the path itself); links are not followed."""
    try:
        status = path.lstat()
    except OSError:
        return
    if not stat.S_ISDIR(status.st_mode):
        yield path.name, status
        return
    waiting = [(path, "")]
    while waiting:
        folder, prefix = waiting.pop()
        for entry in _scan(folder):
            if entry.is_dir(follow_symlinks=False):
                waiting.append((Path(entry.path), f"{prefix}{entry.name}/"))
            else:
                yield prefix + entry.name, entry.stat(follow_symlinks=False)


def matches(name: str, glob: str) -> bool:
    """Whether a relative name, or the last part of it, is what a pattern of `files` means."""
    from fnmatch import fnmatchcase

    return fnmatchcase(name, glob) or fnmatchcase(name.rpartition("/")[2], glob)


def unmatched(globs: Iterable[str], names: Collection[str]) -> list[str]:
    """The patterns that no name matches."""
    return [glob for glob in globs if not any(matches(name, glob) for name in names)]


def remove(folder: Path) -> None:
    """Remove a folder, whatever a step made of it. Never raises: it is only a clean-up."""
    with suppress(RecursionError):  # a thousand nested folders are too deep for shutil
        shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        for command in (["chmod", "-R", "u+rwx"], ["rm", "-rf"]):
            with suppress(OSError):
                subprocess.run([*command, "--", str(folder)], stderr=subprocess.DEVNULL, check=False)
