"""The values of synthetic data: of declared columns and a seed.

The values of a column depend on the seed and on the names of the input and of the column alone: columns that
are declared alike differ, and one that is added leaves the others as they were. Only ``Random.random`` is
used, of which Python promises that it gives the same numbers everywhere.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from random import Random

Columns = Mapping[str, Mapping[str, Any]]  # as ``pipeline.declared`` makes them
MOST_VALUES = 20_000_000  # of one table: it is made in memory
FINEST = 2**53  # places of a pool: as many as Random.random can tell apart
MANY_FLOATS = 1_000_000  # so many values has a range of floats at least, and more where there are more rows
ORIGIN = datetime(1, 1, 1)
DAY = 24 * 60 * 60
Y2024 = (datetime(2024, 1, 1) - ORIGIN).days
WORDS = tuple(
    word
    for line in (
        "amber apple autumn bridge bright calm candle cedar clear cloud copper coral dawn deep early",
        "ember fern field forest garden gentle golden granite harbor hazel hill island ivory juniper",
        "lantern linen little maple meadow morning mountain north ocean old olive orchard paper pebble",
        "pine quiet rain river rose saffron sea silver slow snow spring stone summer sunny thistle tide",
        "valley velvet warm west wild winter",
    )
    for word in line.split()
)


class SyntheticError(ValueError):
    """What is declared cannot be made. The text is a sentence that names the column and the next move."""


@dataclass(frozen=True, slots=True)
class _Pool:
    """The values that a column can have, by number; ``every``: each is to occur."""

    size: int
    at: Callable[[int], Any]
    every: bool = False


@dataclass(frozen=True, slots=True)
class _Scale:
    """A type whose values lie on whole numbers: where they begin and how far they reach unless told."""

    start: int
    reach: int
    least: int
    greatest: int
    at: Callable[[int], Any]


@lru_cache(4096)
def _day(number: int) -> str:
    return date.fromordinal(number + 1).isoformat()


def _second(number: int) -> str:
    return f"{_day(number // DAY)} {MINUTES[number // 60 % len(MINUTES)]}:{SIXTY[number % 60]}"


SIXTY = [f"{i:02}" for i in range(60)]  # tables, for speed
MINUTES = [f"{hour}:{minute}" for hour in SIXTY[:24] for minute in SIXTY]
KINDS = ("int", "float", "bool", "str", "date", "datetime")
DAYS = date.max.toordinal()
SCALES = {
    "int": _Scale(0, 1000, -(2**63), 2**63 - 1, int),
    "date": _Scale(Y2024, 365, 0, DAYS - 1, _day),
    "datetime": _Scale(Y2024 * DAY, 366 * DAY - 1, 0, DAYS * DAY - 1, _second),
}


def refused(columns: Columns, rows: int) -> list[str]:
    """What stands against making so many rows of these columns, each in a sentence; empty: nothing."""
    if not columns:
        return ["No columns are declared: name them under `columns`, or a file that has them under `like`."]
    found = []
    if rows * len(columns) > MOST_VALUES:
        found.append(f"{rows:,} rows of {len(columns):,} columns are too many: ask for fewer rows.")
    for name, body in columns.items():
        try:
            _pool_for(name, body, rows)
        except SyntheticError as error:
            found.append(str(error))
    return found


def values_of(name: str, body: Mapping[str, Any], rows: int, stream: str) -> list[Any]:
    """The values of a column: numbers, booleans and texts (of dates, too), None for a null.

    ``stream`` is a text that stands for the numbers they are made of. Raises SyntheticError.
    """
    from random import Random

    pool, nulls = _pool_for(name, body, rows)
    random = Random(stream)
    count = rows - nulls
    if body.get("unique"):
        places = _shuffled(random, _spread(random, count, pool.size))
    else:
        draw, size = random.random, pool.size
        places = [int(draw() * size) for _ in range(count)]
        if pool.every and size <= count:
            order = _shuffled(random, range(size))
            for row, place in zip(_spread(random, size, count), order, strict=True):
                places[row] = place
    values = list(map(pool.at, places))
    if body.get("unique") and len(set(values)) < count:
        raise SyntheticError(f"The range of the column `{name}` is too narrow for unique values: widen it.")
    for row in _spread(random, nulls, rows):
        values.insert(row, None)
    return values


def _spread(random: Random, count: int, size: int) -> list[int]:
    """So many different numbers below ``size``, in order, spread over all of it."""
    edges = [i * size // count for i in range(count + 1)] if count else [0]
    return [low + int(random.random() * (high - low)) for low, high in pairwise(edges)]


def _shuffled(random: Random, numbers: Iterable[int]) -> list[int]:
    order = list(numbers)
    for i in range(len(order) - 1, 0, -1):
        j = int(random.random() * (i + 1))
        order[i], order[j] = order[j], order[i]
    return order


def _pool_for(name: str, body: Mapping[str, Any], rows: int) -> tuple[_Pool, int]:
    """What a column can have, and how many nulls it gets. Raises SyntheticError where it is not enough."""
    pool = _pool(name, body, rows)
    nulls = (rows // 20 or int(rows >= 10)) if body.get("nullable") else 0
    if pool.every:
        nulls = min(nulls, max(rows - pool.size, 0))
    if body.get("unique") and pool.size < rows - nulls:
        raise SyntheticError(
            f"The column `{name}` is unique, and has only {pool.size:,} possible values for {rows:,} rows: "
            "widen its range or its choices, or ask for fewer rows."
        )
    return pool, nulls


def _pool(name: str, body: Mapping[str, Any], rows: int) -> _Pool:
    kind, choices = kind_of_column(body), body.get("choices")
    low, high = _limit(name, body, kind, "min"), _limit(name, body, kind, "max")
    if choices or kind == "bool":
        return _chosen(name, kind, choices or [False, True], low, high)
    if kind == "str":
        if low is not None or high is not None:
            message = f"The column `{name}` is text with a `min` or `max`, which is not generated"
            raise SyntheticError(f"{message}: give it `choices` instead.")
        return _texts(rows) if body.get("unique") else _Pool(len(_phrases()), _phrases().__getitem__)
    if kind == "float":
        return _floats(name, low, high, rows)
    return _wholes(name, SCALES[kind], low, high, rows if body.get("unique") else 1)


def kind_of_column(body: Mapping[str, Any]) -> str:
    """The type of a column; of one that may be anything, the one that holds its choices, or float."""
    kind, choices = str(body.get("type", "any")), body.get("choices")
    if kind != "any" or not choices:
        return "float" if kind == "any" else kind
    types = {type(one) for one in choices}
    fitting = (("bool", {bool}), ("int", {int}), ("float", {int, float}))
    return next((kind for kind, accepted in fitting if types <= accepted), "str")


def _limit(name: str, body: Mapping[str, Any], kind: str, key: str) -> Any:
    value = body.get(key)
    if kind not in KINDS:
        raise SyntheticError(
            f"The column `{name}` is of a type that is not generated: take one of {', '.join(KINDS)}."
        )
    try:
        return None if value is None else _measure(kind, value)
    except (TypeError, ValueError, OverflowError):
        what = "no ISO date such as 2024-05-06" if kind in ("date", "datetime") else "no number"
        raise SyntheticError(f"`{key}` of the column `{name}` is {what}: mend it.") from None


def _measure(kind: str, value: Any) -> Any:
    """What a value is compared by: a number; for dates the days, or seconds, since ``ORIGIN``; or a text."""
    if kind == "str":
        return str(value)
    if kind in ("date", "datetime"):
        seconds = (moment(value) - ORIGIN) / timedelta(seconds=1)
        return seconds / DAY if kind == "date" else seconds
    if not isinstance(value, (int, float)) or (isinstance(value, bool) and kind != "bool"):
        raise TypeError(value)
    if not math.isfinite(value):
        raise ValueError(value)
    return value


def moment(value: Any) -> datetime:
    """The date and time that an ISO text names, in UTC where it names a zone. Raises ValueError."""
    found = datetime.fromisoformat(str(value))
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found


def _chosen(name: str, kind: str, choices: Sequence[Any], low: Any, high: Any) -> _Pool:
    """The choices that are of the type and in the range, each once."""
    fit = {}
    for one in choices:
        try:
            measure = _measure(kind, one)
            if not _is_outside(measure, low, high):
                fit[measure] = _as(kind, one, measure)
        except (TypeError, ValueError, OverflowError):
            continue
    if not fit:
        raise SyntheticError(f"No choice of the column `{name}` is of its type and in its range: mend them.")
    values = list(fit.values())
    return _Pool(len(values), values.__getitem__, every=True)


def _is_outside(measure: Any, low: Any, high: Any) -> bool:
    return bool((low is not None and measure < low) or (high is not None and measure > high))


def _as(kind: str, choice: Any, measure: Any) -> Any:
    """A choice as a value of the type. Raises ValueError for one that is not."""
    is_whole = kind not in ("int", "date") or measure == int(measure)
    if not is_whole or (kind == "bool" and choice not in (0, 1)):
        raise ValueError(choice)
    convert: dict[str, Callable[[Any], Any]] = {"int": int, "float": float, "str": str}
    return convert.get(kind, lambda as_written: as_written)(choice)


def _wholes(name: str, scale: _Scale, low: Any, high: Any, needed: int) -> _Pool:
    """Whole numbers (or days, or seconds) of a range, with room for so many where it is ours to choose."""
    reach = max(scale.reach, 4 * needed)
    first = None if low is None else math.ceil(low)
    last = None if high is None else math.floor(high)
    if first is None:
        has_room = last is None or last - scale.start >= needed
        first = scale.start if has_room or last is None else max(last - reach, scale.least)
    if last is None:
        last = min(first + reach, scale.greatest)
    if first > last:
        message = f"No value of the column `{name}` lies between its `min` and its `max`"
        raise SyntheticError(f"{message}: swap or widen them.")
    if first < scale.least or last > scale.greatest:
        raise SyntheticError(f"The range of the column `{name}` is more than 64 bits hold: narrow it.")
    return _range(first, last, scale.at)


def _floats(name: str, low: Any, high: Any, rows: int) -> _Pool:
    """Numbers of a range with six digits behind the point, or more where it is narrow or rows are many."""
    if low is None:
        low = 0 if high is None or high > 0 else high - max(1, abs(high))
    if high is None:
        high = min(low + max(1, abs(low)), sys.float_info.max)
    if low > high:
        raise SyntheticError(f"The column `{name}` has a `min` above its `max`: swap them.")
    if low == high:
        return _Pool(1, lambda _: float(low))
    from fractions import Fraction

    first, last, unit = Fraction(low), Fraction(high), 10**6  # exact: a quotient is then in the range
    while (last - first) * unit < max(MANY_FLOATS, 10 * rows):
        unit *= 10
    return _range(math.ceil(first * unit), math.floor(last * unit), lambda number: number / unit)


def _range(first: int, last: int, at: Callable[[int], Any]) -> _Pool:
    """What is at the whole numbers from the first to the last."""
    span = last - first + 1
    if span > FINEST:
        return _Pool(FINEST, lambda place: at(first + place * span // FINEST))
    return _Pool(span, lambda place: at(first + place))


@cache
def _phrases() -> list[str]:
    """Readable texts of one to three words."""
    pairs = [f"{one} {other}" for one in WORDS for other in WORDS if one != other]
    threes = [f"{pair} {word}" for pair, word in zip(pairs, WORDS * len(WORDS), strict=False)]
    return [*WORDS * len(WORDS), *pairs, *threes]


def _texts(rows: int) -> _Pool:
    """Texts that differ by their suffix."""
    phrases = _phrases()
    # 7919 is a prime, and leads through all of them
    return _Pool(max(1000, 10 * rows), lambda place: f"{phrases[place * 7919 % len(phrases)]} {place}")
