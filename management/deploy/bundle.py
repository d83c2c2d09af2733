"""Compares the deployment package (a zip) with the project's files."""

import stat
from importlib.util import source_hash
from pathlib import Path
from zipfile import ZipFile, ZipInfo

_FOLDER_MODE = stat.S_IROTH | stat.S_IXOTH


def unreadable(zip_path: Path) -> list[str]:
    """The entries that Lambda can't read, since it runs as another user than the files' owner.

    An entry without a Unix mode counts as readable.
    """
    with ZipFile(zip_path) as archive:
        return sorted(entry.filename for entry in archive.infolist() if not _is_readable(entry))


def missing(zip_path: Path, project: Path) -> list[str]:
    """Files of the project (app.py, chalicelib) that the zip lacks."""
    with ZipFile(zip_path) as archive:
        return sorted(project_files(project).keys() - _hashes(archive).keys())


def stale(zip_path: Path, project: Path) -> list[str]:
    """The zip's app.py and files of chalicelib that the project lacks or has with other content.

    Chalice reuses an older zip when only names of files have changed (Chalice issue 1611).
    """
    files = project_files(project)
    with ZipFile(zip_path) as archive:
        return sorted(
            name
            for name, packed in _hashes(archive).items()
            if name not in files or source_hash(files[name].read_bytes()) != packed
        )


def _hashes(archive: ZipFile) -> dict[str, bytes]:
    """The hashes of the project's files in the zip, by name; of a compiled module, its source's."""
    ours = [name for name in archive.namelist() if _is_ours(name)]
    return {name.replace(".pyc", ".py"): _hash(name, archive.read(name)) for name in ours}


def _hash(name: str, content: bytes) -> bytes:
    """The content's hash; a .pyc file has its source's after the magic number and the flags."""
    return content[8:16] if name.endswith(".pyc") else source_hash(content)


def _is_readable(entry: ZipInfo) -> bool:
    mode = entry.external_attr >> 16
    needed = _FOLDER_MODE if entry.is_dir() else stat.S_IROTH
    return not mode or mode & needed == needed


def project_files(project: Path) -> dict[str, Path]:
    """The project's files that belong in the zip, by their names in the zip."""
    paths = [project / "app.py", *(project / "chalicelib").rglob("*")]
    named = {path.relative_to(project).as_posix(): path for path in paths if path.is_file()}
    return {name: path for name, path in named.items() if _is_ours(name)}


def is_for_translators(name: str) -> bool:
    """Whether only translators use this file: the catalogue is compiled from it."""
    return name.startswith("chalicelib/translations/") and name.endswith((".po", ".cfg"))


def _is_ours(name: str) -> bool:
    """Whether the entry is one of the project's files, apart from caches and translators' files."""
    in_library = name.startswith("chalicelib/") and "/__pycache__/" not in name
    in_library = in_library and not is_for_translators(name)
    return name == "app.py" or (in_library and not name.endswith("/"))
