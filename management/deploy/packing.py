"""Builds the package that `make deploy` uploads: Chalice's package, compiled and made smaller.

Compiled code is stored in the package only and can't be stale: a compiled module either has no
source in the package, or Python checks the source's hash (app.py).
"""

import ast
import marshal
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from tokenize import COMMENT, tokenize
from typing import cast
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from chalicelib.event.events import Events
from management.deploy.bundle import is_for_translators
from management.stage.stages import ROOT, Stage

# Code that a cold start runs, in addition to app.py.
_COMPILED_ONLY = ("chalicelib/", "chalice/", "jinja2/", "markupsafe/")
# Used by few requests: not compiled, which would make them larger, but without comments.
_WITHOUT_COMMENTS = ("icalendar/", "xlsxwriter/")
# Installed in the Lambda runtime, for boto3.
_IN_RUNTIME = ("dateutil/", "six.py")
# Modules that no function imports, and files for compilers and type checkers.
_UNUSED = (
    "icalendar/cli.py",
    "icalendar/timezone/equivalent_timezone_ids.py",
    "icalendar/timezone/pytz.py",
    "jinja2/constants.py",
    "jinja2/meta.py",
    "jinja2/nativetypes.py",
    "jinja2/sandbox.py",
    "markupsafe/_speedups.c",
    "tzdata/zones",
    ".pyi",
    "/py.typed",
)
_ABOUT_LIBRARIES = re.compile(r"[^/]+\.(dist-info|data)/|[^/]+/tests/")
# Flags of compiled code (PEP 552): check the source's hash, or do not check.
_CHECKED, _UNCHECKED = (0b11).to_bytes(4, "little"), (0b01).to_bytes(4, "little")
_ZONES = "tzdata/zoneinfo/"
_READABLE = 0o100644 << 16


def pack(stage: Stage, events: Events) -> Path:
    """Build the package in the folder where `chalice deploy` finds it and return its path.

    Of all time zones, the package keeps the events' and UTC. `chalice deploy` uses the package if
    no code has changed since. Deletes the caches of compiled code in the project.
    """
    folder = _packages(stage)
    for old in (folder, *(stage.project / "chalicelib").rglob("__pycache__")):
        shutil.rmtree(old, ignore_errors=True)
    with TemporaryDirectory() as out:
        _run([Path(sys.executable).with_name("chalice"), "package", "--stage", stage.name, out],
             stage.project)  # fmt: skip
    (package,) = folder.glob("*.zip")
    compile_in_own_process(package, {event.timezone.key for event in events.all()})
    return package


def was_replaced(stage: Stage) -> bool:
    """Whether `chalice deploy` built another package, because a file changed after `pack`."""
    return len(list(_packages(stage).glob("*.zip"))) > 1


def _packages(stage: Stage) -> Path:
    return stage.project / ".chalice" / "deployments"


def compile_in_own_process(package: Path, zones: Iterable[str]) -> None:
    """Call `compile_within` in a Python process that compiles without column numbers.

    This makes the package a sixth smaller. Tracebacks still have line numbers.
    """
    # -E: environment variables of this machine must not affect the compiled code.
    compiler = [sys.executable, "-E", "-B", "-X", "no_debug_ranges", "-m", __name__]
    _run([*compiler, package, *sorted(zones)], ROOT)


def _run(command: Sequence[str | Path], folder: Path) -> None:
    environment = {"AWS_DEFAULT_REGION": "eu-north-1", **os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(command, cwd=folder, env=environment, check=True)  # noqa: S603 - our own


def compile_within(package: Path, zones: Sequence[str]) -> None:
    """Add compiled code to `package`, and remove files that no function reads.

    Of the time zones, only `zones` (such as `Europe/Stockholm`) and UTC stay.
    """
    finished = package.with_suffix(".part")
    with ZipFile(package) as before, ZipFile(finished, "w", ZIP_DEFLATED, compresslevel=9) as after:
        for entry in before.infolist():
            name = entry.filename
            if not _is_needed(name, zones):
                continue
            content = before.read(entry)
            # An __init__.py of ours is a docstring: to compile it costs less than to store it.
            is_stored = name.startswith("chalicelib/") and name.endswith("/__init__.py")
            if _is_code_in(_COMPILED_ONLY, name) and not is_stored:
                after.writestr(
                    _readable(f"{name}c", entry), _compiled(name, content, flags=_UNCHECKED)
                )
                continue
            if _is_code_in(_WITHOUT_COMMENTS, name):
                content = without_comments(content)
            after.writestr(entry, content, compresslevel=9)
            if name == "app.py":
                compiled = _compiled(name, content, flags=_CHECKED)
                after.writestr(_readable(cache_from_source(name), entry), compiled)
    finished.replace(package)


def _is_needed(name: str, zones: Sequence[str]) -> bool:
    """Whether a function may read this file of the package."""
    if "__pycache__/" in name or name.startswith(_IN_RUNTIME) or name.endswith(_UNUSED):
        return False
    if is_for_translators(name) or _ABOUT_LIBRARIES.match(name):
        return False
    return not name.startswith(_ZONES) or any(_is_of_zone(name, zone) for zone in zones)


def _is_of_zone(name: str, zone: str) -> bool:
    """Whether the file belongs to `zone` or to UTC, without which icalendar can't be imported."""
    folder, _, file = name.rpartition("/")
    if file == "__init__.py":
        return f"{_ZONES}{zone}".startswith(f"{folder}/")
    return name in {f"{_ZONES}UTC", f"{_ZONES}{zone}"}


def _is_code_in(folders: tuple[str, ...], name: str) -> bool:
    return name.startswith(folders) and name.endswith(".py")


def _compiled(name: str, source: bytes, *, flags: bytes) -> bytes:
    """The content of a .pyc file (PEP 552), without docstrings, which are a tenth of the size."""
    code = compile(source, f"/var/task/{name}", "exec", dont_inherit=True, optimize=2)
    return MAGIC_NUMBER + flags + source_hash(source) + marshal.dumps(code)


def without_comments(source: bytes) -> bytes:
    """The source with empty docstrings and without comments; other lines keep their numbers."""
    lines = source.decode("utf-8").split("\n")
    for token in tokenize(BytesIO(source).readline):
        if token.type == COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column].rstrip()
    for text in _docstrings(ast.parse(source)):
        first, last = text.lineno - 1, (text.end_lineno or text.lineno) - 1
        after = lines[last].encode()[text.end_col_offset :].decode()
        before = lines[first].encode()[: text.col_offset].decode()
        lines[first : last + 1] = [f'{before}""{after}', *[""] * (last - first)]
    return "\n".join(lines).encode("utf-8")


def _docstrings(tree: ast.Module) -> Iterator[ast.expr]:
    documented = ast.Module | ast.ClassDef | ast.FunctionDef
    for node in ast.walk(tree):
        if isinstance(node, documented) and ast.get_docstring(node):
            yield cast("ast.Expr", node.body[0]).value


def _readable(name: str, source: ZipInfo) -> ZipInfo:
    entry = ZipInfo(name, source.date_time)
    entry.compress_type, entry.external_attr = ZIP_DEFLATED, _READABLE
    return entry


if __name__ == "__main__":
    compile_within(Path(sys.argv[1]), sys.argv[2:])
