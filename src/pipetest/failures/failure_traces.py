"""The errors of a failure: the one that ended the step, and those that it was raised from, by the log."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipetest.failures.failing_code import code_at

FRAME = re.compile(r'^  File "(?P<file>.+?)", line (?P<line>\d+), in (?P<name>.+)$', re.MULTILINE)
HEAD = "Traceback (most recent call last):\n"
ENDS = re.compile(r"^(?P<error>[A-Za-z_][\w.]*)(?:: (?P<message>(?:.|\n(?!\n))*))?", re.MULTILINE)
CAUSE = "The above exception was the direct cause"
CONTEXT = "During handling of the above exception"
NEAR_END = 12  # lines of a log, below the last frame of a traceback: source, marks, message, and a word more
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
    """The error of the answer; then, from the last to the first, those that the log shows before it.

    Of a step that ended itself, there is the traceback at the end of its log, if it has one.
    """
    blocks = log.split(HEAD)[1:]
    if "error" in answer:
        frames = answer.get("frames")
        told = [(str(one[0]), int(one[1]), str(one[2])) for one in frames] if isinstance(frames, list) else []
        said = _raised(path, str(answer["error"]), str(answer.get("message", "")), told)
        yield said
        if blocks and HEAD in said.message:  # of many fits, say: what each failed of is told in the message
            yield _of_block(path, blocks[-1])
    elif blocks and len(blocks[-1].rpartition("\n  File ")[2].strip().splitlines()) < NEAR_END:
        said = _of_block(path, blocks[-1])
        yield said
    else:
        return
    for block in reversed(blocks[:-1]):
        if CAUSE in block or (CONTEXT in block and _is_raise(said)):
            said = _of_block(path, block)
            yield said
        else:
            return  # of something else, earlier


def _of_block(path: Path, block: str) -> Raised:
    """The error of one traceback."""
    frames = [(one["file"], int(one["line"]), one["name"]) for one in FRAME.finditer(block)]
    ends = ENDS.search(block)
    error = ends["error"].rpartition(".")[2] if ends else ""
    message = (ends["message"] or "").strip() if ends else ""
    return _raised(path, error, message.partition("\n")[0] if error == "KeyError" else message, frames)


def _is_raise(said: Raised) -> bool:
    """Whether the script raised this itself: what it was about to handle is then the cause."""
    return said.line is not None and code_at(said.file, said.line).text.startswith("raise")


def _raised(path: Path, error: str, message: str, frames: list[tuple[str, int, str]]) -> Raised:
    of_user = [i for i, frame in enumerate(frames) if _is_users(frame[0])]
    last = of_user[-1] if of_user else -1
    file, line = (frames[last][0], frames[last][1]) if of_user else (str(path), None)
    told = [(_library(file), file.replace("\\", "/").rpartition("/")[2], name) for file, _, name in frames]
    libraries = [one for i, one in enumerate(told) if i not in of_user]
    return Raised(error, message, file, line, tuple(told[last + 1 :]), tuple(libraries))


def _is_users(file: str) -> bool:
    """Whether a file is neither installed nor of Python itself; compiled code has no path of its own."""
    return Path(file).is_absolute() and not INSTALLED.search(file) and "/lib/python3" not in file


def _library(file: str) -> str:
    """``pandas`` of .../site-packages/pandas/core/frame.py, and of pandas/_libs/lib.pyx, compiled."""
    file = file.replace("\\", "/")
    found = INSTALLED.search(file)
    if found:
        return found[1]
    return file.rpartition("/")[2] if file.startswith(("/", "<")) else file.partition("/")[0]
