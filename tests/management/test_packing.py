"""Compiling a package, and removing files that no function needs."""

import ast
import os
import subprocess
import sys
from importlib import import_module
from importlib.util import cache_from_source
from pathlib import Path
from zipfile import ZipFile, ZipInfo

import pytest

from management.deploy.bundle import unreadable
from management.deploy.packing import compile_within, without_comments

FILES = {
    "app.py": "import chalicelib.event\nsaid = 'as written'",
    "chalicelib/__init__.py": "",
    "chalicelib/event.py": "",
    "chalicelib/organisation.toml": "[event]",
    "chalicelib/translations/en/LC_MESSAGES/messages.po": 'msgid ""',
    "chalicelib/translations/babel.cfg": "[python: **.py]",
    "chalice/app.py": "",
    "jinja2/__init__.py": "",
    "jinja2/environment.py": "said = 'by a library'",
    "jinja2/sandbox.py": "",
    "jinja2/py.typed": "",
    "markupsafe/_speedups.c": "",
    "markupsafe/_speedups.cpython-311-x86_64-linux-gnu.so": "",
    "markupsafe/_speedups.pyi": "",
    "jinja2-3.1.6.dist-info/METADATA": "Name: Jinja2",
    "icalendar/cal.py": "",
    "icalendar/cli.py": "",
    "icalendar/timezone/equivalent_timezone_ids.py": "",
    "icalendar/timezone/equivalent_timezone_ids_result.py": "",
    "icalendar/tests/test_cal.py": "",
    "xlsxwriter-3.3.1.data/scripts/vba_extract.py": "",
    "dateutil/tz.py": "",
    "six.py": "",
    "tzdata/__init__.py": "",
    "tzdata/zones": "",
    "tzdata/zoneinfo/__init__.py": "",
    "tzdata/zoneinfo/Africa/__init__.py": "",
    "tzdata/zoneinfo/Europe/__init__.py": "",
    "tzdata/zoneinfo/Europe/Stockholm": "TZif",
    "tzdata/zoneinfo/Europe/Oslo": "TZif",
    "tzdata/zoneinfo/UTC": "TZif",
    "chalicelib/__pycache__/event.cpython-311.pyc": "old",
}
COMPILED_ONLY = [
    "chalicelib/event.py", "chalice/app.py", "jinja2/__init__.py", "jinja2/environment.py",
]  # fmt: skip
SPARE = {
    "jinja2-3.1.6.dist-info/METADATA", "icalendar/tests/test_cal.py", "dateutil/tz.py", "six.py",
    "xlsxwriter-3.3.1.data/scripts/vba_extract.py", "tzdata/zoneinfo/Europe/Oslo",
    "chalicelib/__pycache__/event.cpython-311.pyc", "chalicelib/translations/babel.cfg",
    "chalicelib/translations/en/LC_MESSAGES/messages.po", "jinja2/sandbox.py", "jinja2/py.typed",
    "markupsafe/_speedups.c", "markupsafe/_speedups.pyi", "icalendar/cli.py",
    "icalendar/timezone/equivalent_timezone_ids.py", "tzdata/zones",
    "tzdata/zoneinfo/Africa/__init__.py",
}  # fmt: skip


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "deployment.zip"
    with ZipFile(path, "w") as archive:
        for name, text in FILES.items():
            entry = ZipInfo(name, (2027, 5, 20, 10, 0, 2))
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, text)
    compile_within(path, ["Europe/Stockholm"])
    return path


def said(task: Path) -> str:
    """The value of `app.said`, run as on Lambda: without writing caches."""
    done = subprocess.run(
        [sys.executable, "-B", "-c", "import app; print(app.said)"],
        cwd=task,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def test_code_is_compiled_and_files_that_no_function_needs_are_removed(package: Path) -> None:
    with ZipFile(package) as archive:
        names = set(archive.namelist())
        assert len(names) == len(archive.namelist())
        assert archive.read("chalicelib/organisation.toml") == b"[event]"
    sources = FILES.keys() - SPARE - set(COMPILED_ONLY)
    compiled = {cache_from_source("app.py"), *(f"{name}c" for name in COMPILED_ONLY)}
    assert names == sources | compiled
    assert unreadable(package) == []


def code_of(source: bytes) -> tuple[str, list[int]]:
    """The code without docstrings, and the number of the line of each part."""
    tree = ast.parse(source)
    documented = ast.Module | ast.ClassDef | ast.FunctionDef
    for node in ast.walk(tree):
        if isinstance(node, documented) and ast.get_docstring(node) is not None:
            del node.body[0]
    return ast.dump(tree), [node.lineno for node in ast.walk(tree) if isinstance(node, ast.stmt)]


@pytest.mark.parametrize("library", ["icalendar", "xlsxwriter"])
def test_a_library_without_comments_is_the_same_code_with_the_same_line_numbers(
    library: str,
) -> None:
    sources = [path.read_bytes() for path in Path(import_module(library).__path__[0]).glob("*.py")]
    smaller = [without_comments(source) for source in sources]
    assert sum(map(len, smaller)) < 0.9 * sum(map(len, sources))
    for source, small in zip(sources, smaller, strict=True):
        assert code_of(source) == code_of(small)


def test_compiling_again_gives_the_same_package(package: Path) -> None:
    before = package.read_bytes()
    compile_within(package, ["Europe/Stockholm"])
    assert package.read_bytes() == before


def test_compiled_code_is_used_unless_its_source_has_changed(package: Path, tmp_path: Path) -> None:
    task = tmp_path / "task"
    with ZipFile(package) as archive:
        archive.extractall(task)
    source, compiled = task / "app.py", task / cache_from_source("app.py")
    assert said(task) == "as written"
    compiled.write_bytes(compiled.read_bytes().replace(b"as written", b"compiled s"))
    assert said(task) == "compiled s"  # the source was not compiled again
    before = source.stat()
    source.write_text(source.read_text("utf-8").replace("as written", "as edited!"), "utf-8")
    os.utime(source, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert source.stat().st_size == before.st_size
    assert said(task) == "as edited!"
