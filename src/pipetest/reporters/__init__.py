"""Reports for people and machines: each reporter is one function, Report -> str, in its own module.

Here is what they share: the text of others made safe to show, signs and colours. Colours are written
here and not through rich's Console, which takes 40 ms to load: more than most checks take.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from pipetest.results import Report

# Name -> module, loaded when it is asked for.
REPORTERS = {"terminal": "terminal", "json": "as_json", "junit": "junit"}

_DOUBTFUL = re.compile(r"[^\x20-\x7e\n\t]")
# What repr() escapes, but people write: the spaces of many scripts, and the joiners of some.
_HARMLESS = frozenset("\xa0\u1680\u202f\u205f\u3000\u200c\u200d" + "".join(map(chr, range(0x2000, 0x200B))))

_SGR = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
_SIGNS = {  # what is meant: (as it is shown, on a terminal that has ASCII only)
    "passed": ("✓", "+"),
    "failed": ("✗", "x"),
    "crashed": ("!", "!"),
    "timeout": ("!", "!"),
    "skipped": ("–", "-"),
    "stubbed": ("○", "o"),
    "cached": ("✓", "+"),
    "error": ("✗", "x"),
    "warning": ("!", "!"),
    "note": ("·", "."),
    "step": ("●", "*"),
    "from": ("←", "<-"),
    "to": ("→", "->"),
    "more": ("…", "..."),
    "by": ("×", "x"),
}
STYLES = {
    "passed": "green",
    "cached": "green",
    "failed": "red",
    "crashed": "red",
    "timeout": "red",
    "error": "red",
    "warning": "yellow",
    "skipped": "yellow",
    "stubbed": "cyan",
    "note": "cyan",
}


def render(name: str, report: Report, **options: Any) -> str:
    """The report in the form of that name. Raises KeyError where there is no such form."""
    module = import_module(f"{__name__}.{REPORTERS[name]}")
    return str(module.render(report, **options))


def printable(text: str, *, ascii_only: bool = False) -> str:
    r"""The text with all that could move a cursor, hide or reorder text, or not be encoded, as escapes.

    Newlines and tabs stay; ``\r\n`` becomes ``\n``; an escape character becomes the four characters ``\x1b``.
    """
    return _DOUBTFUL.sub(_escaped if ascii_only else _seen, text.replace("\r\n", "\n"))


def _seen(match: re.Match[str]) -> str:
    char = match[0]
    return char if char.isprintable() or char in _HARMLESS else _escaped(match)


def _escaped(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")


def cells(text: str) -> int:
    """How many columns a terminal gives the text."""
    if text.isascii():
        return len(text)  # by far the usual case, and rich costs 15 ms to load
    from rich.cells import cell_len

    return cell_len(text)


def column(texts: Iterable[str], most: int) -> int:
    """The width of a column of texts of which those wider than ``most`` stand on a line of their own."""
    return max((width for width in map(cells, texts) if width <= most), default=0)


@dataclass(frozen=True, slots=True)
class Look:
    """How a text is to be shown: with colours or without, how wide, in which characters."""

    color: bool
    width: int
    ascii_only: bool = False

    def paint(self, text: str, *styles: str) -> str:
        """The text in those styles: bold, dim or a colour."""
        if not (self.color and styles and text):
            return text
        return f"\x1b[{';'.join(_SGR[style] for style in styles)}m{text}\x1b[0m"

    def sign(self, meaning: str) -> str:
        """The sign of a status, a severity or a direction."""
        return _SIGNS[meaning][self.ascii_only]

    def text(self, text: str) -> str:
        """Text of others over one or more lines."""
        return printable(text, ascii_only=self.ascii_only).expandtabs()

    def line(self, text: str) -> str:
        """Text of others on one line: a name, a path."""
        return printable(text, ascii_only=self.ascii_only).replace("\n", "\\n").replace("\t", "\\t")


def wrapped(text: str, *, start: int, indent: int, width: int) -> str:
    """The text broken at spaces only, so that a path or a name stays whole and can be copied.

    The first line begins in the column ``start``, all others are indented.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line, used = "", indent if lines else start
        for word in paragraph.split(" "):
            size = cells(word)
            if line and used + 1 + size > width:
                lines.append(line)
                line, used = word, indent + size
            else:
                line, used = f"{line} {word}" if line else word, used + size + (1 if line else 0)
        lines.append(line)
    return f"\n{' ' * indent}".join(lines)


def packed(words: Iterable[str], separator: str, width: int) -> list[str]:
    """The words on as few lines as they need, each word whole."""
    lines: list[str] = []
    used = 0
    for word in words:
        size = cells(word)
        if lines and used + len(separator) + size <= width:
            lines[-1] += separator + word
            used += len(separator) + size
        else:
            lines.append(word)
            used = size
    return lines


def count(number: int, thing: str) -> str:
    """A number of things, with the ending that belongs to it."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
