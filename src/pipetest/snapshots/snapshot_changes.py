"""How what was observed of an output differs from what a snapshot says of it, and what an update writes.

Two bodies (``snapshot_facts``) are compared as they are written: what was just written never differs.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pipetest.snapshots.snapshot_facts import ALL, Body, moment_of

TOLERANCE = {"rows": "10%", "range": "10%", "nulls": "5%"}  # where the file does not say otherwise
# What each fact of a column and of a file is written as.
OF_COLUMN = {"type": ("type",), "range": ("min", "max"), "nulls": ("nulls",), "distinct": ("distinct",)}
OF_TABLE = ("format", "unreadable", "bad_rows", "header", "rows", "sampled", "keys")
# How much a change weighs, the heaviest first. From MILD on it only warns.
GONE, TYPE, FORMAT, NULLS, ROWS, RANGE, MILD, MILDER = range(8)


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that is not as it was."""

    fact: str
    weight: int
    words: str  # for a sentence
    lines: tuple[str, ...]  # for a list of all changes
    place: tuple[str, ...] = ()  # where the file says what it was, below the output
    table: str = ""  # the file that it is about; empty: the output
    limit: str = ""  # the tolerance that it is beyond

    @property
    def is_grave(self) -> bool:
        """Whether it breaks a step that reads the output, or its results."""
        return self.weight < MILD


# --- what is not as it was


def output_changes(old: Mapping[str, Any] | None, new: Body, limits: Mapping[str, str]) -> list[Change]:
    """How an output differs. ``old`` is None for one that the snapshot does not have."""
    if old is None:
        words = "it is new, and not in the snapshot"
        added = tuple(_listed("+", name, body) for name, body in new.items())
        return [Change("output", MILDER, words, added)] if new else []
    changes = _name_changes("file", {name: body for name, body in old.items() if name != "tolerance"}, new)
    for name, before in _paired(old, new).items():
        tolerance = {**limits, **old.get("tolerance", {})}
        for change in table_changes(old[before], new[name], tolerance):
            changes.append(replace(change, table=name, place=(before, *change.place)))
    return changes


def _paired(old: Collection[str], new: Collection[str]) -> dict[str, str]:
    """Names now, each with the one it had: the same, or the only one that differs just in what it counts."""
    from pipetest.data.formats import COUNTER

    pairs = {name: name for name in new if name in old}
    lost, unknown = ([COUNTER.sub("*", one) for one in two if one not in pairs] for two in (old, new))
    before = {COUNTER.sub("*", one): one for one in old if one not in pairs and one != "tolerance"}
    for name in new:
        pattern = COUNTER.sub("*", name)
        if name not in pairs and lost.count(pattern) == unknown.count(pattern) == 1 and pattern in before:
            pairs[name] = before[pattern]
    return pairs


