"""The pages that everybody sees: the agenda, and a page for addresses that don't exist."""

from datetime import UTC, datetime
from hashlib import sha256

from chalice.app import Response

from chalicelib import bootstrap
from chalicelib.event.agenda_pages import Addresses, Shown
from chalicelib.event.event import Event
from chalicelib.lifecycle.deadline import is_open
from chalicelib.media_types import CALENDAR, HTML
from chalicelib.web.answers import attachment, page
from chalicelib.web.request import PageRequest, current_event

_FRESH_FOR_SECONDS = 60
_STAMP = datetime(2026, 1, 1, tzinfo=UTC)


def show_agenda(request: PageRequest) -> Response:
    """The agenda page; it stands though the table doesn't answer."""
    parts = bootstrap.composition()
    closes_at = parts.deadline_to_show(request.now)
    phase = _phase(request.now, parts.event)
    shown = Shown(request.language, closes_at, is_open(request.now, closes_at), phase)
    addresses = Addresses(request.origin, request.prefix, request.language_query)
    html = parts.agenda_pages.html(shown, addresses)
    return _fresh_for_a_while(request, Response(html, {"Content-Type": HTML}))


def send_calendar(request: PageRequest) -> Response:
    """The day and every session, to be taken into a calendar."""
    from chalicelib.event.calendar import agenda_calendar

    event = current_event()
    # A fixed stamp, so that the same programme is the same file (RFC 5545, 3.8.7.2).
    calendar = agenda_calendar(event, request.language, stamped_at=_STAMP)
    text, name = calendar.decode("utf-8"), f"{event.id}.ics"
    return _fresh_for_a_while(request, attachment(text, f"{CALENDAR}; charset=utf-8", name))


def show_privacy(request: PageRequest) -> Response:
    """How personal data are treated."""
    return _fresh_for_a_while(request, page(request, "privacy.html"))


def show_accessibility(request: PageRequest) -> Response:
    """The accessibility statement."""
    return _fresh_for_a_while(request, page(request, "accessibility.html"))


def _fresh_for_a_while(request: PageRequest, answer: Response) -> Response:
    tag = f'"{sha256(answer.body.encode()).hexdigest()[:32]}"'
    answer.headers["ETag"] = tag
    known = request.raw.headers.get("if-none-match", "")
    if {"*", tag} & {one.strip().removeprefix("W/") for one in known.split(",")}:
        answer.status_code, answer.body = 304, ""
    answer.headers["Cache-Control"] = f"public, max-age={_FRESH_FOR_SECONDS}"
    answer.headers["Vary"] = "Accept-Language"
    return answer


def _phase(now: datetime, event: Event) -> str:
    """`before`, `today` or `over`."""
    if event.is_over(now):
        return "over"
    return "today" if now.astimezone(event.timezone).date() == event.date else "before"
