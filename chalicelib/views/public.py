"""The pages that everybody sees: the agenda, and a page for addresses that don't exist."""

from datetime import UTC, datetime
from hashlib import sha256

from chalice.app import Blueprint, Response

from chalicelib import bootstrap
from chalicelib.agenda_page import Addresses, Shown
from chalicelib.deadline import is_open
from chalicelib.event import Event
from chalicelib.views.not_allowed import CONTENT_TYPES, METHODS
from chalicelib.views.visit import HTML, not_found, page, the_event, visit_of

public = Blueprint(__name__)

_FRESH_FOR_SECONDS = 60
_STAMP = datetime(2026, 1, 1, tzinfo=UTC)


@public.route("/", methods=["GET", "HEAD"])
def show_agenda() -> Response:
    """The agenda page; it stands though the table doesn't answer."""
    visit, parts = visit_of(public.current_request), bootstrap.composition()
    closes_at = parts.deadline_to_show(visit.now)
    phase = _phase(visit.now, parts.event)
    shown = Shown(visit.language, closes_at, is_open(visit.now, closes_at), phase)
    addresses = Addresses(visit.origin, visit.prefix, visit.choice)
    html = parts.agenda_pages.html(shown, addresses)
    return _fresh_for_a_while(Response(html, {"Content-Type": HTML}))


@public.route("/agenda.ics", methods=["GET", "HEAD"])
def send_calendar() -> Response:
    """The day and every session, to be taken into a calendar."""
    from chalicelib.calendar_feed import agenda_calendar

    visit, event = visit_of(public.current_request), the_event()
    # A fixed stamp, so that the same programme is the same file (RFC 5545, 3.8.7.2).
    calendar = agenda_calendar(event, visit.language, stamped_at=_STAMP)
    headers: dict[str, str | list[str]] = {
        "Content-Type": "text/calendar; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{event.id}.ics"',
    }
    return _fresh_for_a_while(Response(calendar.decode("utf-8"), headers))


@public.route("/privacy", methods=["GET", "HEAD"])
def show_privacy() -> Response:
    """How personal data are treated."""
    return _fresh_for_a_while(page(visit_of(public.current_request), "privacy.html"))


@public.route("/accessibility", methods=["GET", "HEAD"])
def show_accessibility() -> Response:
    """The accessibility statement."""
    return _fresh_for_a_while(page(visit_of(public.current_request), "accessibility.html"))


def _fresh_for_a_while(answer: Response) -> Response:
    tag = f'"{sha256(answer.body.encode()).hexdigest()[:32]}"'
    answer.headers["ETag"] = tag
    known = public.current_request.headers.get("if-none-match", "")
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


@public.route("/{proxy+}", methods=METHODS, content_types=CONTENT_TYPES)
def show_not_found() -> Response:
    """Any other address; without this route API Gateway answers it with JSON of its own."""
    return not_found(visit_of(public.current_request))
