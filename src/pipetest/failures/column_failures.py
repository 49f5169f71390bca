"""Columns that are not there, or not those that were expected: the errors, explained by the tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipetest.failures.failure_cases import MOST_TABLES, SAID, Case, Explained, Seen, listed, quoted
from pipetest.failures.nearest import nearest

Named = tuple[Seen, Sequence[str]]  # a file, and the names of its columns or keys
OF_DOCUMENTS = frozenset({"DataFrame", "from_dict", "from_records", "json_normalize", "Series"})
LARGEST_DOCUMENT, MOST_KEYS = 5_000_000, 2_000  # bytes, and names, of what is looked through
NO_HEADER = "has no header: its first line is data"
BOM = b"\xef\xbb\xbf"


def column(case: Case) -> Explained | None:
    """A library says that a column is not there."""
    tables = case.tables
    exact = [one for one in tables if set(one.names) == set(case.complaint.have)]
    named: list[Named] = [(one, one.names) for one in (exact or tables)]
    if case.code.used & OF_DOCUMENTS and not exact:
        named = [*_documents(case), *named]
    return _missing(case, case.complaint.names, named, "column", case.complaint.sure or _is_of_a_table(case))


def _is_of_a_table(case: Case) -> bool:
    """Whether what pandas reports of an index is about columns."""
    if case.code.of_rows & {*case.complaint.names}:
        return True
    if any(file == "frame.py" and name == "__getitem__" for _, file, name in case.said.inner):
        return True
    applied = any((library, name) == ("pandas", "apply.py") for library, name, _ in case.said.libraries)
    return applied or re.search(r"\bcolumns\b|axis\s*=\s*1", case.code.text) is not None


def attribute(case: Case) -> Explained | None:
    """``frame.amount``, where it is no method that this version of pandas does not have."""
    (name,) = case.complaint.names
    of_pandas = "'Pandas'" in case.said.message or any(one == "pandas" for one, _, _ in case.said.inner)
    if not of_pandas or name in case.code.calls or name == "ix":
        return None
    sure = "'Series'" not in case.said.message
    return _missing(case, (name,), [(one, one.names) for one in case.tables], "column", sure)


def key(case: Case) -> Explained | None:
    """The key of a plain dictionary: of a row, of a JSON document, or of something of the script's own."""
    (name,) = case.complaint.names
    tables = [(one, one.names) for one in case.tables]
    documents = _documents(case)
    of_header = "not in list" in case.said.message and case.code.used & {"reader", "read_csv", "split"}
    if tables and (of_header or name in case.code.of_rows):
        return _missing(case, (name,), tables, "column", sure=True)
    if name in case.code.of_documents and documents:
        return _missing(case, (name,), documents, "key", sure=True)
    if len(name) < 3 and name not in case.code.strings:
        return None  # of data, perhaps
    reads = "json" in case.code.source and name in case.code.strings
    near = [one for one in documents if reads and _meant(case, name, one[1])]
    return _missing(case, (name,), near or [*documents, *tables], "key", sure=bool(near))


def _documents(case: Case) -> list[Named]:
    """The JSON documents that are one object, with the keys of it and of the objects in it."""
    return [(one, tuple(_keys_of(one)) or one.table.keys) for one in case.seen if one.table.keys]


def _keys_of(seen: Seen) -> Iterable[str]:
    import json

    place = seen.place_of_source
    if place is None or seen.table.gzipped or seen.table.bytes > LARGEST_DOCUMENT:
        return ()
    found: dict[str, None] = {}
    try:
        json.loads(place.read_bytes(), object_hook=lambda one: found.update(dict.fromkeys(one)))
    except (OSError, ValueError, RecursionError):
        return ()
    return found if len(found) <= MOST_KEYS else ()


def _missing(
    case: Case, asked: Sequence[str], tables: Sequence[Named], what: str, sure: bool
) -> Explained | None:
    """``column-missing``: no table has it, or not every one. Not sure: only what is near tells."""
    lacked = [name for name in asked if not any(name in names for _, names in tables)]
    if not tables or not asked or (not sure and not lacked):
        return None
    if not lacked:
        return _written_otherwise(case, asked) or _elsewhere(case, asked, tables, what)
    every = [name for _, names in tables for name in names]
    name = next((one for one in lacked if _meant(case, one, every, not sure)), lacked[0])
    best = _meant(case, name, every, not sure)[:1]
    if not sure and not best:
        return None
    seen, names = next((one for one in tables if best and best[0] in one[1]), tables[0])
    near = _meant(case, name, names, not sure)
    also = f" (nor {listed(one for one in lacked if one != name)})" if len(lacked) > 1 else ""
    asks = f"{case.script} asked for the {what} {quoted(name)}"
    headless = next((one for one, _ in tables if not one.table.header and not near), None)
    if headless:
        seen, has = headless, f"it {NO_HEADER}"
    else:
        has = f"it has {listed(near or names)}"
    if len(tables) == 1:
        message = f"{asks}, which {seen.place} does not have{also}; {has}."
    elif near or headless:
        has = f"has {listed(near)}" if near else NO_HEADER
        message = f"{asks}, which no file of its inputs has{also}; {seen.place} {has}."
    else:
        told = "; ".join(f"{one.place} has {listed(names)}" for one, names in tables[:MOST_TABLES])
        message = f"{asks}, which no file of its inputs has{also}: {told}."
    why = case.told("column-missing", message, _hint(case, name, near, seen, bool(headless)))
    writer = seen.given.writer
    return replace(why, lost=(name, writer)) if writer and what == "column" and not headless else why


def _meant(case: Case, name: str, names: Sequence[str], strict: bool = False) -> list[str]:
    """The nearest names, without those that the script asks for as well: they are something else."""
    return nearest(name, [one for one in names if one not in case.code.words], strict)


