"""Files that are not there, are empty, or not what they are read as: explained by what the inputs are."""

from __future__ import annotations

import re
from contextlib import suppress
from fnmatch import fnmatch
from os import SEEK_END
from pathlib import PurePath

from pipetest.data.facts import Table
from pipetest.failures.failure_cases import MOST_TABLES, SAID, Case, Explained, Given, Seen, listed, quoted
from pipetest.failures.nearest import nearest

TEXTS = frozenset({"csv", "tsv", "json", "jsonl", "text", "empty"})
SUFFIXES = {  # what a file is read as -> the names that promise it
    "pickle": (".pkl", ".pickle", ".joblib", ".sav"),
    "parquet": (".parquet", ".pq"),
    "arrow": (".arrow", ".feather", ".ipc"),
    "json": (".json", ".jsonl", ".ndjson"),
    "gzip": (".gz", ".tgz"),
    "tar": (".tar", ".tar.gz", ".tgz"),
    "zip": (".zip", ".npz"),
    "numpy": (".npy", ".npz"),
    "text": (".csv", ".tsv", ".txt", ".json", ".jsonl"),
    "rows": (".csv", ".tsv", ".csv.gz"),
}
FROM_MEMORY = frozenset({"loads", "decode", "decompress"})  # what reads no file of itself
SETTINGS = (".yaml", ".yml", ".toml", ".ini", ".cfg", ".conf", ".env", ".py", ".sh")  # the script's own
TO_WRITE = re.compile(r"\bto_\w+\(|[\"'][wax]b?\+?[\"']|\.dump\(|\.save\w*\(|\bwrite")


def format_(case: Case) -> Explained | None:
    """``format-mismatch``: a file that is not what it was read as; ``empty-table`` for an empty one."""
    want = case.complaint.want
    seen = _misread(case, [one for one in case.seen if _is_not(one, want)], SUFFIXES[want])
    if seen is None or seen.is_empty:
        return _is_empty(case, seen) if seen else None
    what, here, there = _content(seen, want)
    how = "" if want == "rows" else f" as {SAID.get(want, want)}"
    message = f"{case.script} could not read {seen.place}{how}: {what}."
    return case.told("format-mismatch", message, case.mend(here, seen.given, there, "correct the file"))


def _misread(case: Case, wrong: list[Seen], suffixes: tuple[str, ...]) -> Seen | None:
    """The file that was read: it is named at the failing line, or is the only one that can be meant."""
    words = {*case.code.strings, *re.findall(r"'([^']+)'", case.said.message)}
    named = {PurePath(word).name for word in words}
    by_name = [one for one in wrong if one.file in named]
    if by_name:
        return by_name[0]
    if case.code.calls & FROM_MEMORY and not re.search(r"\bread|\bopen\(", case.code.text):
        return None
    promised = [one for one in wrong if one.table.name.lower().endswith(suffixes)]
    chosen = promised or (wrong if len(case.seen) == 1 else [])
    suffix = PurePath(chosen[0].file).suffix if chosen else ""
    own = {PurePath(word).name for word in case.code.words if word.endswith(suffix) and "*" not in word}
    there = {PurePath(name).name for one in case.given for name in one.files}
    return chosen[0] if chosen and own <= {*there, suffix} else None  # else a file of the script's own


def shape(case: Case) -> Explained | None:
    """``format-mismatch``: a JSON document that is a list, where keys are asked for."""
    lists = [one for one in case.seen if one.table.format == "json" and not one.table.keys]
    lists = [one for one in lists if one.table.is_table and one.table.problem is None]
    if len(lists) != 1:
        return None
    seen = lists[0]
    message = f"{case.script} needs an object with keys: {seen.place} is a list."
    return case.told(
        "format-mismatch",
        message,
        case.mend("Go through it", seen.given, "write an object", "correct the file"),
    )


