"""Values that are not what is done with them: the errors, explained by the types and counts of the tables."""

from __future__ import annotations

from pipetest.failures.failure_cases import (
    MOST_NAMES,
    MOST_TABLES,
    SAID,
    Case,
    Explained,
    Seen,
    kinds,
    listed,
    quoted,
)

FITS = {  # what is asked for -> the types that serve
    "numbers": ("int", "float", "bool"),
    "whole numbers": ("int", "bool"),
    "text": ("str",),
    "dates": ("date", "datetime"),
}


def type_(case: Case) -> Explained | None:
    """``column-type``: a column whose values are not what is done with them."""
    want = case.complaint.want
    renamed = None if case.complaint.names else _other_columns(case)
    if renamed:
        return renamed
    found = case.blamed(lambda column: column.type not in FITS.get(want, ()))
    if not found or (not case.complaint.names and want not in FITS):
        return None
    if want in ("text", "dates") and not case.complaint.names and not case.named(found[0][0]):
        return None  # most columns are neither: it may be any
    told = "; ".join(f"{kinds(columns)} of {seen.place}" for seen, columns in found[:MOST_TABLES])
    seen, columns = found[0]
    is_named = case.complaint.names or case.named(seen)
    if want == "one type":
        message = f"{case.script} joins columns of different types: {told}."
    elif want not in FITS:
        message = f"{case.script} cannot use the type of {told}."
    elif is_named:
        message = f"{case.script} needs {want} in {told}."
    else:
        message = f"{case.script} needs {want}, and was given {told}."
    here = "Convert or leave out the column" if len(columns) == 1 else "Convert or leave out these columns"
    return case.told("column-type", message, case.mend(here, seen.given, f"write {want}", "correct the data"))


def _other_columns(case: Case) -> Explained | None:
    """``format-mismatch``: a script names the columns that it reads, and a file has others, or a header."""
    for seen in case.tables if case.code.names else ():
        has, here, there = _has(case, seen)
        if has:
            names = listed(case.code.names)
            message = f"{case.script} names the columns that it reads {names}: {seen.place} {has}."
            hint = case.mend(here, seen.given, there, "correct the file")
            return case.told("format-mismatch", message, hint)
    return None


def _has(case: Case, seen: Seen) -> tuple[str, str, str]:
    """What a file has that the names do not fit, and what to do about it; empty where they fit."""
    names, table = case.code.names, seen.table
    if table.named in ("csv", "tsv") and table.format in ("json", "jsonl"):
        return f"is {SAID[table.format]}", "Read it as what it is", "write columns"
    if table.header and set(names) & set(seen.names) and "header=0" not in case.code.source:
        return "has a header, which is read as a row", "Read it with `header=0`", "write no header"
    beside = [one.table for one in case.tables if one.given is seen.given and len(one.names) == len(names)]
    is_meant = not table.header or any(not one.header for one in beside)
    if len(seen.names) == len(names) or not is_meant:
        return "", "", ""
    count = "1 column" if len(seen.names) == 1 else f"{len(seen.names):,} columns"
    return f"has {count}", "Name the columns that there are", "write these"


def null(case: Case) -> Explained | None:
    """``column-null``: values that are missing where none may be."""
    found = case.blamed(lambda column: column.nulls > 0)
    if not found:
        return _other_columns(case) or _short_rows(case)
    told = "; ".join(
        f"{seen.place} has none in "
        + ", ".join(
            f"{one.nulls:,} of {seen.table.rows or 0:,} rows of {quoted(one.name)}"
            for one in columns[:MOST_NAMES]
        )
        for seen, columns in found[:MOST_TABLES]
    )
    message = f"{case.script} needs {case.complaint.want or 'a value'} in every row: {told}."
    hint = case.mend("Fill or drop those rows", found[0][0].given, "write a value", "correct the data")
    return case.told("column-null", message, hint)


def _short_rows(case: Case) -> Explained | None:
    """``format-mismatch``: rows with too few fields, which a reader fills up with nothing."""
    seen = next((one for one in case.tables if one.table.bad_rows), None)
    if seen is None:
        return None
    message = (
        f"{case.script} needs {case.complaint.want or 'a value'} in every row: "
        f"{seen.place} has {seen.table.bad_rows:,} that do not fit, the first is {seen.table.problem}."
    )
    hint = case.mend("Drop those rows", seen.given, "write all fields of them", "correct the data")
    return case.told("format-mismatch", message, hint)


def category(case: Case) -> Explained | None:
    """``unseen-category``: a value that an encoder was not fitted with."""
    found = case.blamed(lambda column: column.type == "str")
    if not found:
        return None
    told = "; ".join(
        f"{listed(one.name for one in columns)} of {seen.place}" for seen, columns in found[:MOST_TABLES]
    )
    message = f"{case.script} met a category that its encoder was not fitted with; there is text in {told}."
    hint = 'Fit on data that has every category, or say what becomes of others: `handle_unknown="ignore"`.'
    return case.told("unseen-category", message, hint)


def one_class(case: Case) -> Explained | None:
    """``one-class``: nothing to tell apart."""
    found = case.blamed(lambda column: column.distinct == 1)
    if not found:
        return None
    seen, columns = found[0]
    names = listed(one.name for one in columns)
    message = f"{case.script} needs two classes or more: {seen.place} has one value only in {names}."
    return case.told("one-class", message, "Give it rows of every class; of a sample, with `stratify`.")


def lengths(case: Case) -> Explained | None:
    """``rows-differ``: tables that belong together and do not have as many rows."""
    numbers = list(dict.fromkeys(case.complaint.numbers))
    found = [one for number in numbers for one in case.seen if one.table.rows == number]
    if len(numbers) < 2 or {one.table.rows for one in found} != set(numbers):
        return None
    told = ", ".join(f"{one.place} has {one.table.rows:,} rows" for one in found)
    message = f"{case.script} needs tables of one length: {told}."
    return case.told("rows-differ", message, "Write them from the same rows, or join them by a key.")
