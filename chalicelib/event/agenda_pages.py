"""The agenda page, made once for what it shows and kept: most visits need nothing else.

What nearly everybody sees, the open event before its day, is in the package too (`kept/`), so that
a cold start need not even import what renders it. It is used only while it is made of the very
files that are beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from chalicelib.event.event import Event
from chalicelib.texts.language import LANGUAGES

PACKAGE = Path(__file__).parents[1]
MADE_OF = "event/kept/made_of.json"
# Addresses differ from visit to visit, so a kept page has places for them.
_ORIGIN, _PREFIX, _CHOICE = "@@origin@@", "@@prefix@@", "@@choice@@"
_ESCAPED = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;"}  # as Jinja2 does it
)
_AT_MOST = 32  # some four phases in two languages, at AWS's address and at a domain


class Shown(NamedTuple):
    """What an agenda page depends on beside the event; `phase` is `before`, `today` or `over`."""

    language: str
    closes_at: datetime
    is_open: bool
    phase: str


class Addresses(NamedTuple):
    """Where the links of a page lead: origin, the stage's prefix, and `?lang=` if it was chosen."""

    origin: str
    prefix: str
    choice: str


class AgendaPages:
    """The agenda pages of an event; of the shipped one, what the package has kept is used."""

    def __init__(self, event: Event, *, is_shipped: bool) -> None:
        self._event = event
        self._is_shipped = is_shipped
        self._html = lru_cache(_AT_MOST)(self._made)

    def html(self, shown: Shown, addresses: Addresses) -> str:
        """The page; made only once for the same arguments."""
        return self._html(shown, addresses)

    def _made(self, shown: Shown, addresses: Addresses) -> str:
        is_usual = shown == usually_shown(self._event, shown.language)
        text = kept(shown.language) if self._is_shipped and is_usual else ""
        return _with_addresses(text or rendered(shown, self._event), addresses)


def usually_shown(event: Event, language: str) -> Shown:
    """What nearly everybody sees."""
    return Shown(language, event.closes_at, is_open=True, phase="before")


def rendered(shown: Shown, event: Event) -> str:
    """The page with places for addresses."""
    from chalicelib.event.style import inline_style
    from chalicelib.texts.rendering import render_page

    def link(path: str, language: str = "") -> str:
        return f"{_PREFIX}{path}" + (f"?lang={language}" if language else _CHOICE)

    return render_page(
        "agenda.html",
        shown.language,
        event=event,
        style=inline_style("agenda.html", event.theme),
        request={"origin": _ORIGIN, "prefix": _PREFIX, "path": "/"},
        link=link,
        languages=LANGUAGES,
        registration_is_open=shown.is_open,
        closes_at=shown.closes_at,
        phase=shown.phase,
    )


def kept(language: str, house: Path = PACKAGE) -> str:
    """The usual page as the package has it; empty if it was made of other files, or is damaged."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        made_of = json.loads((house / MADE_OF).read_bytes())
        if digest_of(made_of["files"], house) == made_of["digest"]:
            return (house / kept_in(language)).read_text(encoding="utf-8")
    return ""


def kept_in(language: str) -> str:
    """Where chalicelib has the usual page."""
    return f"event/kept/agenda.{language}.html"


def digest_of(files: Iterable[str], house: Path = PACKAGE) -> str:
    """What changes when any of these files of chalicelib does."""
    digests = [sha256((house / name).read_bytes()).digest() for name in files]
    return sha256(b"".join(digests)).hexdigest()


def _with_addresses(text: str, addresses: Addresses) -> str:
    for place, address in zip((_ORIGIN, _PREFIX, _CHOICE), addresses, strict=True):
        text = text.replace(place, address.translate(_ESCAPED))
    return text
