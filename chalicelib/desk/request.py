"""Who is at the desk: the session's cookie, and what a request must have to do anything there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from chalice.app import Request, Response

from chalicelib import bootstrap
from chalicelib.desk.login import contact_with
from chalicelib.desk.sessions import TokenKind
from chalicelib.desk.work import DeskWork
from chalicelib.event.context import Context
from chalicelib.event.event import Event
from chalicelib.registration.form import Fields
from chalicelib.texts.language import SWEDISH
from chalicelib.web.answers import page, redirect
from chalicelib.web.error_pages import ErrorPage, answered
from chalicelib.web.request import PageRequest, View, current_event, page_request
from chalicelib.web.submission import submitted_fields

# The prefix makes browsers take it only over TLS, from this host, for all paths (RFC 6265bis).
COOKIE = "__Host-dukat"
# The hash of a registration's token, which is all that an address of the desk's pages tells.
KEY = re.compile(r"[0-9a-f]{64}")
# What is answered when personal data are forgotten, too.
_STILL_THERE = ("/desk/overview", "/desk/leave")
_ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Strict"


@dataclass(frozen=True)
class Desk:
    """One request of a contact person who is in."""

    request: PageRequest
    work: DeskWork

    @property
    def event(self) -> Event:
        """The event."""
        return self.work.event

    def fields(self) -> Fields:
        """What was submitted; raises Problem."""
        return submitted_fields(self.request.raw)

    def query(self, name: str) -> str:
        """A parameter of the address, empty if it isn't there."""
        parameters = self.request.raw.query_params
        return str(parameters.get(name, "")) if parameters else ""

    def page(self, template: str, status: int = 200, **values: object) -> Response:
        """A page of the desk."""
        return desk_page(self.request, template, status, work=self.work, **values)


def desk_page(request: PageRequest, template: str, status: int = 200, **values: object) -> Response:
    """A page of the desk, or of its door. The browser tells its own pages where it comes from."""
    answer = page(request, f"desk/{template}", status, **values)
    answer.headers["Referrer-Policy"] = "same-origin"
    return answer


def for_login(raw: Request, view: View, parameters: Mapping[str, str]) -> Response:
    """Lets anybody in, in Swedish; forms only from our own pages."""

    def guarded(request: PageRequest) -> Response:
        _check_origin(request)
        return view(request, **parameters)

    return answered(_desk_request(raw), guarded)


def for_contacts(raw: Request, view: View, parameters: Mapping[str, str]) -> Response:
    """Lets only contact persons with a session in; everybody else is sent to the door.

    A form must come from one of our own pages, whatever the cookie says. When personal data are
    forgotten most pages lead to the first one, which says so.
    """

    def guarded(request: PageRequest) -> Response:
        work = _desk_work(request)
        if work is None:
            return redirect(request.link("/desk"))
        _check_origin(request)
        if current_event().hides_personal_data(request.now) and raw.path not in _STILL_THERE:
            return redirect(request.link("/desk/overview"))
        if not all(map(KEY.fullmatch, parameters.values())):
            raise ErrorPage(404, "not_found")
        return view(Desk(request, work), **parameters)

    return answered(_desk_request(raw), guarded)


def _check_origin(request: PageRequest) -> None:
    """Refuses a form that wasn't on one of our own pages (the Origin header, RFC 6454)."""
    raw = request.raw
    if raw.method == "POST" and raw.headers.get("origin", "") != request.origin.lower():
        raise ErrorPage(403, "elsewhere")


def session_of(raw: Request) -> str:
    """The session's token in the cookie, empty if there is none."""
    for cookie in str(raw.headers.get("cookie", "")).split(";"):
        name, _, value = cookie.strip().partition("=")
        if name == COOKIE:
            return value
    return ""


def cookie(session: str, seconds: int) -> str:
    """The header that sets the session's cookie, or with 0 seconds takes it away."""
    return f"{COOKIE}={session}; Max-Age={seconds}; {_ATTRIBUTES}"


def _desk_request(raw: Request) -> PageRequest:
    """In Swedish: the desk is its contact persons' place of work."""
    return replace(page_request(raw), language=SWEDISH, language_was_chosen=False)


def _desk_work(request: PageRequest) -> DeskWork | None:
    parts = bootstrap.composition()
    context = Context(request.now, current_event(), parts.desk_table)
    contact = contact_with(context, session_of(request.raw), TokenKind.SESSION)
    if contact is None:
        return None
    return DeskWork(
        context.now, context.event, context.table, contact, request.link_target, parts.new_token
    )
