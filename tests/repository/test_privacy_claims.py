"""docs/privacy.md and docs/security.md are complete; the tests and settings named there exist."""

import ast
import json
import re
import tomllib
from datetime import timedelta
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.event.event import Event
from chalicelib.texts import rendering
from chalicelib.texts.language import LANGUAGES, SWEDISH
from management.local.gateway import as_typed

ROOT = Path(__file__).parents[2]
DOCUMENTS = ["privacy", "security"]
TEST = re.compile(r"`(\w+/test_\w+\.py)::(\w+)`")
SETTING = re.compile(r"`([\w./]+\.(?:toml|json|py)): ([\w.]+)`")


@cache
def text_of(document: str) -> str:
    return (ROOT / f"docs/{document}.md").read_text("utf-8")


def rows_of(document: str, table: str) -> list[list[str]]:
    """The rows, without heading, of the table between `<!-- table -->` and `<!-- /table -->`."""
    text = text_of(document)
    found = text.partition(f"<!-- {table} -->")[2].partition(f"<!-- /{table} -->")[0]
    lines = [line for line in found.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@cache
def names_of_tests(file: str) -> set[str]:
    path = ROOT / "tests" / file
    if not path.exists():
        return set()
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_test_named_in_a_document_exists(document: str) -> None:
    named = TEST.findall(text_of(document))
    assert named
    assert [f"{file}::{test}" for file, test in named if test not in names_of_tests(file)] == []
    # `TEST` matches every reference to a test, so that none stays unchecked.
    assert text_of(document).count("::test_") == len(named)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_setting_named_in_a_document_exists(document: str) -> None:
    named = SETTING.findall(text_of(document))
    assert named
    assert [f"{file}: {name}" for file, name in named if not is_set(file, name)] == []


def is_set(file: str, name: str) -> bool:
    path = ROOT / ("tests/organisation.toml" if file == "organisation.toml" else file)
    if not path.exists():
        return False
    text = path.read_text("utf-8")
    if path.suffix == ".py":
        return name in names_in(ast.parse(text))
    found: Any = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    first, *rest = name.split(".")
    if file == "infrastructure.json" and first in found["Resources"]:
        found = {first: found["Resources"][first]["Properties"] | found["Resources"][first]}
    for part in (first, *rest):
        if not isinstance(found, dict) or part not in found:
            return False
        found = found[part]
    return True


def names_in(tree: ast.Module) -> set[str]:
    """The names that a module defines at top level."""
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {one.id for target in targets for one in ast.walk(target)
                      if isinstance(one, ast.Name)}  # fmt: skip
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
    return found


@pytest.mark.parametrize("table", ["stored", "claims"])
def test_every_row_of_the_privacy_document_names_a_test_or_a_setting(table: str) -> None:
    rows = rows_of("privacy", table)
    assert len(rows) > 20
    unproven = [row[0] for row in rows if not (TEST.search(row[-1]) or SETTING.search(row[-1]))]
    assert unproven == []


class _Blocks(HTMLParser):
    """The texts of the paragraphs and list items in a page's `main`."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = self._open = False

    def handle_starttag(self, tag: str, _: object) -> None:
        self._inside |= tag == "main"
        if self._inside and tag in {"p", "li"}:
            self._open = True
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside &= tag != "main"
        self._open &= tag not in {"p", "li"}

    def handle_data(self, data: str) -> None:
        if self._open:
            self.found[-1] += data


def privacy_statement(event: Event) -> list[str]:
    request = SimpleNamespace(path="/dag/privacy", prefix="", origin="")
    page = rendering.render_page(
        "privacy.html",
        SWEDISH,
        event=event,
        look=event.theme,
        style="",
        request=request,
        link=lambda path, _="": path,
        languages=LANGUAGES,
    )
    blocks = _Blocks()
    blocks.feed(as_typed(page))
    return [" ".join(block.split()) for block in blocks.found]


def test_the_claims_are_the_privacy_statement_word_for_word(event: Event) -> None:
    assert [row[0] for row in rows_of("privacy", "claims")] == privacy_statement(event)


def test_every_kind_of_stored_item_is_documented() -> None:
    package = ROOT / "chalicelib"
    kinds = {
        found[1]
        for path in package.rglob("*.py")
        if path.name.endswith("store.py")
        or path.stem in {"alarms", "base_url", "blocks", "caps", "deadline"}
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if (found := re.fullmatch(r"([A-Z]{3,}#?)(?:(?<=#).*)?", node.value))
    }
    assert {"REG#", "CONTROL", "DESK#", "NOBODY", "CAP#", "CODE#"} <= kinds
    documented = " ".join(row[0] for row in rows_of("privacy", "stored"))
    assert kinds == set(re.findall(r"`([A-Z]{3,}#?)`", documented))


def test_the_privacy_statement_gives_the_queues_retention_in_days(event: Event) -> None:
    template = json.loads((ROOT / "infrastructure.json").read_text("utf-8"))
    kept = template["Resources"]["FailedEvents"]["Properties"]["MessageRetentionPeriod"]
    days = timedelta(seconds=kept).days
    assert [
        block
        for block in privacy_statement(event)
        if f"högst {days} dagar, om det vid ett tekniskt" in block
    ]


# The requirements of levels 1 and 2 of OWASP ASVS 5.0.0, by section.
ASVS = """
1.1.1-2 1.2.1-9 1.3.1-11 1.4.1-3 1.5.1-2 2.1.1-3 2.2.1-3 2.3.1-4 2.4.1-1 3.2.1-2 3.3.1-4 3.4.1-6
3.5.1-5 3.7.1-2 4.1.1-3 4.2.1-1 4.3.1-2 4.4.1-4 5.1.1-1 5.2.1-3 5.3.1-2 5.4.1-3 6.1.1-3 6.2.1-12
6.3.1-4 6.4.1-4 6.5.1-5 6.6.1-3 6.8.1-4 7.1.1-3 7.2.1-4 7.3.1-2 7.4.1-5 7.5.1-2 7.6.1-2 8.1.1-2
8.2.1-3 8.3.1-1 8.4.1-1 9.1.1-3 9.2.1-4 10.1.1-2 10.2.1-2 10.3.1-4 10.4.1-11 10.5.1-5 10.6.1-2
10.7.1-3 11.1.1-2 11.2.1-3 11.3.1-3 11.4.1-4 11.5.1-1 11.6.1-1 12.1.1-3 12.2.1-2 12.3.1-4 13.1.1-1
13.2.1-5 13.3.1-2 13.4.1-5 14.1.1-2 14.2.1-4 14.3.1-3 15.1.1-3 15.2.1-3 15.3.1-7 16.1.1-1 16.2.1-5
16.3.1-4 16.4.1-3 16.5.1-3 17.1.1-1 17.2.1-4 17.3.1-2
"""
HOLDS, OTHER_ANSWERS = {"holds", "partly"}, {"does not hold", "does not apply", "AWS"}


def requirements(first: str, last: str) -> list[str]:
    section, _, start = first.rpartition(".")
    return [f"{section}.{number}" for number in range(int(start), int(last) + 1)]


def test_every_asvs_requirement_of_levels_1_and_2_is_answered_once() -> None:
    with_error_pages = []
    for row in rows_of("security", "asvs"):
        first, _, last = row[0].partition("–")
        with_error_pages += requirements(first, (last or first).rpartition(".")[2])
    wanted = [one.partition("-") for one in ASVS.split()]
    assert with_error_pages == [
        name for first, _, last in wanted for name in requirements(f"V{first}", last)
    ]
    assert len(with_error_pages) == 253


def test_each_asvs_answer_is_explained_and_each_that_holds_names_a_proof() -> None:
    for name, level, answer, how, shown in rows_of("security", "asvs"):
        assert answer in HOLDS | OTHER_ANSWERS, name
        assert level in {"1", "2", "1, 2"}, name
        assert how, name
        if answer == "holds":
            assert TEST.search(shown) or SETTING.search(shown), name


def test_the_security_policy_says_how_to_report_a_vulnerability() -> None:
    text = (ROOT / "SECURITY.md").read_text("utf-8")
    for part in (
        "Report a vulnerability",
        "[operator]",
        "`/<event>/privacy`",
        "within 7 days",
        "Versions",
    ):
        assert part in text
    for linked in re.findall(r"\]\((docs/[\w.]+)\)", text):
        assert (ROOT / linked).exists()
