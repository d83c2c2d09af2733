"""The package that `make deploy` uploads: Chalice's, with its code compiled, and without spares.

What is compiled is kept in the package only, beside its source. Python checks it against that
source's hash before it uses it, so that it can't be stale.
"""

import marshal
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from chalicelib.event import Event
from management.stages import ROOT, Stage

# What the functions import; app.py is at the top.
_COMPILED = ("chalice/", "chalicelib/", "jinja2/", "markupsafe/")
_CHECKED_HASH = (0b11).to_bytes(4, "little")  # PEP 552
_ZONES = "tzdata/zoneinfo/"
_READABLE = 0o100644 << 16


def pack(stage: Stage, event: Event) -> Path:
    """Makes the package where `chalice deploy` looks for it: it takes that if no code has changed.

    Nothing compiled is left in the project.
    """
    folder = stage.project / ".chalice" / "deployments"
    for old in (folder, *(stage.project / "chalicelib").rglob("__pycache__")):
        shutil.rmtree(old, ignore_errors=True)
    with TemporaryDirectory() as out:
        _run([Path(sys.executable).with_name("chalice"), "package", "--stage", stage.name, out],
             stage.project)  # fmt: skip
    (package,) = folder.glob("*.zip")
    compile_in_own_process(package, event.timezone.key)
    return package


def compile_in_own_process(package: Path, zone: str) -> None:
    """As `compile_within`, without the columns of instructions: it makes a package a sixth smaller.

    Where an error came from is still told by its line.
    """
    compiler = [sys.executable, "-X", "no_debug_ranges", "-m", __name__]
    _run([*compiler, package, zone], ROOT)


def _run(command: Sequence[str | Path], folder: Path) -> None:
    environment = {"AWS_DEFAULT_REGION": "eu-north-1", **os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own


def compile_within(package: Path, zone: str) -> None:
    """Puts compiled code into a package, and takes out what no function needs: other zones, too."""
    finished = package.with_suffix(".part")
    with ZipFile(package) as before, ZipFile(finished, "w", ZIP_DEFLATED, compresslevel=9) as after:
        for entry in before.infolist():
            if _is_needed(entry.filename, zone):
                content = before.read(entry)
                after.writestr(entry, content, compresslevel=9)
                for name, compiled in _compiled(entry.filename, content):
                    after.writestr(_readable(name, entry), compiled)
    finished.replace(package)


def _is_needed(name: str, zone: str) -> bool:
    """All but what describes libraries, what is compiled by now, and other places' time zones."""
    if name.endswith(".pyc") or ".dist-info/" in name:
        return False
    return not name.startswith(_ZONES) or name.endswith(".py") or name == f"{_ZONES}{zone}"


def _compiled(name: str, source: bytes) -> Iterator[tuple[str, bytes]]:
    """What Python would write beside the source, with its hash (PEP 552)."""
    if name.endswith(".py") and (name == "app.py" or name.startswith(_COMPILED)):
        code = compile(source, f"/var/task/{name}", "exec", dont_inherit=True)
        header = MAGIC_NUMBER + _CHECKED_HASH + source_hash(source)
        yield cache_from_source(name), header + marshal.dumps(code)


def _readable(name: str, source: ZipInfo) -> ZipInfo:
    entry = ZipInfo(name, source.date_time)
    entry.compress_type, entry.external_attr = ZIP_DEFLATED, _READABLE
    return entry


if __name__ == "__main__":
    compile_within(Path(sys.argv[1]), sys.argv[2])