def _is_not(seen: Seen, want: str) -> bool:
    """Whether a file cannot be read as that."""
    table = seen.table
    if want == "rows":
        return table.problem is not None or table.format not in ("csv", "tsv") or _is_packed(table)
    if want == "text":
        return table.gzipped or table.format not in TEXTS or "UTF-8" in (table.problem or "")
    if want == "gzip":
        return not table.gzipped
    if want == "json":
        return table.format != "json" or table.problem is not None
    if want == "pickle":
        return table.format in TEXTS | {"parquet", "arrow"} or _is_packed(table) or _is_cut(seen)
    return table.format != {"numpy": "npy"}.get(want, want) or table.problem is not None


def _is_packed(table: Table) -> bool:
    """Whether it is compressed, and its name does not say so."""
    return table.gzipped and not table.name.lower().endswith(".gz")


def _is_cut(seen: Seen) -> bool:
    """Whether a pickle does not end as all of them do."""
    place = seen.place_of_source
    if place is None or seen.table.gzipped or seen.table.format != "pickle":
        return False
    with place.open("rb") as file:
        file.seek(-1, SEEK_END)
        return file.read() != b"."


def _content(seen: Seen, want: str) -> tuple[str, str, str]:
    """What a file is instead, in words; and what to do about it: when it is read, and when it is written."""
    table = seen.table
    is_text = want == "text" and table.format in TEXTS and not table.gzipped
    if is_text:
        return "it is not in UTF-8", "Name its encoding", "write UTF-8"
    if want == "rows" and table.format in ("csv", "tsv") and not _is_packed(table):
        bad = f"{table.bad_rows:,} of its rows do not fit, the first is " if table.bad_rows else ""
        return f"{bad}{table.problem}", "Leave such rows out", "write as many fields into every row"
    if table.format == want and not table.gzipped:
        what = "it is cut off" if want == "pickle" else "it is broken"
        return what, "Look at how it is read", "write all of it"
    what = f"it is {SAID.get(table.format, table.format)}{', compressed' if table.gzipped else ''}"
    if want == "gzip":
        what = f"it is not compressed: {what}"
    return what, "Read it as what it is", "write what was expected"


def empty(case: Case) -> Explained | None:
    """``empty-table``: a table without rows, or a file without content; or no file that a pattern matches."""
    unmatched = None if case.complaint.sure else _unmatched(case)
    few = re.search(r"n_samples=([1-9]\d*)", case.said.message)
    rows = int(few[1]) if few else 0
    seen = next((one for one in case.seen if (one.table.rows == rows if rows else one.is_empty)), None)
    return unmatched or (_is_empty(case, seen) if seen else None)


def _is_empty(case: Case, seen: Seen) -> Explained:
    is_file = seen.table.format == "empty" or not seen.names
    what = "is an empty file" if is_file else f"has no rows, only the columns {listed(seen.names)}"
    doing = "needs data" if case.complaint.sure else "could not go on"
    writer = seen.given.writer
    hint = f"Look why {writer} wrote nothing into it." if writer else "Give it data that has rows."
    if seen.table.rows:
        doing, what = "needs more rows", f"has {seen.table.rows:,} only"
        hint = f"Look why {writer} wrote so few." if writer else "Give it data that has more."
    return case.told("empty-table", f"{case.script} {doing}, and {seen.place} {what}.", hint)


def position(case: Case) -> Explained | None:
    """An index out of range: of columns, of files that were looked for, or of rows."""
    is_row = bool(case.code.used & {"reader", "split"}) and not case.said.inner
    number = max(case.code.columns or (case.code.places if is_row else ()), default=-1)
    if case.tables and number > 0 and all(len(one.names) <= number for one in case.tables):
        told = "; ".join(
            f"{one.place} has {len(one.names)}, {listed(one.names)}" for one in case.tables[:MOST_TABLES]
        )
        message = f"{case.script} asked for the column at place {number}, where the first is 0: {told}."
        return case.told("column-missing", message, f"Ask for columns by their names in {case.script}.")
    return _unmatched(case) or (empty(case) if case.code.places or case.said.inner else None)