def _name_changes(kind: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Files or columns that are gone, with those that are new beside them."""
    pairs = _paired(old, new) if kind == "file" else {name: name for name in new if name in old}
    gone = [name for name in old if name not in pairs.values()]
    added = [name for name in new if name not in pairs]
    lines = tuple(_listed("-", name, old[name]) for name in gone)
    lines += tuple(_listed("+", name, new[name]) for name in added)
    if gone:
        instead = f" (new: {_names(added)})" if added else ""
        several = (
            f"the {kind}s {_names(gone)} are gone" if len(gone) > 1 else f"the {kind} `{gone[0]}` is gone"
        )
        return [Change("names", GONE, several + instead, lines, (gone[0],))]
    if added:
        ending = ("s", "are") if len(added) > 1 else ("", "is")
        words = f"the {kind}{ending[0]} {_names(added)} {ending[1]} new"
        return [Change("names", MILD, words, lines)]
    return []


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"


def table_changes(old: Body, new: Body, limits: Mapping[str, str]) -> list[Change]:
    """How a file differs from what the snapshot says of it."""
    limits = {**limits, **old.get("tolerance", {})}
    changes = [
        *_of_form(old, new),
        *_of_count("rows", old, new, limits),
        *_of_count("bad_rows", old, new, limits),
        *_of_keys(old, new, limits),
    ]
    before, after = old.get("columns", {}), new.get("columns", {})
    if before and after:
        return changes + _of_columns(before, after, _is_blank(old, new), limits)
    if (before or after) and old["format"] == new["format"] and not changes:
        words = "it has no columns any more" if before else "it has columns, and had none"
        changes.append(Change("columns", GONE, words, (words,)))
    return changes


def _is_blank(old: Body, new: Body) -> bool:
    """Whether one of them has no rows: then nothing can be said of what is in the columns."""
    return 0 in (old.get("rows"), new.get("rows"))


def _of_form(old: Body, new: Body) -> Iterator[Change]:
    if old["format"] != new["format"]:
        words = f"the format {old['format']} -> {new['format']}"
        yield Change("format", FORMAT, words, (words.removeprefix("the "),), ("format",))
    if old.get("header", True) != new.get("header", True):
        words = "it has no header any more" if old.get("header", True) else "it has a header now"
        yield Change("header", GONE, words, (words,), ("header",))
    if new.get("unreadable", False) != old.get("unreadable", False):
        weight = GONE if new.get("unreadable") else MILD
        words = "it cannot be read any more" if new.get("unreadable") else "it can be read now"
        yield Change("unreadable", weight, words, (words,), ("unreadable",))


def _of_count(fact: str, old: Body, new: Body, limits: Mapping[str, str]) -> Iterator[Change]:
    """Rows, or rows that cannot be read, of which there are none where nothing is said."""
    usual = 0 if fact == "bad_rows" else None
    before, after = old.get(fact, usual), new.get(fact, usual)
    if before is None or after is None or not _is_beyond(before, after, _limit("rows", limits)):
        return
    words = f"{fact.replace('_', ' ')} {before:,} -> {after:,} (tolerance {_said('rows', limits)})"
    yield Change(fact, ROWS, words, (words,), (fact,), limit="rows")


def _of_keys(old: Body, new: Body, limits: Mapping[str, str]) -> Iterator[Change]:
    before, after = old.get("keys", []), new.get("keys", [])
    if isinstance(before, list) and isinstance(after, list):
        if bool(before) == bool(after):
            changes = _name_changes("key", dict.fromkeys(before), dict.fromkeys(after))
            yield from (replace(one, fact="keys", place=("keys",)) for one in changes)
        elif old["format"] == new["format"]:
            words = "it is no object with keys any more" if before else "it is an object with keys now"
            yield Change("keys", GONE, words, (words,), ("keys",))
        return
    counts = [len(keys) if isinstance(keys, list) else keys for keys in (before, after)]
    if _is_beyond(counts[0], counts[1], _limit("rows", limits)):
        words = f"keys {counts[0]:,} -> {counts[1]:,}"
        yield Change("keys", ROWS, words, (words,), ("keys",), limit="rows")


def _of_columns(old: Body, new: Body, is_blank: bool, limits: Mapping[str, str]) -> list[Change]:
    changes = _name_changes("column", old, new)
    common = [name for name in new if name in old]
    if common != [name for name in old if name in new]:
        words = "the columns are in another order"
        changes.append(Change("order", MILDER, words, (f"order of columns: {', '.join(common)}",)))
    for name in [] if is_blank else common:
        changes += column_changes(name, old[name], new[name], limits)
    return [replace(one, place=("columns", *one.place)) for one in changes]


def column_changes(name: str, old: Body, new: Body, limits: Mapping[str, str]) -> list[Change]:
    """How a column differs. Of one without any value, nothing is said but that it has none."""
    limits = {**limits, **old.get("tolerance", {})}
    told = [_nulls(old, new, limits)]
    if ALL not in (old.get("nulls"), new.get("nulls")):
        told += [_type(old, new)]
        if _is_alike(old, new):
            told += [_range(old, new, limits), _distinct(old, new)]
    return [
        replace(one, words=f"`{name}` {one.words}", lines=(f"{name}: {one.words}",), place=(name,))
        for one in told
        if one
    ]


def _is_alike(old: Body, new: Body) -> bool:
    """Whether values of two columns can be compared: they have one type, or both are numbers."""
    return old["type"] == new["type"] or {old["type"], new["type"]} == {"int", "float"}


def _type(old: Body, new: Body) -> Change | None:
    if old["type"] == new["type"]:
        return None
    words = f"is {new['type']}, was {old['type']}"
    if (old["type"], new["type"]) == ("int", "float") and new.get("nulls"):
        words += " (pandas writes whole numbers as float where values are missing)"
    return Change("type", TYPE, words, ())


def _nulls(old: Body, new: Body, limits: Mapping[str, str]) -> Change | None:
    before, after = old.get("nulls"), new.get("nulls")
    if before == after or limits.get("nulls") == "any":
        return None
    words = f"nulls {before or 'none'} -> {after or 'none'}"
    if before and after and ALL not in (before, after):
        if "some" in (before, after) or abs(_percent(after) - _percent(before)) <= _limit("nulls", limits):
            return None
        words += f" (tolerance {_said('nulls', limits)})"
    is_less = not after or (before and "some" not in (before, after) and _percent(after) < _percent(before))
    return Change(
        "nulls", MILD if is_less else NULLS, words, (), limit="nulls" if "tolerance" in words else ""
    )


def _range(old: Body, new: Body, limits: Mapping[str, str]) -> Change | None:
    """By how much of its width a range may move; of a single value, by how much of it."""
    share = _limit("range", limits)
    low, high = _number(old.get("min")), _number(old.get("max"))
    width = high - low if low is not None and high is not None else 0.0
    words = []
    for key in ("min", "max"):
        before, after = old.get(key), new.get(key)
        is_date = isinstance(before, str)
        if before != after and not _is_near(before, after, share, width or (0 if is_date else None)):
            words.append(f"{key} {_shown(before)} -> {_shown(after)}")
    if not words:
        return None
    limit = f" (tolerance {_said('range', limits)} of its range)" if width else ""
    return Change("range", RANGE, ", ".join(words) + limit, (), limit="range")


def _is_near(before: Any, after: Any, share: float, width: float | None) -> bool:
    """Whether a limit of a range moved by no more than a share of the width, or of itself."""
    least, now = _number(before), _number(after)
    if math.isinf(share):
        return True
    if least is None or now is None or isinstance(before, str) != isinstance(after, str):
        return False
    return abs(now - least) <= share * (abs(least) if width is None else width)


def _distinct(old: Body, new: Body) -> Change | None:
    before, after = old.get("distinct"), new.get("distinct")
    if before == after:
        return None
    words = f"distinct values {before or 'many'} -> {after or 'many'}"
    return Change("distinct", MILDER, words, ())


# --- numbers


def _limit(name: str, limits: Mapping[str, str]) -> float:
    """A tolerance as a share: 0.1 for "10%"; infinite for "any"."""
    said = _said(name, limits)
    return math.inf if said == "any" else _percent(said)


def _said(name: str, limits: Mapping[str, str]) -> str:
    return limits.get(name, TOLERANCE[name])


def _percent(text: str) -> float:
    return float(text.rstrip("%")) / 100


def _is_beyond(before: int, after: int, share: float) -> bool:
    return before != after and not math.isinf(share) and abs(after - before) > share * before


def _number(value: Any) -> float | None:
    """A limit of a range as a number; of a date its seconds."""
    if isinstance(value, str):
        moment = moment_of(value)
        return (moment - datetime(1970, 1, 1)).total_seconds() if moment else None
    return None if value is None else float(value)


def _shown(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else "none" if value is None else str(value)


def _listed(sign: str, name: str, body: Mapping[str, Any] | None) -> str:
    return f"{sign} {name}: {_flat(body)}" if body else f"{sign} {name}"


def _flat(body: Mapping[str, Any]) -> str:
    """A file or a column in a few words."""
    if "format" in body:
        rows = f", {body['rows']:,} rows" if "rows" in body else ""
        columns = f", {len(body['columns'])} columns" if "columns" in body else ""
        return f"{body['format']}{rows}{columns}"
    words = [body.get("type", "")]
    if "min" in body or "max" in body:
        words[0] += f" {_shown(body.get('min'))}..{_shown(body.get('max'))}"
    words += [f"{body['nulls']} null"] if "nulls" in body else []
    words += [f"{body['distinct']} distinct"] if "distinct" in body else []
    return ", ".join(words)


def subject(step: str, output: str, table: str) -> str:
    """What a change is about, as the author of the pipeline calls it."""
    name = f"{step}.{output}"
    return name if table in ("", output) else f"{table} of {name}"


# --- an update


def kept(old: Body, new: Body, limits: Mapping[str, str]) -> Body:
    """What is written of an output: the new where it differs, else what was there; and its tolerances."""
    limits = {**limits, **old.get("tolerance", {})}
    body: Body = {"tolerance": old["tolerance"]} if "tolerance" in old and new else {}
    pairs = _paired(old, new)
    for name, table in new.items():
        before = pairs.get(name)
        body[before or name] = _kept_table(old[before], table, limits) if before else table
    return body


def _kept_table(old: Body, new: Body, limits: Mapping[str, str]) -> Body:
    changed = {change.fact for change in table_changes(old, new, limits)}
    body = {key: new[key] for key in OF_TABLE if key in new}
    for key in ("rows", "bad_rows", "keys"):
        if key in old and key in new and key not in changed:
            body[key] = old[key]
    own = {"tolerance": old["tolerance"]} if "tolerance" in old else {}
    limits = {**limits, **own.get("tolerance", {})}
    before, is_blank = old.get("columns", {}), _is_blank(old, new)
    columns = {
        name: _kept_column(before[name], column, is_blank, limits) if name in before else column
        for name, column in new.get("columns", {}).items()
    }
    return {**body, **own, **({"columns": columns} if columns else {})}


def _kept_column(old: Body, new: Body, is_blank: bool, limits: Mapping[str, str]) -> Body:
    own = {"tolerance": old["tolerance"]} if "tolerance" in old else {}
    if is_blank or ALL in (old.get("nulls"), new.get("nulls")) or not _is_alike(old, new):
        return {**new, **own}
    changed = {change.fact for change in column_changes("", old, new, limits)}
    body: Body = {}
    for fact, keys in OF_COLUMN.items():
        source = new if fact in changed else old
        body |= {key: source[key] for key in keys if key in source}
    return {**body, **own}
