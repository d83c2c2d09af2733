"""Renders the agenda pages, as most visitors see them, and the list of events, and
stores them in event/kept: before a package is built (`make deploy`, `make pages`).

Each event's pages and the list are rendered in a process of their own, since all files that the
process reads count as their sources.
"""

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[2]
_opened: set[str] = set()


def keep_in_own_process() -> None:
    """Render and store all events' pages in new processes.

    Deletes the stored pages of events that have no file. The list of events is stored if there are
    several.
    """
    from chalicelib.event.agenda_pages import KEPT, PACKAGE
    from chalicelib.event.events import Events
    from chalicelib.event.index_pages import INDEX

    ids = Events().ids
    names = [*ids, INDEX] if len(ids) > 1 else ids
    for stored in (PACKAGE / KEPT).glob("*.*"):
        if stored.name.partition(".")[0] not in names:
            stored.unlink()
    for name in names:
        command = [sys.executable, "-m", __name__, name]
        subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603 - our own


def _store_pages(name: str) -> None:
    """Store the agenda pages of the event with this name, or the index."""
    from chalicelib.event.agenda_pages import (
        KEPT,
        PACKAGE,
        digest_of,
        made_of_path,
        stored_page_path,
    )
    from chalicelib.event.index_pages import INDEX

    by_language, facts = _index() if name == INDEX else (_agenda(name), {})
    texts = {stored_page_path(name, language): html for language, html in by_language.items()}
    modules = {_file_of(module) for module in sys.modules.values()}
    sources = {path for path in map(Path, modules | _opened) if path.suffix != ".pyc"}
    ours = {
        path.relative_to(PACKAGE).as_posix() for path in sources if path.is_relative_to(PACKAGE)
    }
    made_of_name = made_of_path(name)
    (PACKAGE / made_of_name).parent.mkdir(exist_ok=True)
    for old in (PACKAGE / KEPT).glob(f"{name}.*.html"):  # also of a language that has gone
        old.unlink()
    for path, html in texts.items():
        (PACKAGE / path).write_text(html, encoding="utf-8")
    files = sorted({*ours, *texts} - {made_of_name})
    made_of = {"digest": digest_of(files), "files": files, **facts}
    (PACKAGE / made_of_name).write_text(json.dumps(made_of, indent=1) + "\n", encoding="utf-8")


def _agenda(event_id: str) -> dict[str, str]:
    from chalicelib.event.agenda_pages import rendered, usual_variant
    from chalicelib.event.events import Events

    event = Events().find(event_id)
    assert event  # noqa: S101 - the caller has listed the files
    return {one: rendered(usual_variant(event, one), event) for one in event.languages}


def _index() -> tuple[dict[str, str], dict[str, Any]]:
    from chalicelib.event.events import Events
    from chalicelib.event.index_pages import rendered

    events = Events()
    shown = [event for event in events.all() if event.published]
    organisation = events.organisation
    languages = organisation.languages
    ends_at = {event.id: event.ends_at.isoformat() for event in shown}
    texts = {one: rendered(shown, organisation, one) for one in languages}
    return texts, {"languages": languages, "ends_at": ends_at}


def _file_of(module: ModuleType) -> str:
    return str(getattr(module, "__file__", ""))


def _record_open(audit_event: str, arguments: tuple[Any, ...]) -> None:
    if audit_event == "open" and isinstance(arguments[0], str | Path):
        _opened.add(str(arguments[0]))


if __name__ == "__main__":
    sys.addaudithook(_record_open)
    _store_pages(sys.argv[1])
