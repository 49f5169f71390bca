"""What an error complains of, by its text and by where a library raised it. No file is looked at here."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipetest.failures.error_patterns import KINDS, PATTERNS


@dataclass(frozen=True, slots=True)
class Complaint:
    """What an error is about, as far as its text tells.

    ``about``: "column", "attribute" or "key" that is not there; "features" or "count" of columns that are not
    what was expected; "type", "null", "empty", "category", "class", "lengths"; "format" of a file; "file"
    that is not there, "folder" for a folder where a file was expected, or the other way round.
    """

    about: str
    names: tuple[str, ...] = ()  # of the columns; of a file its path
    have: tuple[str, ...] = ()  # the columns of the table at hand, where the library lists them
    extra: tuple[str, ...] = ()  # columns that were not expected
    want: str = ""  # the type or format that was expected
    numbers: tuple[int, ...] = ()  # of columns or rows: what was there and what was expected
    sure: bool = True  # that it is about a column: else only a near match can tell


# Where pandas raises a bare KeyError for a column, and never for the label of a row.
SURELY = ("_get_label_or_level_values", "get_grouper", "set_index", "dropna", "__internal_pivot_table")
LIBRARIES = frozenset({"pandas", "polars", "pyarrow", "sklearn", "xgboost"})
PICKLES = frozenset({"joblib", "cloudpickle", "pickle.py"})


def complaint_of(answer: Mapping[str, Any], inner: Sequence[tuple[str, str, str]]) -> Complaint | None:
    """What the error is about; None where it is not known to be about data.

    ``inner`` are the frames below the user's last one: the library, the file's name and the function.
    """
    error, message = str(answer["error"]), str(answer.get("message", "")).strip()
    unpickles = any(library in PICKLES and name in ("load", "_unpickle") for library, _, name in inner)
    if unpickles and error in ("KeyError", "ValueError", "IndexError", "EOFError", "UnpicklingError"):
        return Complaint("format", want="pickle")
    if error in ("KeyError", "ArrowKeyError"):
        message = _unquoted(message)
    for about, want, pattern in PATTERNS:
        found = re.search(pattern, f"{error}: {message}", re.DOTALL if about == "type" else 0)
        if found:
            return _made(about, want, found, message)
    if error == "KeyError":
        return _key(str(answer.get("message", "")), inner)
    return None


def _unquoted(message: str) -> str:
    """The text of a KeyError, which shows it as Python writes it."""
    try:
        return str(ast.literal_eval(message))
    except (ValueError, SyntaxError, MemoryError):
        return message


def _made(about: str, want: str, found: re.Match[str], message: str) -> Complaint | None:
    groups = {name: text for name, text in found.groupdict().items() if text is not None}
    names, have = _names(groups.get("names", "")), _names(groups.get("have", ""))
    if about == "names":
        extra, names = _listed(message, "unseen at fit time"), _listed(message, "yet now missing")
        return Complaint("features", names, extra=extra)
    if about == "mismatch":
        lacking = tuple(one for one in names if one not in have)
        return Complaint("features", lacking, have, tuple(one for one in have if one not in names))
    if about == "fields":
        return Complaint("column", tuple(one for one in names if one not in have), have)
    if "schema" in groups:
        have = tuple(line.partition(": ")[0] for line in groups["schema"].splitlines() if ": " in line)
        have = tuple(one for one in have if not one.startswith("__"))
    if about == "count":
        return Complaint("count", numbers=tuple(int(groups.get(key, -1)) for key in ("got", "want")))
    if about == "lengths":
        numbers = groups["list"].split(",") if "list" in groups else (groups["got"], groups["want"])
        return Complaint("lengths", numbers=tuple(map(int, numbers)))
    if "list" in groups:
        names = tuple(re.findall(r"(?:^|, )([^:,]+)(?=: |,|$)", groups["list"].strip()))
    if "other" in groups:
        names = (*names, groups["other"])
    wanted = groups.get("want", want)
    wanted = next((kind for text, kind in KINDS if re.fullmatch(text, wanted, re.IGNORECASE)), wanted)
    return Complaint(about.strip("?"), names, have, want=wanted, sure=not about.endswith("?"))


def _names(text: str) -> tuple[str, ...]:
    """The names in a text such as ``'a', "b"``; the text itself where nothing is quoted."""
    quoted = re.findall(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"", text)
    if not quoted and re.fullmatch(r"[\d\s,.\[\]-]*", text):
        return ()  # labels that are numbers: of rows, most often
    return tuple(one or other for one, other in quoted) or (text,)


def _listed(message: str, heading: str) -> tuple[str, ...]:
    """The names that scikit-learn lists below a heading, a line each."""
    _, _, rest = message.partition(heading)
    lines = re.match(r"[^\n]*\n((?:- .*(?:\n|$))*)", rest)
    return tuple(line[2:] for line in lines[1].splitlines() if line != "- ...") if lines else ()


def _key(message: str, inner: Sequence[tuple[str, str, str]]) -> Complaint | None:
    """A bare KeyError: surely a column, perhaps one, or the key of a plain dictionary."""
    try:
        key = ast.literal_eval(message)
    except (ValueError, SyntaxError, MemoryError):
        return None
    if not isinstance(key, str):
        return None
    if not inner:
        return Complaint("key", (key,), sure=False)
    if inner[-1][0] not in LIBRARIES:
        return None
    sure = any((file, name) == ("frame.py", "__getitem__") or name in SURELY for _, file, name in inner)
    return Complaint("column", (key,), sure=sure)
