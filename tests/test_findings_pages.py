"""Every finding has a page in docs/findings, and the table there lists exactly those pages."""

import ast
import itertools
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "docs" / "findings"
PAGES = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
MODULES = (
    "checks.py",
    "endings.py",
    "traces.py",
    "offline.py",
    "requirements.py",
    "importers/judgements.py",
    "importers/cursus_graph.py",
    "contract_checks.py",
    "data_checks.py",
    "given_data.py",
    "schemas.py",
    "failures/column_failures.py",
    "failures/value_failures.py",
    "failures/file_failures.py",
    "edges/edge_answers.py",
    "edges/edge_cases.py",
    "snapshots/snapshot_files.py",
)  # those that judge
SECTIONS = ["What it means", "Why it matters", "How to mend it"]
SEVERITIES = {"error", "warning", "note"}
ROW = re.compile(
    r"^\| \[(?P<code>[^]]+)\]\((?P<link>[^)]+)\) \| (?P<severities>[^|]+) \| (?P<line>.+) \|$", re.M
)


def rows() -> list[re.Match[str]]:
    return list(ROW.finditer((FOLDER / "README.md").read_text(encoding="utf-8")))


def prose(page: str) -> str:
    """The page without its code blocks, in which a line may begin with ``#`` as well."""
    return re.sub(r"^```.*?^```$", "", page, flags=re.M | re.S)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_page_has_title_summary_and_the_three_sections(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    title, summary = text.split("\n\n")[:2]
    assert title == f"# {path.stem}"
    severity, sentence = summary.split(": ", 1)
    assert severity.lower() in SEVERITIES
    assert sentence.endswith(".")
    headings, *bodies = re.split(r"^## .+$", prose(text), flags=re.M)
    assert re.findall(r"^## (.+)$", prose(text), flags=re.M) == SECTIONS, headings
    assert all(body.strip() for body in bodies)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_page_fits_a_terminal_and_closes_its_blocks(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > 110] == []
    assert sum(line.startswith("```") for line in lines) % 2 == 0
    assert 12 <= len(lines) <= 40


def test_table_lists_exactly_the_pages() -> None:
    assert sorted(row["code"] for row in rows()) == [path.stem for path in PAGES]
    assert all(row["link"] == f"{row['code']}.md" for row in rows())


def test_table_says_what_the_pages_say() -> None:
    for row in rows():
        summary = (FOLDER / row["link"]).read_text(encoding="utf-8").split("\n\n")[1].replace("\n", " ")
        severity, sentence = summary.split(": ", 1)
        severities = row["severities"].split(", ")
        assert set(severities) <= SEVERITIES
        assert severities[0] == severity.lower(), row["code"]
        assert row["line"].lower() == sentence.lower(), row["code"]


def texts_in(tree: ast.AST) -> set[str]:
    texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {text for text in texts if isinstance(text, str)}


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    package = FOLDER.parents[1] / "src" / "pipetest"
    bodies = [ast.parse((package / name).read_bytes()).body for name in MODULES]
    functions = [
        node for node in itertools.chain(*bodies) if isinstance(node, ast.FunctionDef)
    ]  # not the names of packages, which look like codes
    calls = [node for function in functions for node in ast.walk(function) if isinstance(node, ast.Call)]
    made = [call.args[0] for call in calls if ast.unparse(call.func) == "Finding"]
    texts = set[str]().union(*map(texts_in, functions))
    codes = {text for text in texts if re.fullmatch(r"[a-z]+(-[a-z]+)+", text)} - {"site-packages"}
    codes |= set[str]().union(*map(texts_in, made))
    pages = {path.stem for path in PAGES}
    assert sorted(codes - pages) == []
    assert sorted(pages - texts) == []
