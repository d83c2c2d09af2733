"""Who is at the desk: the session's cookie, and what a request must have to do anything there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from chalice.app import Request, Response

from chalicelib import bootstrap
from chalicelib.desk.entering import contact_with
from chalicelib.desk.sessions import PassKind
from chalicelib.desk.work import Officer
from chalicelib.event.context import Context
from chalicelib.event.event import Event
from chalicelib.registration.form import Fields
from chalicelib.texts.language import SWEDISH
from chalicelib.web.answers import page, redirect
from chalicelib.web.error_pages import Problem, answered
from chalicelib.web.request import View, Visit, the_event, visit_of
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

    visit: Visit
    officer: Officer

    @property
    def event(self) -> Event:
        """The event."""
        return self.officer.event

    def fields(self) -> Fields:
        """What was submitted; raises Problem."""
        return submitted_fields(self.visit.request)

    def query(self, name: str) -> str:
        """A parameter of the address, empty if it isn't there."""
        parameters = self.visit.request.query_params
        return str(parameters.get(name, "")) if parameters else ""

    def page(self, template: str, status: int = 200, **values: object) -> Response:
        """A page of the desk."""
        return desk_page(self.visit, template, status, officer=self.officer, **values)


def desk_page(visit: Visit, template: str, status: int = 200, **values: object) -> Response:
    """A page of the desk, or of its door. The browser tells its own pages where it comes from."""
    answer = page(visit, f"desk/{template}", status, **values)
    answer.headers["Referrer-Policy"] = "same-origin"
    return answer


def at_the_door(request: Request, view: View, parameters: Mapping[str, str]) -> Response:
    """Lets anybody in, in Swedish; forms only from our own pages."""

    def guarded(visit: Visit) -> Response:
        _check_origin(visit)
        return view(visit, **parameters)

    return answered(_desk_visit(request), guarded)


def for_officers(request: Request, view: View, parameters: Mapping[str, str]) -> Response:
    """Lets only contact persons with a session in; everybody else is sent to the door.

    A form must come from one of our own pages, whatever the cookie says. When personal data are
    forgotten most pages lead to the first one, which says so.
    """

    def guarded(visit: Visit) -> Response:
        officer = _officer(visit)
        if officer is None:
            return redirect(visit.link("/desk"))
        _check_origin(visit)
        if the_event().is_forgotten(visit.now) and request.path not in _STILL_THERE:
            return redirect(visit.link("/desk/overview"))
        if not all(map(KEY.fullmatch, parameters.values())):
            raise Problem(404, "not_found")
        return view(Desk(visit, officer), **parameters)

    return answered(_desk_visit(request), guarded)


def _check_origin(visit: Visit) -> None:
    """Refuses a form that wasn't on one of our own pages (the Origin header, RFC 6454)."""
    request = visit.request
    if request.method == "POST" and request.headers.get("origin", "") != visit.origin.lower():
        raise Problem(403, "elsewhere")


def session_of(request: Request) -> str:
    """The session's token in the cookie, empty if there is none."""
    for cookie in str(request.headers.get("cookie", "")).split(";"):
        name, _, value = cookie.strip().partition("=")
        if name == COOKIE:
            return value
    return ""


def cookie(session: str, seconds: int) -> str:
    """The header that sets the session's cookie, or with 0 seconds takes it away."""
    return f"{COOKIE}={session}; Max-Age={seconds}; {_ATTRIBUTES}"


def _desk_visit(request: Request) -> Visit:
    """In Swedish: the desk is its contact persons' place of work."""
    return replace(visit_of(request), language=SWEDISH, language_was_chosen=False)


def _officer(visit: Visit) -> Officer | None:
    parts = bootstrap.composition()
    context = Context(visit.now, the_event(), parts.desk_table)
    contact = contact_with(context, session_of(visit.request), PassKind.SESSION)
    if contact is None:
        return None
    return Officer(
        context.now, context.event, context.table, contact, visit.link_target, parts.new_token
    )
