"""`make pages`: renders the agenda page, as most visitors see it, and stores it in event/kept.

Rendering has a process of its own, since all files that the process reads count as the page's
sources.
"""

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[2]
_CHANGED = 3
_opened: set[str] = set()


def keep_in_own_process() -> bool:
    """Render and store the pages in a new process; return whether a stored page changed."""
    done = subprocess.run([sys.executable, "-m", __name__], cwd=ROOT, check=False)  # noqa: S603 - our own
    if done.returncode not in {0, _CHANGED}:
        raise RuntimeError("the agenda page can't be rendered")
    return done.returncode == _CHANGED


def _render_pages() -> bool:
    from chalicelib.event.agenda_pages import (
        MADE_OF,
        PACKAGE,
        digest_of,
        rendered,
        stored_page_path,
        usual_variant,
    )
    from chalicelib.event.file import read_event

    event = read_event()
    texts = {
        stored_page_path(one): rendered(usual_variant(event, one), event) for one in event.languages
    }
    modules = {_file_of(module) for module in sys.modules.values()}
    sources = {path for path in map(Path, modules | _opened) if path.suffix != ".pyc"}
    ours = {
        path.relative_to(PACKAGE).as_posix() for path in sources if path.is_relative_to(PACKAGE)
    }
    written = [PACKAGE / name for name in (*texts, MADE_OF)]
    before = _contents(written)
    (PACKAGE / MADE_OF).parent.mkdir(exist_ok=True)
    for old in (PACKAGE / MADE_OF).parent.glob("*.html"):  # also of a language that has gone
        old.unlink()
    for name, html in texts.items():
        (PACKAGE / name).write_text(html, encoding="utf-8")
    files = sorted({*ours, *texts} - {MADE_OF})
    made_of = {"digest": digest_of(files), "files": files}
    (PACKAGE / MADE_OF).write_text(json.dumps(made_of, indent=1) + "\n", encoding="utf-8")
    return before != _contents(written)


def _contents(paths: list[Path]) -> list[bytes]:
    return [path.read_bytes() if path.exists() else b"" for path in paths]


def _file_of(module: ModuleType) -> str:
    return str(getattr(module, "__file__", ""))


def _record_open(audit_event: str, arguments: tuple[Any, ...]) -> None:
    if audit_event == "open" and isinstance(arguments[0], str | Path):
        _opened.add(str(arguments[0]))


if __name__ == "__main__":
    sys.addaudithook(_record_open)
    sys.exit(_CHANGED if _render_pages() else 0)