def _unmatched(case: Case) -> Explained | None:
    """``file-missing``: the script looks for files by patterns, and none of them matches."""
    names = [PurePath(name).name for one in case.given for name in one.files]
    globs = [PurePath(glob).name for glob in case.code.globs]
    if not globs or not names or any(fnmatch(name, glob) for glob in globs for name in names):
        return None
    given = next(one for one in case.given if one.files)
    message = (
        f"{case.script} looks for {listed(globs)}, which no file of its inputs matches: "
        f"{given.origin_text} has {listed(given.files)}."
    )
    return case.told("file-missing", message, _hint_name(case, given, "the pattern"))


def _hint_name(case: Case, given: Given, what: str) -> str:
    return case.mend(f"Correct {what}", given, "write under that name", "rename the file")


def file(case: Case) -> Explained | None:
    """``file-missing``: a name that none of the inputs has, below an input or near one that is there."""
    path = PurePath(case.complaint.names[0])
    if "outputs" in path.parts or TO_WRITE.search(case.code.text):
        return None  # it was to be written
    holding = [one for one in case.given if one.holds(path)]
    for given in holding or case.given:
        if path.name in {PurePath(name).name for name in given.files}:
            elsewhere = f"{given.origin_text} has a {quoted(path.name)}, but not there"
            message = f"{case.script} opened {quoted(_short(path))}: {elsewhere}."
            return case.told(
                "file-missing", message, f"Take the path from the input `{given.name}` in {case.script}."
            )
    for given in holding or case.given:
        names = [PurePath(name).name for name in (*given.files, *_packed(given))]
        stems = [name for name in names if nearest(PurePath(name).stem, [path.stem], strict=True)]
        near = nearest(path.name, names, strict=given not in holding) or stems
        if given not in holding and path.suffix in SETTINGS:
            continue
        if holding or near:
            has = f"it has {listed(near or names)}" if names else "it is empty"
            message = (
                f"{case.script} opened {quoted(path.name)}, which {given.origin_text} does not have; {has}."
            )
            return case.told("file-missing", message, _hint_name(case, given, "the name"))
    return None


def _packed(given: Given) -> list[str]:
    """The names of the files in an archive, which a script may have unpacked."""
    import tarfile

    names = [name for name in given.files if name.endswith((".tar.gz", ".tgz", ".tar"))]
    source = given.source
    if len(names) != 1 or source is None:
        return []
    with (
        suppress(OSError, tarfile.TarError),
        tarfile.open(source if source.is_file() else source / names[0]) as tar,
    ):
        return [member.name for member in tar if member.isfile()]
    return []


def folder(case: Case) -> Explained | None:
    """``file-missing``: a file where a folder was expected, or the other way round."""
    path, want = PurePath(case.complaint.names[0]), case.complaint.want
    for given in case.given:
        is_root = given.name == path.name or str(path) == given.container_path
        if want == "file" and (is_root or given.holds(path)) and given.files:
            opened = f"{case.script} opened {quoted(path.name)} as a file"
            message = f"{opened}: {given.origin_text} is a folder with {listed(given.files)}."
            return case.told("file-missing", message, f"Name the file below it in {case.script}.")
        found = [name for name in given.files if PurePath(name).name in path.parts]
        if want == "folder" and found and (is_root or given.holds(path)):
            name = PurePath(found[0]).name
            message = f"{case.script} took {quoted(name)} for a folder: {given.origin_text} has it as a file."
            return case.told("file-missing", message, f"Open it as the file that it is in {case.script}.")
    return None


def class_of(case: Case) -> Explained | None:
    """``unpickled-class``: a pickle of a class that only the script has that wrote it."""
    seen = next((one for one in case.seen if one.table.format == "pickle"), None)
    if seen is None:
        return None
    name, who = quoted(case.complaint.names[0]), seen.given.writer or "who wrote it"
    message = f"{seen.place} holds an object of {name}, which only the script that wrote it defines."
    return case.told(
        "unpickled-class", message, f"Move {name} into a module that {who} and {case.script} import."
    )


def _short(path: PurePath) -> str:
    return str(path) if len(path.parts) < 4 else f".../{'/'.join(path.parts[-2:])}"
