"""docs/architecture.md has the tree of the code, with each file in its folder."""

import re

import pytest

from tests.repository.test_privacy_claims import ROOT

LINE = re.compile(r"^( +)([\w.]+(?:/|\.\w+)) +\S")


def files_in_the_document(top: str) -> set[str]:
    """Paths of the Python files that the tree names under a top folder."""
    text = (ROOT / "docs/architecture.md").read_text("utf-8")
    found: set[str] = set()
    path: list[tuple[int, str]] = []
    for line in text.partition("## The tree")[2].partition("\n## ")[0].splitlines():
        named = LINE.match(f"{line}  -") if line.rstrip().endswith("/") else LINE.match(line)
        if not named:
            continue
        depth, name = len(named[1]), named[2]
        path = [one for one in path if one[0] < depth]
        if name.endswith("/"):
            path.append((depth, name))
        elif name.endswith(".py"):
            found.add("".join(folder for _, folder in path) + name)
    return {one for one in found if one.startswith(f"{top}/")}


@pytest.mark.parametrize("top", ["chalicelib", "management"])
def test_the_architecture_document_names_every_file_and_no_other(top: str) -> None:
    files = {path.relative_to(ROOT).as_posix() for path in (ROOT / top).rglob("*.py")}
    named = files_in_the_document(top)
    assert named == {one for one in files if not one.endswith("__init__.py")}
