"""The public pages about the event: agenda, calendar, privacy and accessibility."""

from collections.abc import Callable
from datetime import UTC, datetime

from chalice.app import Response

from chalicelib import bootstrap
from chalicelib.event.agenda_pages import Addresses, Variant
from chalicelib.event.event import Event
from chalicelib.lifecycle.deadline import is_open
from chalicelib.media_types import CALENDAR, HTML
from chalicelib.web.error_pages import found_or_404
from chalicelib.web.headers import cacheable
from chalicelib.web.request import PageRequest
from chalicelib.web.responses import attachment, page

_STAMP = datetime(2026, 1, 1, tzinfo=UTC)


def show_start(request: PageRequest) -> Response:
    """The agenda of the only event, or the list of all."""
    if request.about:
        return show_agenda(request)
    parts = bootstrap.composition()
    html = parts.index_pages.html(
        request.language, request.now, _addresses(request), parts.events.organisation.theme
    )
    return cacheable(request, Response(html, {"Content-Type": HTML}))


def show_agenda(request: PageRequest) -> Response:
    """The agenda page, which works even while the table does not answer."""
    parts, event = bootstrap.composition(), request.event
    closes_at, changes = parts.state_to_show(event, request.now)
    pages = parts.agenda_pages(event)
    if changes:
        from chalicelib.event.changes import Changes

        changes = Changes.from_json(changes).shown_at(request.now).to_json()
    phase = _phase(request.now, pages.event(changes))
    still_open = is_open(request.now, closes_at)
    variant = Variant(request.language, closes_at, still_open, phase, changes)
    html = pages.html(variant, _addresses(request))
    answer = cacheable(request, Response(html, {"Content-Type": HTML}))
    if changes:  # on the day, the next change must not be hidden by a cache
        answer.headers["Cache-Control"] = "public, no-cache"
    return answer


def send_calendar(request: PageRequest) -> Response:
    """The calendar file with an entry for each day of the event."""
    from chalicelib.event.calendar import day_calendar

    return _calendar_file(request, day_calendar, request.event.id)


def send_sessions(request: PageRequest) -> Response:
    """The calendar file with an entry for each session, if any has a time."""
    from chalicelib.event.calendar import session_calendar

    found_or_404(request.event.has_timed_rows or None)
    return _calendar_file(request, session_calendar, f"{request.event.id}-sessions")


def _calendar_file(request: PageRequest, write: Callable[..., bytes], name: str) -> Response:
    from chalicelib.event.changes import shown

    page = f"{request.origin}{request.link('/')}"
    _, changes = bootstrap.composition().state_to_show(request.event, request.now)
    event = shown(request.event, changes)
    # A fixed DTSTAMP (RFC 5545, 3.8.7.2), so that an unchanged programme is the same file.
    text = write(event, request.language, page=page, stamped_at=_STAMP).decode("utf-8")
    return cacheable(request, attachment(text, f"{CALENDAR}; charset=utf-8", f"{name}.ics"))


def show_privacy(request: PageRequest) -> Response:
    """The privacy statement."""
    return cacheable(request, page(request, "privacy.html"))


def show_accessibility(request: PageRequest) -> Response:
    """The accessibility statement, if the event has one."""
    found_or_404(request.event.accessibility)
    return cacheable(request, page(request, "accessibility.html"))


def _addresses(request: PageRequest) -> Addresses:
    return Addresses(request.origin, request.prefix, request.language_query)


def _phase(now: datetime, event: Event) -> str:
    """`before`, `today` or `over`."""
    if event.is_over(now):
        return "over"
    return "before" if now.astimezone(event.timezone).date() < event.date else "today"
