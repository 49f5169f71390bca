"""The names that are nearest to one that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterable


def nearest(name: str, names: Iterable[str], strict: bool = False) -> list[str]:
    """The names that may be meant by ``name``, the likeliest first, at most three.

    The same but for case, spaces, underscores and a byte order mark; else what contains it or is contained;
    else what is spelt alike. ``strict``: only what is the same in that sense, or off by a letter or so.
    """
    wanted, there = _bare(name), list(names)
    same = [one for one in there if _bare(one) == wanted]
    if same:
        return same[:3]
    if not strict:
        holding = [one for one in there if _holds(_bare(one), wanted)]
        if holding:
            return sorted(holding, key=lambda one: abs(len(one) - len(name)))[:3]
    there = [one for one in there if len(_bare(one)) >= 3]  # of two letters, one would do
    import difflib  # late: mostly nothing is missed

    alike = difflib.get_close_matches(wanted, map(_bare, there), 3, 0.8 if strict else 0.6)
    found = [one for one in there if _bare(one) in alike]
    if not found and not strict:
        found = [one for one in there if _is_short(_bare(one), wanted) or _is_short(wanted, _bare(one))]
    return sorted(found, key=lambda one: _likeness(_bare(one), wanted), reverse=True)[:3]


def _bare(name: str) -> str:
    return re.sub(r"[\s_\-.\ufeff]+", "", name).casefold()


def _holds(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) >= 3 and short in long


def _is_short(short: str, long: str) -> bool:
    """Whether one abbreviates the other: its letters in their order, ``qty`` for ``quantity``."""
    letters = iter(long)
    return len(short) >= 3 and short[0] == long[:1] and all(letter in letters for letter in short)


def _likeness(one: str, other: str) -> float:
    import difflib

    return difflib.SequenceMatcher(None, one, other).ratio()
