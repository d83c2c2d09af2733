"""The desk's door: asking for a link, coming in with it, and leaving."""

from chalice.app import Blueprint, Response

from chalicelib import bootstrap, services
from chalicelib.desk import SESSION_LASTS
from chalicelib.forms import EMAIL_AT_MOST
from chalicelib.mail_address import is_mail_address
from chalicelib.views.desk_session import (
    Desk,
    comes_from_here,
    cookie,
    desk_page,
    desk_visit,
    for_officers,
    session_of,
)
from chalicelib.views.submission import FORM, Unreadable, first, submitted_fields
from chalicelib.views.visit import honest, page, redirect, the_event

desk_door = Blueprint(__name__)


@desk_door.route("/desk", methods=["GET", "HEAD"])
@honest(desk_door)
def show_door() -> Response:
    """Asks for an address; the same for everybody."""
    return desk_page(desk_visit(desk_door.current_request), "door.html")


@desk_door.route("/desk", methods=["POST"], content_types=[FORM])
@honest(desk_door)
def ask() -> Response:
    """Mails a link to a contact person; whoever asks is told the same."""
    request = desk_door.current_request
    visit = desk_visit(request)
    if not comes_from_here(request, visit):
        return page(visit, "problem.html", 403, problem="elsewhere")
    try:
        address = first(submitted_fields(request), "email").strip()
    except Unreadable as unreadable:
        return page(visit, "problem.html", unreadable.status, problem=unreadable.problem)
    if len(address) > EMAIL_AT_MOST or not is_mail_address(address):
        return desk_page(visit, "door.html", 422, typed=address, wrong=True)
    services.ask_for_link(
        address,
        now=visit.now,
        event=the_event(),
        table=visit.table,
        site=visit.visitor.site,
        new_token=bootstrap.composition().new_token,
    )
    return redirect(visit.link("/desk/sent"))


@desk_door.route("/desk/sent", methods=["GET", "HEAD"])
@honest(desk_door)
def show_sent() -> Response:
    """Says that a link is on its way, if the address is a contact person's."""
    return desk_page(desk_visit(desk_door.current_request), "sent.html")


@desk_door.route("/desk/enter/{token}", methods=["GET", "HEAD"])
@honest(desk_door)
def show_enter(token: str) -> Response:
    """A button; opening the link alone changes nothing, since mail scanners do."""
    visit = desk_visit(desk_door.current_request)
    good = services.link_is_good(token, now=visit.now, event=the_event(), table=visit.table)
    return desk_page(visit, "enter.html", 200 if good else 404, token=token, good=good)


@desk_door.route("/desk/enter/{token}", methods=["POST"], content_types=[FORM])
@honest(desk_door)
def come_in(token: str) -> Response:
    """Exchanges the link for a session."""
    request = desk_door.current_request
    visit = desk_visit(request)
    if not comes_from_here(request, visit):
        return page(visit, "problem.html", 403, problem="elsewhere")
    session = services.enter(
        token,
        now=visit.now,
        event=the_event(),
        table=visit.table,
        new_token=bootstrap.composition().new_token,
        before=session_of(request),
    )
    if session is None:
        return desk_page(visit, "enter.html", 404, token=token, good=False)
    answer = redirect(visit.link("/desk/overview"))
    answer.headers["Set-Cookie"] = cookie(session, int(SESSION_LASTS.total_seconds()))
    return answer


@desk_door.route("/desk/leave", methods=["POST"], content_types=[FORM])
@for_officers(desk_door, also_when_forgotten=True)
def leave(desk: Desk) -> Response:
    """Ends the session; what the browser kept of the desk goes too."""
    services.leave(
        session_of(desk.request),
        now=desk.visit.now,
        event=desk.event,
        table=desk.officer.table,
        new_token=desk.officer.new_token,
    )
    answer = redirect(desk.visit.link("/desk"))
    answer.headers["Set-Cookie"] = cookie("", 0)
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer
