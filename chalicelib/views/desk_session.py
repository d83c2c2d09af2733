"""Who is at the desk: the session's cookie, and what a request must have to do anything there."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps

from chalice.app import Blueprint, Request, Response

from chalicelib import bootstrap
from chalicelib.event import Event
from chalicelib.forms import Fields
from chalicelib.language import SWEDISH
from chalicelib.services import Officer, whose_session
from chalicelib.views.submission import Unreadable, submitted_fields
from chalicelib.views.visit import (
    View,
    Visit,
    honest,
    not_found,
    page,
    redirect,
    the_event,
    visit_of,
)

# The prefix makes browsers take it only over TLS, from this host, for all paths (RFC 6265bis).
COOKIE = "__Host-dukat"
# What most pages don't say.
_NOTHING = dict.fromkeys(
    (
        "officer",
        "wrong",
        "typed",
        "changed",
        "reason",
        "block",
        "day",
        "clock",
        "saved",
        "stored",
        "moved",
    ),
    "",
)
# The hash of a registration's token, which is all that an address of the desk's pages tells.
KEY = re.compile(r"[0-9a-f]{64}")
_ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Strict"


@dataclass(frozen=True)
class Desk:
    """One request of a contact person who is in."""

    visit: Visit
    officer: Officer
    request: Request

    @property
    def event(self) -> Event:
        """The event."""
        return self.officer.event

    def fields(self) -> Fields:
        """What was submitted; raises Unreadable."""
        return submitted_fields(self.request)

    def query(self, name: str) -> str:
        """A parameter of the address, empty if it isn't there."""
        parameters = self.request.query_params
        return str(parameters.get(name, "")) if parameters else ""

    def page(self, template: str, status: int = 200, **values: object) -> Response:
        """A page of the desk."""
        return desk_page(self.visit, template, status, officer=self.officer, **values)


def desk_visit(request: Request) -> Visit:
    """The visit, in Swedish: the desk is its contact persons' place of work."""
    return replace(visit_of(request), language=SWEDISH, language_was_chosen=False)


def desk_page(visit: Visit, template: str, status: int = 200, **values: object) -> Response:
    """A page of the desk, or of its door. The browser tells its own pages where it comes from."""
    answer = page(visit, f"desk/{template}", status, **{**_NOTHING, **values})
    answer.headers["Referrer-Policy"] = "same-origin"
    return answer


def for_officers(
    blueprint: Blueprint, *, also_when_forgotten: bool = False
) -> Callable[[Callable[..., Response]], View]:
    """Lets only contact persons with a session in; everybody else is sent to the door.

    A form must come from one of our own pages, whatever the cookie says. When personal data are
    forgotten most pages lead to the first one, which says so.
    """

    def guard(view: Callable[..., Response]) -> View:
        @honest(blueprint)
        @wraps(view)
        def guarded(**parameters: str) -> Response:
            request = blueprint.current_request
            visit = desk_visit(request)
            officer = _officer(request, visit)
            if officer is None:
                return redirect(visit.link("/desk"))
            if request.method == "POST" and not comes_from_here(request, visit):
                return page(visit, "problem.html", 403, problem="elsewhere")
            if the_event().is_forgotten(visit.now) and not also_when_forgotten:
                return redirect(visit.link("/desk/overview"))
            if not all(map(KEY.fullmatch, parameters.values())):
                return not_found(visit)
            try:
                return view(Desk(visit, officer, request), **parameters)
            except Unreadable as unreadable:
                return page(visit, "problem.html", unreadable.status, problem=unreadable.problem)

        return guarded

    return guard


def comes_from_here(request: Request, visit: Visit) -> bool:
    """Whether the form was on one of our own pages (the Origin header, RFC 6454)."""
    return str(request.headers.get("origin", "")) == visit.origin.lower()


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


def _officer(request: Request, visit: Visit) -> Officer | None:
    table = bootstrap.composition().desk_table
    contact = whose_session(session_of(request), now=visit.now, event=the_event(), table=table)
    if contact is None:
        return None
    return Officer(
        contact,
        visit.now,
        the_event(),
        table,
        visit.visitor,
        bootstrap.composition().new_token,
    )