def _hint(case: Case, name: str, near: Sequence[str], seen: Seen, headless: bool = False) -> str:
    if headless:
        return case.mend(
            "Name the columns where the file is read", seen.given, "write a header", "add a header"
        )
    here = f"If {quoted(near[0])} is what is meant, ask for it" if near else "Correct the name"
    return case.mend(here, seen.given, f"write {quoted(name)}", f"give it data that has {quoted(name)}")


def _elsewhere(case: Case, asked: Sequence[str], tables: Sequence[Named], what: str) -> Explained | None:
    """Some table has it and some has not: it was asked of the wrong one, or one should have it."""
    for name in asked:
        lacking = [(seen, names) for seen, names in tables if name not in names]
        if not lacking:
            continue
        having = next(seen for seen, names in tables if name in names)
        seen, names = next((one for one in lacking if _meant(case, name, one[1])), lacking[0])
        near = _meant(case, name, names)
        has = f"has {listed(near or names)}" if near or seen.table.header else NO_HEADER
        message = (
            f"{case.script} asked for the {what} {quoted(name)} where there is none: of its inputs, "
            f"{having.place} has it; {seen.place} does not, and {has}."
        )
        place = f"line {case.said.line} of {case.script}" if case.said.line else case.script
        write = f"have {seen.given.writer} write it" if seen.given.writer else "give it data that has it"
        return case.told("column-missing", message, f"Look what {place} reads, or {write}.")
    return None


def _written_otherwise(case: Case, asked: Sequence[str]) -> Explained | None:
    """``format-mismatch``: the column is there for who knows how the file is written."""
    for seen in case.tables:
        how = _how(case, seen) if asked[0] in seen.names else None
        if how:
            misses = f"{case.script} did not find the column {quoted(asked[0])}"
            message = f"{misses}: {seen.place} has it, but {how[0]}."
            hint = case.mend(f"Read it {how[1]}", seen.given, "write it as others do", "correct the file")
            return case.told("format-mismatch", message, hint)
    return None


def _how(case: Case, seen: Seen) -> tuple[str, str] | None:
    """What is unusual of a text that the script takes no notice of, and how it would be read."""
    from pipetest.data.formats import dialect_of

    place, is_json = seen.place_of_source, seen.table.format in ("json", "jsonl")
    if is_json and seen.table.named in ("csv", "tsv"):
        return f"it is {SAID[seen.table.format]}", "as what it is"
    if place is None or seen.table.format not in ("csv", "tsv"):
        return None
    delimiter = dialect_of(place, seen.table.format, seen.table.gzipped).delimiter
    source = case.code.source
    told = delimiter in case.code.words or re.search(r"sep=|delimiter|Sniffer|read_table", source)
    if delimiter != "," and not told:
        return f"its columns are separated by {quoted(delimiter)}", f"with the separator {delimiter!r}"
    with place.open("rb") as file:
        marked = file.read(3) == BOM
    if marked and not case.said.inner and "sig" not in source:
        return "it begins with a byte order mark", 'with encoding="utf-8-sig"'
    return None


# --- columns that a model or a script does not expect


def features(case: Case) -> Explained | None:
    """``column-missing`` or ``feature-mismatch``: not the columns that a model was fitted with."""
    missing, extra = case.complaint.names, case.complaint.extra
    model = f"The model that {case.script} used was"
    for seen in case.tables:
        lacked = [name for name in missing if name not in seen.names]
        if lacked:
            near = list(dict.fromkeys(match for name in lacked for match in nearest(name, seen.names)))
            known = [name for name in extra if name in seen.names]
            has = f"it has {listed(known)} instead" if known else f"it has {listed(near or seen.names)}"
            message = f"{model} fitted with {listed(lacked)}, which {seen.place} does not have; {has}."
            return case.told("column-missing", message, _hint(case, lacked[0], [], seen))
    for seen in case.tables:
        known = [name for name in extra if name in seen.names]
        if known and not missing:
            message = f"{model} fitted without {listed(known)}, which {seen.place} has."
            return case.told("feature-mismatch", message, _hint_extra(case, known))
    if case.tables and not missing and not extra:
        told = "; ".join(f"{seen.place} has {listed(seen.names)}" for seen in case.tables[:MOST_TABLES])
        message = f"{case.script} gave a model its columns in another order than it was fitted with: {told}."
        return case.told("feature-mismatch", message, "Choose them in the order of the fit, by their names.")
    return None


def _hint_extra(case: Case, names: Sequence[str]) -> str:
    if any(name.startswith("Unnamed: ") for name in names):
        return "An index was written as a column: write with `index=False`, or read with `index_col=0`."
    return f"Choose the columns by their names in {case.script}, or fit the model with these."


def count(case: Case) -> Explained | None:
    """``feature-mismatch``: so many columns where another number is expected."""
    got, want = case.complaint.numbers
    of_model, of_row = "features" in case.said.message, "unpack" in case.said.message
    if "Feature shape" in case.said.message:
        of_model = True
    there = (got, got + 1) if of_model else (got,)  # a model is not given the label
    fitting = [one for one in case.tables if len(one.names) != want and (got < 0 or len(one.names) in there)]
    if of_row and (not case.code.used & {"reader", "split", "iter_rows"} or len(fitting) != len(case.tables)):
        return None
    if not fitting:
        return None
    seen = fitting[0]
    asks = f"{case.script} expects {want} columns"
    if of_model:
        asks = f"The model that {case.script} used was fitted with {want} columns and was given {got}"
    message = f"{asks}: {seen.place} has {len(seen.names)}, {listed(seen.names)}."
    return case.told("feature-mismatch", message, _hint_extra(case, seen.names))
