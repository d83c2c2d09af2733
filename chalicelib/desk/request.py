"""Requests to the desk: the session cookie, and the checks before a page function runs."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from chalice.app import Request, Response

from chalicelib import bootstrap, timeouts
from chalicelib.desk.login import Door, address_with, valid_address
from chalicelib.desk.sessions import TokenKind
from chalicelib.desk.work import DeskWork
from chalicelib.dynamo.errors import OUT_OF_TIME, StoreUnavailable
from chalicelib.event.context import Context
from chalicelib.event.event import Event
from chalicelib.event.mail_address import ascii_address, is_mail_address, typed_address
from chalicelib.logs.json_lines import log_fault
from chalicelib.registration.form import Fields
from chalicelib.registration.limits import EMAIL_AT_MOST
from chalicelib.web.error_pages import ErrorPage, found_or_404, with_error_pages, without_event
from chalicelib.web.request import PageRequest, View, languages_of, page_request
from chalicelib.web.responses import kept_for_back, page, redirect
from chalicelib.web.submission import submitted_fields

# With this prefix, browsers accept the cookie only over TLS, from this host, for all paths
# (RFC 6265bis).
COOKIE = "__Host-dukat"
# A registration's key, the hash of its token: the only data about people in desk URLs.
KEY = re.compile(r"[0-9a-f]{64}")
# The path that works even when personal data are no longer shown.
_AFTER_DELETION = "/desk/{event}/overview"
_ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Strict"


@dataclass(frozen=True)
class Desk:
    """One request of a logged-in contact person."""

    request: PageRequest
    work: DeskWork

    @property
    def event(self) -> Event:
        """The event."""
        return self.work.event

    def fields(self) -> Fields:
        """The submitted fields; raises ErrorPage if they can't be read."""
        return submitted_fields(self.request.raw)

    def query_fields(self) -> Fields:
        """The fields of a form that asks to be shown something, in the URL."""
        parameters = self.request.raw.query_params
        return {name: parameters.getlist(name) for name in parameters} if parameters else {}

    def query(self, name: str) -> str:
        """A query parameter of the URL, empty if it is missing."""
        parameters = self.request.raw.query_params
        return str(parameters.get(name, "")) if parameters else ""

    def searched_text(self, key: str) -> str:
        """What the search with this key looks for; raises ErrorPage if it has expired."""
        return found_or_404(self.work.search(key), "no_search") if key else ""

    def page(self, template: str, status: int = 200, **values: object) -> Response:
        """A page of the desk."""
        return desk_page(self.request, template, status, work=self.work, **values)

    def form(self, template: str, status: int = 200, **values: object) -> Response:
        """A page of the desk about one person at most, with a form: Back shows what was typed."""
        return kept_for_back(self.page(template, status, **values))


def desk_page(request: PageRequest, template: str, status: int = 200, **values: object) -> Response:
    """A page of the desk or a login page. Its Referrer-Policy lets browsers send `Origin`, which
    the check of forms needs.
    """
    answer = page(request, f"desk/{template}", status, **values)
    answer.headers["Referrer-Policy"] = "same-origin"
    return answer


def address_of(typed: str) -> str:
    """The mail address in a typed text, as SES takes it; empty if it is not one."""
    address = ascii_address(typed_address(typed))
    return address if len(address) <= EMAIL_AT_MOST and is_mail_address(address) else ""


def has_time_to_read() -> Callable[[], bool]:
    """Return a function that returns True while a request that begins now may go on reading.

    The rest of its time is for the audit entry and for what is to be shown.
    """
    return bootstrap.composition().time_for(timeouts.BULK_WORK_FOR)


def for_login(raw: Request, view: View, parameters: Mapping[str, str]) -> Response:
    """Answer a login page to anybody; forms must come from our own pages."""

    def guarded(request: PageRequest) -> Response:
        _check_origin(request)
        return view(request, **parameters)

    return with_error_pages(_desk_request(raw), guarded)


def door_of(request: PageRequest) -> Door:
    """The desk's door: every event that has a right file, published or not."""
    parts, now = bootstrap.composition(), request.now
    events = parts.events.readable()
    return Door(now, [Context(now, event, parts.desk_table(event)) for event in events])


def for_contacts(raw: Request, view: View, parameters: Mapping[str, str]) -> Response:
    """Answer only the event's contact persons with a session; redirect all others to the door.

    A form must come from our own pages, even with a valid cookie. Once personal data are no longer
    shown, most pages redirect to the overview, which says so.
    """

    def guarded(request: PageRequest) -> Response:
        others = without_event(request, parameters)
        work = _desk_work(request)
        if work is None and raw.method == "POST":
            raise ErrorPage(401, "logged_out")
        if work is None:
            return redirect(request.link("/desk"))
        _check_origin(request)
        if request.event.hides_personal_data(request.now) and raw.path != _AFTER_DELETION:
            return redirect(request.link("/desk/overview"))
        if not all(map(KEY.fullmatch, others.values())):
            raise ErrorPage(404, "not_found")
        try:
            return _uncompressed(view(Desk(request, work), **others))
        except StoreUnavailable as fault:
            if str(fault) != OUT_OF_TIME:
                raise
            log_fault(fault)
            return desk_page(request, "out_of_time.html", 503, work=work)

    return with_error_pages(_desk_request(raw), guarded)


def _uncompressed(answer: Response) -> Response:
    """The answer as API Gateway does not compress it: names and what a filter's URL says side by
    side would tell, by their length, who watches a connection whether they are alike (BREACH).
    """
    answer.headers["Content-Encoding"] = "identity"
    return answer


def _check_origin(request: PageRequest) -> None:
    """Refuse a form that does not come from our own pages (Origin header, RFC 6454)."""
    raw = request.raw
    if raw.method == "POST" and raw.headers.get("origin", "") != request.origin.lower():
        raise ErrorPage(403, "elsewhere")


def session_of(raw: Request) -> str:
    """The session token in the cookie, empty if there is none."""
    for cookie in str(raw.headers.get("cookie", "")).split(";"):
        name, _, value = cookie.strip().partition("=")
        if name == COOKIE:
            return value
    return ""


def cookie(session: str, seconds: int) -> str:
    """The Set-Cookie value for a session token; with 0 `seconds` it deletes the cookie."""
    return f"{COOKIE}={session}; Max-Age={seconds}; {_ATTRIBUTES}"


def _desk_request(raw: Request) -> PageRequest:
    """The request in the desk's language, whatever the browser accepts."""
    request = page_request(raw)
    language = languages_of(request.about)[0]
    return replace(request, language=language, language_was_chosen=False)


def _desk_work(request: PageRequest) -> DeskWork | None:
    parts, session = bootstrap.composition(), session_of(request.raw)
    context = Context(request.now, request.event, parts.desk_table(request.event))
    address = valid_address(context.shared, session, TokenKind.SESSION, request.now)
    contact = context.event.contact_at(address)
    if contact is None:
        if address:  # deletes the session of who is a contact person no more
            address_with(door_of(request), session, TokenKind.SESSION)
        return None
    return DeskWork(context.now, context.event, context.table, contact, parts.new_token)
