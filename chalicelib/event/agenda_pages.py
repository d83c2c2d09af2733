"""The agenda page, rendered once for each variant and cached: most requests are for this page.

The usual variant (registration open, before the event's day) is also stored in the package, in
`kept/`, so that a cold start imports no Jinja. A stored page is used only if its digest matches
the files that it was made from.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from functools import lru_cache, partial
from hashlib import sha256
from importlib.util import source_hash
from pathlib import Path
from typing import Any, NamedTuple

from chalicelib.event.event import Event
from chalicelib.event.style import style_sheet
from chalicelib.event.theme import Theme

PACKAGE = Path(__file__).parents[1]
KEPT = "event/kept"
# Addresses differ between requests, so a stored page has placeholders for them; the style sheet is
# the same in all pages, so the package has it once.
ORIGIN, PREFIX, LANGUAGE_QUERY = "@@origin@@", "@@prefix@@", "@@language_query@@"
STYLE = "@@style@@"
_ESCAPED = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;"}  # as Jinja2 escapes
)
_AT_MOST = 32  # four variants, two languages, two origins, with and without ?lang=


class Variant(NamedTuple):
    """What the page depends on besides the event; `phase` is `before`, `today` or `over`.

    `changes` are those of the programme (changes.py), empty if there is none.
    """

    language: str
    closes_at: datetime
    is_open: bool
    phase: str
    changes: str = ""


class Addresses(NamedTuple):
    """The parts of a page's links: origin, the stage's prefix, and `?lang=` if it was chosen."""

    origin: str
    prefix: str
    language_query: str


class AgendaPages:
    """The agenda pages of an event; `package` is the folder that may have stored ones."""

    def __init__(self, event: Event, package: Path | None = PACKAGE) -> None:
        self._event = event
        self._package = package
        self._html = lru_cache(_AT_MOST)(self._made)
        self._shown = lru_cache(_AT_MOST)(self._changed)

    def event(self, changes: str) -> Event:
        """The event with these changes of its programme (changes.py), cached."""
        return self._shown(changes) if changes else self._event

    def html(self, variant: Variant, addresses: Addresses) -> str:
        """The page's HTML, cached for the same arguments."""
        return self._html(variant, addresses)

    def _changed(self, changes: str) -> Event:
        from chalicelib.event.changes import shown

        return shown(self._event, changes)

    def _made(self, variant: Variant, addresses: Addresses) -> str:
        is_usual = variant == usual_variant(self._event, variant.language)
        text = ""
        if self._package and is_usual:
            text = stored_page(self._event.id, variant.language, self._package)
        return filled_in(text or rendered(variant, self._event), addresses, self._event.theme)


def usual_variant(event: Event, language: str) -> Variant:
    """The usual variant: registration open, before the event's day."""
    return Variant(language, event.closes_at, is_open=True, phase="before")


def rendered(variant: Variant, event: Event) -> str:
    """Render the page, with placeholders for addresses and the style sheet."""
    from chalicelib.texts.rendering import render_page

    event, changes = _with_changes(event, variant.changes)
    return render_page(
        "agenda.html",
        variant.language,
        event=event,
        **changes,
        look=event.theme,
        style=STYLE,
        request={"origin": ORIGIN, "prefix": PREFIX, "path": "/"},
        link=partial(placeholder_link, event=event),
        languages=event.languages,
        registration_is_open=variant.is_open,
        closes_at=variant.closes_at,
        phase=variant.phase,
    )


def _with_changes(event: Event, text: str) -> tuple[Event, dict[str, Any]]:
    """The event as it is shown, with the notice and the rows that have changed."""
    if not text:
        return event, {"changed": (), "notice": None}
    from chalicelib.event.changes import Changes, shown

    now = shown(event, text)
    changed = [one for one, filed in zip(now.agenda, event.agenda, strict=True) if one != filed]
    return now, {"changed": changed, "notice": Changes.from_json(text).notice}


def placeholder_link(path: str, language: str = "", event: Event | None = None) -> str:
    """The address of a page, with placeholders for the parts that differ between requests."""
    query = f"?lang={language}" if language else LANGUAGE_QUERY
    return f"{PREFIX}{path_of(path, event) if event else path}{query}"


def stored_page(event_id: str, language: str, package: Path) -> str:
    """The stored usual page; empty if the page is damaged or was made of other files."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        stored_facts(event_id, package)
        return (package / stored_page_path(event_id, language)).read_text(encoding="utf-8")
    return ""


def stored_facts(name: str, package: Path) -> dict[str, Any]:
    """What is stored with an event's pages; raises ValueError if they were made of other files."""
    facts: dict[str, Any] = json.loads((package / made_of_path(name)).read_bytes())
    if digest_of(facts["files"], package) != facts["digest"]:
        raise ValueError(name)
    return facts


def stored_page_path(event_id: str, language: str) -> str:
    """The path of an event's stored page inside chalicelib."""
    return f"{KEPT}/{event_id}.{language}.html"


def made_of_path(event_id: str) -> str:
    """The path of the file that names what an event's stored pages were made of."""
    return f"{KEPT}/{event_id}.json"


def path_of(path: str, event: Event) -> str:
    """The path with the event in it: `/id/privacy`, `/desk/id/list`."""
    desk, rest = ("/desk", path.removeprefix("/desk")) if path.startswith("/desk/") else ("", path)
    return f"{desk}/{event.id}{rest.rstrip('/')}"


def digest_of(files: Iterable[str], package: Path = PACKAGE) -> str:
    """A digest of the contents of these files of chalicelib."""
    return sha256(b"".join(_hash_of(package / name) for name in files)).hexdigest()


def _hash_of(file: Path) -> bytes:
    """The hash of a file; a module that is deployed compiled only has its source's (PEP 552)."""
    try:
        return source_hash(file.read_bytes())
    except FileNotFoundError:
        return file.with_suffix(".pyc").read_bytes()[8:16]


def filled_in(text: str, addresses: Addresses, theme: Theme) -> str:
    """The page with these addresses and the style sheet in place of the placeholders."""
    for place, address in zip((ORIGIN, PREFIX, LANGUAGE_QUERY), addresses, strict=True):
        text = text.replace(place, address.translate(_ESCAPED))
    return text.replace(STYLE, style_sheet(theme))
