"""The package that `make deploy` uploads: Chalice's, with its code compiled, and without spares.

What is compiled is kept in the package only. Our own has its source beside it, whose hash Python
checks first, and the pages' library has no source any more: so nothing compiled can be stale.
"""

import marshal
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from chalicelib.event.event import Event
from management.deploy.bundle import is_for_translators
from management.stage.stages import ROOT, Stage

# What a visitor waits for; app.py is at the top.
_COMPILED = ("chalicelib/",)
_COMPILED_ONLY = ("chalice/", "jinja2/", "markupsafe/")
# The Lambda runtime has them for boto3.
_IN_RUNTIME = ("dateutil/", "six.py")
# Modules that no function imports, and what only a compiler or a type checker reads.
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
# By what Python knows that it is of the source (PEP 552): the source's hash; or it doesn't look.
_SOURCE, _NOTHING = (0b11).to_bytes(4, "little"), (0b01).to_bytes(4, "little")
_ZONES = "tzdata/zoneinfo/"
_READABLE = 0o100644 << 16


def pack(stage: Stage, event: Event) -> Path:
    """Makes the package where `chalice deploy` looks for it: it takes that if no code has changed.

    Nothing compiled is left in the project.
    """
    folder = _packages(stage)
    for old in (folder, *(stage.project / "chalicelib").rglob("__pycache__")):
        shutil.rmtree(old, ignore_errors=True)
    with TemporaryDirectory() as out:
        _run([Path(sys.executable).with_name("chalice"), "package", "--stage", stage.name, out],
             stage.project)  # fmt: skip
    (package,) = folder.glob("*.zip")
    compile_in_own_process(package, event.timezone.key)
    return package


def was_replaced(stage: Stage) -> bool:
    """Whether Chalice has made a package of its own since: something changed the code's folder."""
    return len(list(_packages(stage).glob("*.zip"))) > 1


def _packages(stage: Stage) -> Path:
    return stage.project / ".chalice" / "deployments"


def compile_in_own_process(package: Path, zone: str) -> None:
    """As `compile_within`, without the columns of instructions: it makes a package a sixth smaller.

    Where an error came from is still told by its line.
    """
    # -E: where and how this machine keeps compiled files is nothing to the package.
    compiler = [sys.executable, "-E", "-B", "-X", "no_debug_ranges", "-m", __name__]
    _run([*compiler, package, zone], ROOT)


def _run(command: Sequence[str | Path], folder: Path) -> None:
    environment = {"AWS_DEFAULT_REGION": "eu-north-1", **os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(command, cwd=folder, env=environment, check=True)  # noqa: S603 - our own


def compile_within(package: Path, zone: str) -> None:
    """Puts compiled code into a package, and takes out what no function needs: other zones, too."""
    finished = package.with_suffix(".part")
    with ZipFile(package) as before, ZipFile(finished, "w", ZIP_DEFLATED, compresslevel=9) as after:
        for entry in before.infolist():
            name = entry.filename
            if not _is_needed(name, zone):
                continue
            content = before.read(entry)
            if _is_code_in(_COMPILED_ONLY, name):
                after.writestr(_readable(f"{name}c", entry), _compiled(name, content, by=_NOTHING))
                continue
            after.writestr(entry, content, compresslevel=9)
            if name == "app.py" or _is_code_in(_COMPILED, name):
                compiled = _compiled(name, content, by=_SOURCE)
                after.writestr(_readable(cache_from_source(name), entry), compiled)
    finished.replace(package)


def _is_needed(name: str, zone: str) -> bool:
    """Whether a function may read this file of the package."""
    if "__pycache__/" in name or name.startswith(_IN_RUNTIME) or name.endswith(_UNUSED):
        return False
    if is_for_translators(name) or _ABOUT_LIBRARIES.match(name):
        return False
    return not name.startswith(_ZONES) or _is_of_zone(name, zone)


def _is_of_zone(name: str, zone: str) -> bool:
    """Whether the file belongs to `zone` or to UTC, without which icalendar can't be imported."""
    folder, _, file = name.rpartition("/")
    if file == "__init__.py":
        return f"{_ZONES}{zone}".startswith(f"{folder}/")
    return name in {f"{_ZONES}UTC", f"{_ZONES}{zone}"}


def _is_code_in(folders: tuple[str, ...], name: str) -> bool:
    return name.startswith(folders) and name.endswith(".py")


def _compiled(name: str, source: bytes, *, by: bytes) -> bytes:
    """What Python would keep of the source (PEP 552), without its docstrings: they are a tenth."""
    code = compile(source, f"/var/task/{name}", "exec", dont_inherit=True, optimize=2)
    return MAGIC_NUMBER + by + source_hash(source) + marshal.dumps(code)


def _readable(name: str, source: ZipInfo) -> ZipInfo:
    entry = ZipInfo(name, source.date_time)
    entry.compress_type, entry.external_attr = ZIP_DEFLATED, _READABLE
    return entry


if __name__ == "__main__":
    compile_within(Path(sys.argv[1]), sys.argv[2])
