"""The list of several events at `/`, put together from pieces that the time does not change.

The pieces are also stored in the package, beside the agenda pages and under the same rules, so that
a cold start reads no event's file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from chalicelib.event.agenda_pages import (
    LANGUAGE_QUERY,
    ORIGIN,
    PACKAGE,
    PREFIX,
    STYLE,
    Addresses,
    filled_in,
    placeholder_link,
    stored_facts,
    stored_page_path,
)
from chalicelib.event.event import Event
from chalicelib.event.file import file_of
from chalicelib.event.organisation import Organisation
from chalicelib.event.theme import Theme

# How long after its end an event stays in the list.
LISTED_FOR = timedelta(days=365)
# No event has this id.
INDEX = "_index"
_CUT = "<!--cut-->"


class IndexPages:
    """The list in each language; `ends_at` has the end of each event, the first to start first."""

    def __init__(self, ends_at: Mapping[str, datetime], texts: Mapping[str, str]) -> None:
        self._ends_at = ends_at
        self._texts = texts

    @property
    def ids(self) -> Sequence[str]:
        """The ids of all listed events."""
        return tuple(self._ends_at)

    def html(self, language: str, now: datetime, addresses: Addresses, theme: Theme) -> str:
        """The page: the events to come, soonest first; those of the last year, latest first."""
        before, *rows, nothing, past_heading, after = self._texts[language].split(_CUT)
        ends = tuple(zip(self._ends_at.values(), rows, strict=True))
        coming = [row for ends_at, row in ends if ends_at > now]
        past = [row for ends_at, row in ends if now - LISTED_FOR < ends_at <= now]
        listed = _list(coming) if coming else nothing
        if past:
            listed += past_heading + _list(past[::-1])
        return filled_in(before + listed + after, addresses, theme)


def made_of(events: Sequence[Event], organisation: Organisation) -> IndexPages:
    """The list of these events, the first to start first."""
    texts = {
        language: rendered(events, organisation, language) for language in organisation.languages
    }
    return IndexPages({event.id: event.ends_at for event in events}, texts)


def rendered(events: Sequence[Event], organisation: Organisation, language: str) -> str:
    """Render the page's pieces with cuts between them, with placeholders as in an agenda page."""
    from chalicelib.texts.rendering import render_page

    return render_page(
        "events.html",
        language,
        event=None,
        events=events,
        look=organisation.theme,
        style=STYLE,
        request={
            "origin": ORIGIN,
            "prefix": PREFIX,
            "path": "/",
            "language_query": LANGUAGE_QUERY,
        },
        link=placeholder_link,
        languages=organisation.languages,
        cut=_CUT,
    )


def stored_index(ids: Iterable[str], package: Path = PACKAGE) -> IndexPages | None:
    """The stored list of the shown ones among the events with these ids.

    None if nothing is stored, or if it is damaged or was made of other files.
    """
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        facts = stored_facts(INDEX, package)
        if not {file_of(one) for one in ids} <= set(facts["files"]):
            return None  # a new event
        ends_at = {one: datetime.fromisoformat(at) for one, at in facts["ends_at"].items()}
        texts = {
            language: (package / stored_page_path(INDEX, language)).read_text(encoding="utf-8")
            for language in facts["languages"]
        }
        return IndexPages(ends_at, texts)
    return None


def _list(rows: Sequence[str]) -> str:
    return f'<ol class="agenda events">{"".join(rows)}</ol>\n'
