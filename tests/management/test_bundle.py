"""Comparing a deployment package with the project."""

from pathlib import Path
from zipfile import ZipFile, ZipInfo

import pytest

from management.deploy.bundle import missing, stale, unreadable

FILES = {
    "app.py": "app",
    "chalicelib/__init__.py": "",
    "chalicelib/organisation.toml": "[event]",
    "chalicelib/templates/pages/agenda.html": "<h1>Agenda</h1>",
    "chalicelib/translations/en/LC_MESSAGES/messages.mo": "catalogue",
}


def zip_of(path: Path, files: dict[str, str]) -> Path:
    with ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project, with further files that are not deployed."""
    others = ["manage.py", "tests/test_app.py", "chalicelib/__pycache__/event.cpython-311.pyc"]
    folder = tmp_path / "project"
    for name, text in {**FILES, **dict.fromkeys(others, "other")}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_package_with_every_current_file_has_no_missing_or_stale_files(
    project: Path, tmp_path: Path
) -> None:
    others = ["jinja2/__init__.py", "chalice/app.py", "chalicelib/__pycache__/old.pyc"]
    bundle = zip_of(tmp_path / "zip", {**FILES, **dict.fromkeys(others, "other")})
    assert missing(bundle, project) == []
    assert stale(bundle, project) == []


@pytest.mark.parametrize("name", FILES)
def test_a_file_not_in_the_package_is_missing_and_one_changed_since_is_stale(
    project: Path, tmp_path: Path, name: str
) -> None:
    bundle = zip_of(tmp_path / "zip", {key: FILES[key] for key in FILES if key != name})
    assert (missing(bundle, project), stale(bundle, project)) == ([name], [])
    bundle = zip_of(tmp_path / "zip", {**FILES, name: "older"})
    assert (missing(bundle, project), stale(bundle, project)) == ([], [name])


@pytest.mark.parametrize(
    ("name", "mode", "expected"),
    [
        ("app.py", 0o100644, []),
        ("app.py", 0o100755, []),
        ("app.py", 0o100604, []),
        ("app.py", 0o100600, ["app.py"]),
        ("app.py", 0o100640, ["app.py"]),
        ("app.py", 0o100000, ["app.py"]),
        ("chalicelib/", 0o40755, []),
        ("chalicelib/", 0o40744, ["chalicelib/"]),
        ("chalicelib/", 0o40700, ["chalicelib/"]),
        ("written-without-modes.py", 0, []),
    ],
)
def test_an_entry_that_other_users_cannot_read_is_unreadable(
    tmp_path: Path, name: str, mode: int, expected: list[str]
) -> None:
    entry = ZipInfo(name)
    entry.external_attr = (
        mode << 16 | 0x20
    )  # a DOS attribute: without any attribute Python sets a mode
    with ZipFile(tmp_path / "zip", "w") as archive:
        archive.writestr(entry, "")
    assert unreadable(tmp_path / "zip") == expected
