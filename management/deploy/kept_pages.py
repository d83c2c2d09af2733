"""`make pages`: renders the agenda pages, as most visitors see them, and stores them in event/kept.

Each event's pages are rendered in a process of their own, since all files that the process reads
count as their sources.
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
    """Render and store all events' pages in new processes; return whether a stored page changed.

    Deletes the stored pages of events that have no file.
    """
    from chalicelib.event.agenda_pages import KEPT, PACKAGE
    from chalicelib.event.events import Events

    ids, is_changed = Events().ids, False
    for stored in (PACKAGE / KEPT).glob("*.*"):
        if stored.name.partition(".")[0] not in ids:
            stored.unlink()
            is_changed = True
    for event_id in ids:
        command = [sys.executable, "-m", __name__, event_id]
        done = subprocess.run(command, cwd=ROOT, check=False)  # noqa: S603 - our own
        if done.returncode not in {0, _CHANGED}:
            raise RuntimeError("the agenda page can't be rendered")
        is_changed |= done.returncode == _CHANGED
    return is_changed


def _render_pages(event_id: str) -> bool:
    from chalicelib.event.agenda_pages import (
        KEPT,
        PACKAGE,
        digest_of,
        made_of_path,
        rendered,
        stored_page_path,
        usual_variant,
    )
    from chalicelib.event.events import Events

    event, made_of_name = Events().find(event_id), made_of_path(event_id)
    assert event  # noqa: S101 - the caller has listed the files
    texts = {
        stored_page_path(event_id, one): rendered(usual_variant(event, one), event)
        for one in event.languages
    }
    modules = {_file_of(module) for module in sys.modules.values()}
    sources = {path for path in map(Path, modules | _opened) if path.suffix != ".pyc"}
    ours = {
        path.relative_to(PACKAGE).as_posix() for path in sources if path.is_relative_to(PACKAGE)
    }
    written = [PACKAGE / name for name in (*texts, made_of_name)]
    before = _contents(written)
    (PACKAGE / made_of_name).parent.mkdir(exist_ok=True)
    for old in (PACKAGE / KEPT).glob(f"{event_id}.*.html"):  # also of a language that has gone
        old.unlink()
    for name, html in texts.items():
        (PACKAGE / name).write_text(html, encoding="utf-8")
    files = sorted({*ours, *texts} - {made_of_name})
    made_of = {"digest": digest_of(files), "files": files}
    (PACKAGE / made_of_name).write_text(json.dumps(made_of, indent=1) + "\n", encoding="utf-8")
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
    sys.exit(_CHANGED if _render_pages(sys.argv[1]) else 0)
