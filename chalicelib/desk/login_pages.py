"""The door of the desk: asking for a link, logging in with it, choosing an event, logging out."""

from collections.abc import Sequence

from chalice.app import Response

from chalicelib import bootstrap
from chalicelib.desk import login
from chalicelib.desk.limits import SESSION_LASTS
from chalicelib.desk.request import address_of, cookie, desk_page, door_of, session_of
from chalicelib.desk.sessions import TokenKind
from chalicelib.event.agenda_pages import path_of
from chalicelib.event.event import Event
from chalicelib.web.request import PageRequest
from chalicelib.web.responses import kept_for_back, redirect
from chalicelib.web.submission import first_value, submitted_fields


def show_door(request: PageRequest) -> Response:
    """The events of a contact person with a session, or the form that asks for a mail address."""
    door = door_of(request)
    address = login.address_with(door, session_of(request.raw), TokenKind.SESSION)
    if not address:
        return desk_page(request, "login.html")
    events = [context.event for context in door.of(address)]
    if len(events) == 1:
        return redirect(_first_page(request, events))
    return desk_page(request, "events.html", events=events)


def _first_page(request: PageRequest, events: Sequence[Event]) -> str:
    """The address of the desk of the only event, or of the list of several."""
    path = path_of("/desk/overview", events[0]) if len(events) == 1 else "/desk"
    return f"{request.prefix}{path}"


def ask(request: PageRequest) -> Response:
    """Mail a link to a contact person. The answer is the same for every address."""
    typed = first_value(submitted_fields(request.raw), "email").strip()
    address = address_of(typed)
    if not address:
        return kept_for_back(desk_page(request, "login.html", 422, typed=typed, wrong=True))
    login.ask_for_link(door_of(request), address)
    return redirect(request.link("/desk/sent"))


def show_sent(request: PageRequest) -> Response:
    """Show that a link is on its way, if the address belongs to a contact person."""
    return desk_page(request, "sent.html")


def show_enter(request: PageRequest, token: str) -> Response:
    """Show a login button. Opening the link changes nothing, since mail scanners open links too."""
    is_valid = bool(login.address_with(door_of(request), token, TokenKind.LINK))
    return desk_page(request, "enter.html", 200 if is_valid else 404, token=token, good=is_valid)


def log_in(request: PageRequest, token: str) -> Response:
    """Exchange the link for a session."""
    door, new_token = door_of(request), bootstrap.composition().new_token
    address = login.address_with(door, token, TokenKind.LINK)
    if not address:
        return desk_page(request, "enter.html", 404, token=token, good=False)
    session = login.log_in(
        door, address, token, new_token=new_token, before=session_of(request.raw)
    )
    answer = redirect(_first_page(request, [context.event for context in door.of(address)]))
    answer.headers["Set-Cookie"] = cookie(session, int(SESSION_LASTS.total_seconds()))
    return answer


def log_out(request: PageRequest) -> Response:
    """End the session, and make the browser clear its cache of the desk's pages."""
    door, session = door_of(request), session_of(request.raw)
    answer = redirect(request.link("/desk"))
    address = login.address_with(door, session, TokenKind.SESSION)
    if not address:
        return answer
    login.log_out(door, address, session, bootstrap.composition().new_token)
    answer.headers["Set-Cookie"] = cookie("", 0)
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer
