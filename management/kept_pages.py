"""Keeps the agenda page that nearly everybody sees in chalicelib/kept: `make pages`.

Run as a program of its own, so that what the process has imported is what the page is made of.
"""

import json
import sys
from pathlib import Path
from typing import Any

_read: set[str] = set()


def _note(happening: str, arguments: tuple[Any, ...]) -> None:
    if happening == "open" and isinstance(arguments[0], str | Path):
        _read.add(str(arguments[0]))


def keep_pages() -> bool:
    """Writes the pages anew unless they are as they should be; whether it had to."""
    from chalicelib.agenda_page import HOUSE, MADE_OF, digest_of, kept_in, rendered, usually_shown
    from chalicelib.event_file import read_event
    from chalicelib.language import LANGUAGES

    event = read_event()
    pages = {kept_in(one): rendered(usually_shown(event, one), event) for one in LANGUAGES}
    modules = {str(module.__file__) for module in sys.modules.values() if _is_file(module)}
    found = {Path(path) for path in modules | _read if Path(path).suffix != ".pyc"}
    files = [path.relative_to(HOUSE) for path in found if path.is_relative_to(HOUSE)]
    names = sorted({path.as_posix() for path in files} - {MADE_OF.relative_to(HOUSE).as_posix()})
    before = {path: path.read_text("utf-8") for path in [*pages, MADE_OF] if path.exists()}
    MADE_OF.parent.mkdir(exist_ok=True)
    for path, html in pages.items():
        path.write_text(html, encoding="utf-8")
    names = sorted({*names, *(path.relative_to(HOUSE).as_posix() for path in pages)})
    made_of = {"digest": digest_of(names), "files": names}
    MADE_OF.write_text(json.dumps(made_of, indent=1) + "\n", encoding="utf-8")
    return before != {path: path.read_text("utf-8") for path in before} or not before


def _is_file(module: object) -> bool:
    return bool(getattr(module, "__file__", None))


if __name__ == "__main__":
    sys.addaudithook(_note)
    if keep_pages():
        sys.stdout.write("The agenda page is kept anew, in chalicelib/kept: commit it.\n")
