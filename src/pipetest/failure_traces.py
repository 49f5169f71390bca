"""The errors of a failure: the one that ended the step, and those that it was raised from, by the log."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

FRAME = re.compile(r'^  File "(?P<file>.+?)", line (?P<line>\d+), in (?P<name>.+)$', re.MULTILINE)
HEAD = "Traceback (most recent call last):\n"
ENDS = re.compile(r"^(?P<error>[A-Za-z_][\w.]*)(?:: (?P<message>(?:.|\n(?!\n))*))?", re.MULTILINE)
INSTALLED = re.compile(r"(?:site|dist)-packages/([^/]+)")


@dataclass(frozen=True, slots=True)
class Raised:
    """One error, the user's line that it comes from, and what libraries did between."""

    error: str
    message: str
    file: str  # of the user
    line: int | None
    inner: tuple[tuple[str, str, str], ...]  # below that line: library, name of its file, function
    libraries: tuple[tuple[str, str, str], ...]  # all frames of libraries


def raised(path: Path, answer: Mapping[str, object], log: str) -> Iterator[Raised]:
    """The error of the answer; then, from the last to the first, those that the log shows before it."""
    frames = answer.get("frames")
    told = [(str(one[0]), int(one[1]), str(one[2])) for one in frames] if isinstance(frames, list) else []
    yield _raised(path, str(answer["error"]), str(answer.get("message", "")), told)
    blocks = log.split(HEAD)[1:]
    for block in reversed(blocks[:-1]):
        if "The above exception was the direct" in block or "During handling of the above" in block:
            found = [(one["file"], int(one["line"]), one["name"]) for one in FRAME.finditer(block)]
            if ends := ENDS.search(block):
                name = ends["error"].rpartition(".")[2]
                yield _raised(path, name, (ends["message"] or "").strip(), found)


def _raised(path: Path, error: str, message: str, frames: list[tuple[str, int, str]]) -> Raised:
    beside = path.absolute().parent
    of_user = [i for i, frame in enumerate(frames) if _is_beside(frame[0], beside)]
    last = of_user[-1] if of_user else len(frames) - 1
    file, line = (frames[last][0], frames[last][1]) if of_user else (str(path), None)
    told = [(_library(file), file.replace("\\", "/").rpartition("/")[2], name) for file, _, name in frames]
    libraries = [one for i, one in enumerate(told) if i not in of_user]
    return Raised(error, message, file, line, tuple(told[last + 1 :]), tuple(libraries))


def _is_beside(file: str, beside: Path) -> bool:
    return Path(file).is_relative_to(beside) and not INSTALLED.search(file)


def _library(file: str) -> str:
    """``pandas`` of .../site-packages/pandas/core/frame.py, and of pandas/_libs/lib.pyx, compiled."""
    file = file.replace("\\", "/")
    found = INSTALLED.search(file)
    if found:
        return found[1]
    return file.rpartition("/")[2] if file.startswith(("/", "<")) else file.partition("/")[0]
