"""The public pages about the event: agenda, calendar, privacy and accessibility."""

from datetime import UTC, datetime
from hashlib import sha256

from chalice.app import Response

from chalicelib import bootstrap
from chalicelib.event.agenda_pages import Addresses, Variant
from chalicelib.event.event import Event
from chalicelib.lifecycle.deadline import is_open
from chalicelib.media_types import CALENDAR, HTML
from chalicelib.web.request import PageRequest, current_event
from chalicelib.web.responses import attachment, page

_CACHED_SECONDS = 60
_STAMP = datetime(2026, 1, 1, tzinfo=UTC)


def show_agenda(request: PageRequest) -> Response:
    """The agenda page, which works even while the table does not answer."""
    parts = bootstrap.composition()
    closes_at = parts.deadline_to_show(request.now)
    phase = _phase(request.now, parts.event)
    variant = Variant(request.language, closes_at, is_open(request.now, closes_at), phase)
    addresses = Addresses(request.origin, request.prefix, request.language_query)
    html = parts.agenda_pages.html(variant, addresses)
    return _cacheable(request, Response(html, {"Content-Type": HTML}))


def send_calendar(request: PageRequest) -> Response:
    """The calendar file with the event and every session."""
    from chalicelib.event.calendar import agenda_calendar

    event = current_event()
    # A fixed DTSTAMP (RFC 5545, 3.8.7.2), so that an unchanged programme is the same file.
    calendar = agenda_calendar(event, request.language, stamped_at=_STAMP)
    text, name = calendar.decode("utf-8"), f"{event.id}.ics"
    return _cacheable(request, attachment(text, f"{CALENDAR}; charset=utf-8", name))


def show_privacy(request: PageRequest) -> Response:
    """The privacy statement."""
    return _cacheable(request, page(request, "privacy.html"))


def show_accessibility(request: PageRequest) -> Response:
    """The accessibility statement."""
    return _cacheable(request, page(request, "accessibility.html"))


def _cacheable(request: PageRequest, answer: Response) -> Response:
    tag = f'"{sha256(answer.body.encode()).hexdigest()[:32]}"'
    answer.headers["ETag"] = tag
    known = request.raw.headers.get("if-none-match", "")
    if {"*", tag} & {one.strip().removeprefix("W/") for one in known.split(",")}:
        answer.status_code, answer.body = 304, ""
    answer.headers["Cache-Control"] = f"public, max-age={_CACHED_SECONDS}"
    answer.headers["Vary"] = "Accept-Language"
    return answer


def _phase(now: datetime, event: Event) -> str:
    """`before`, `today` or `over`."""
    if event.is_over(now):
        return "over"
    return "today" if now.astimezone(event.timezone).date() == event.date else "before"
