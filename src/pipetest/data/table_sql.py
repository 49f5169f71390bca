"""SQL for DuckDB: what is counted of a column, and how many of its values break a declaration."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

# What pandas takes for missing, https://pandas.pydata.org/docs/reference/api/pandas.read_csv.html (na_values)
NULLS = ("", "NA", "N/A", "NaN", "nan", "-nan", "-NaN", "NULL", "null", "None", "<NA>", "#N/A", "#NA", "n/a")
NUMBERS = re.compile(r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|DECIMAL.*|DATE|TIMESTAMP.*)$")


def paths_literal(paths: Sequence[Path]) -> str:
    """Paths as SQL writes them: DuckDB takes *, ? and [ in them for patterns. Raises ValueError."""
    if any("\ud800" <= letter <= "\udfff" for path in paths for letter in str(path)):
        raise ValueError("its name is not UTF-8")
    return literal([re.sub(r"[*?[]", lambda found: f"[{found[0]}]", str(path)) for path in paths])


def literal(value: Any) -> str:
    """A value as SQL writes it: there are places where it takes no parameter."""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, float):
        return f"CAST('{value!r}' AS DOUBLE)"  # also inf
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value)


def quoted(name: str) -> str:
    """The name of a column as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def aggregates(name: str, type_: str) -> tuple[str, ...]:
    """Five values of a column: how many, least, greatest, how many differ, all true or false."""
    column = quoted(name)
    ranged = NUMBERS.match(type_) is not None
    is_text = type_ == "VARCHAR"
    limit = column
    if type_ == "TIMESTAMP WITH TIME ZONE":  # in UTC; as it is, it cannot be fetched without pytz
        limit = f"make_timestamp(epoch_us({column}))"
    nested = type_.endswith("]") or type_.startswith(("STRUCT", "MAP", "UNION"))
    return (
        f"count(*) FILTER {present(column, type_)}",
        f"min({limit})" if ranged else "NULL",
        f"max({limit})" if ranged else "NULL",
        "NULL" if nested else f"approx_count_distinct({column})",
        f"bool_and(lower({column}) IN ('true', 'false'))" if is_text else "NULL",
    )


def family(type_: str) -> str:
    """Our word for a type of DuckDB's: one of ``facts.TYPES``, or its own in small letters."""
    if type_.endswith("]"):
        return "list"
    if type_ == "VARCHAR" or type_.startswith("ENUM"):
        return "str"
    if re.match(r"U?(TINY|SMALL|BIG|HUGE)?INT", type_):
        return "int"
    if re.match(r"DOUBLE|FLOAT|DECIMAL|REAL", type_):
        return "float"
    simple = {"BOOLEAN": "bool", "DATE": "date"}
    return simple.get(type_) or (
        "datetime" if type_.startswith("TIMESTAMP") else type_.partition("(")[0].strip('"').lower()
    )


# --- what breaks a declaration

_CASTS = {"float": "DOUBLE", "date": "DATE", "datetime": "TIMESTAMP", "bool": "BOOLEAN"}


def settled(body: Mapping[str, Any], type_: str) -> bool:
    """Whether the type that DuckDB found for a column of a text is one that the declaration accepts.

    Then its values need not be read once more as they are written.
    """
    kind, have = body.get("type", "any"), family(type_)
    accepted = {"int": ("int", "float"), "float": ("int", "float"), "date": ("date", "datetime")}
    return have in accepted.get(kind, ()) or (kind == "datetime" and have in ("date", "datetime"))


def breaks(name: str, body: Mapping[str, Any], type_: str) -> list[str]:
    """Six counts, in the order of ``Broken``."""
    column, kind = quoted(name), str(body.get("type", "any"))
    value, here = _value(column, kind, type_), _is_there(column, kind, type_)
    least, greatest, choices = body.get("min"), body.get("max"), body.get("choices")
    text = f"CAST({column} AS VARCHAR)"
    return [
        f"count(*) FILTER ({here} AND {_wrong(column, kind, type_)})",
        f"count(*) FILTER (NOT {here})",
        f"count(*) FILTER ({here} AND {value} < {_limit(least, kind)})" if least is not None else "0",
        f"count(*) FILTER ({here} AND {value} > {_limit(greatest, kind)})" if greatest is not None else "0",
        f"count(*) FILTER ({here} AND NOT {_among(column, text, choices)})" if choices else "0",
        f"count({column}) FILTER ({here}) - count(DISTINCT {column}) FILTER ({here})"
        if body.get("unique")
        else "0",
    ]


def _is_there(column: str, kind: str, type_: str) -> str:
    """SQL that is true of a value that is not missing: NaN is missing, and so is NA among numbers."""
    if type_ == "TEXT" and kind not in ("str", "any"):
        return f"({column} IS NOT NULL AND trim({column}) NOT IN ({literal(NULLS)[1:-1]}))"
    return present(column, type_)


def present(column: str, type_: str) -> str:
    """SQL that is true of a value that is neither NULL nor NaN."""
    return f"({column} IS NOT NULL{f' AND NOT isnan({column})' if type_ in ('DOUBLE', 'FLOAT') else ''})"


def _value(column: str, kind: str, type_: str) -> str:
    """SQL for a column as what it is compared by: a date, a text, or a number where it is one."""
    if kind in ("date", "datetime"):
        return f"TRY_CAST({column} AS TIMESTAMP)"
    if kind == "str" or family(type_) in ("int", "float"):
        return column
    return f"TRY_CAST(CAST({column} AS VARCHAR) AS DOUBLE)"


def _limit(limit: float | str, kind: str) -> str:
    return literal(str(limit)) if kind == "str" else literal(limit)


def _among(column: str, text: str, choices: Sequence[Any]) -> str:
    """Whether a value is one of the choices: as text, and numbers as numbers (1 is 1.0)."""
    words = [("true" if one else "false") if isinstance(one, bool) else str(one) for one in choices]
    numbers = [one for one in choices if isinstance(one, (int, float)) and not isinstance(one, bool)]
    same = f"{text} IN ({literal(words)[1:-1]})"
    if any(isinstance(one, bool) for one in choices):
        same = f"lower({text}) IN ({literal([word.lower() for word in words])[1:-1]})"
    if numbers:
        same += f" OR TRY_CAST({text} AS DOUBLE) IN ({literal(numbers)[1:-1]})"
    return f"coalesce({same}, false)"


def _wrong(column: str, kind: str, type_: str) -> str:
    """SQL that is true of a value of another type. ``type_`` is DuckDB's; TEXT: as it is written."""
    have = "str" if type_ == "TEXT" else family(type_)
    if kind in ("any", have) and type_ != "TEXT":
        return "false"
    if kind == "any" or (kind == "str" and type_ == "TEXT"):
        return "false"
    if type_ == "TEXT" or (have == "str" and kind in ("date", "datetime")):
        return _unparsable(column, kind)
    if kind == "float" and have == "int":
        return "false"
    if kind == "int" and have == "float":  # a column with nulls, as pandas writes it
        return f"NOT isnan({column}) AND {column} <> floor({column})"
    if kind == "bool" and have in ("int", "float"):
        return f"{column} NOT IN (0, 1)"
    if kind == "datetime" and have == "date":
        return "false"
    if kind == "date" and have == "datetime":
        return f"{column} <> date_trunc('day', {column})"
    return "true"


def _unparsable(column: str, kind: str) -> str:
    if kind == "int":  # 7, 00123, and 7.0 of a column with nulls
        number = f"TRY_CAST({column} AS DOUBLE)"
        return f"({number} IS NULL OR isinf({number}) OR {number} <> floor({number}))"
    if kind == "bool":
        return f"lower(trim({column})) NOT IN ('true', 'false', '0', '1', '0.0', '1.0')"
    if kind == "date":
        stamp = f"TRY_CAST({column} AS TIMESTAMP)"
        return f"({stamp} IS NULL OR {stamp} <> date_trunc('day', {stamp}))"
    return f"TRY_CAST({column} AS {_CASTS[kind]}) IS NULL"
