"""The desk's door: asking for a link, coming in with it, and leaving."""

from chalice.app import Response

from chalicelib import bootstrap, services
from chalicelib.desk import SESSION_LASTS
from chalicelib.forms import EMAIL_AT_MOST
from chalicelib.mail_address import is_mail_address
from chalicelib.views.desk_session import (
    Desk,
    cookie,
    desk_page,
    session_of,
)
from chalicelib.views.submission import first, submitted_fields
from chalicelib.views.visit import Visit, redirect, the_event


def show_door(visit: Visit) -> Response:
    """Asks for an address; the same for everybody."""
    return desk_page(visit, "door.html")


def ask(visit: Visit) -> Response:
    """Mails a link to a contact person; whoever asks is told the same."""
    address = first(submitted_fields(visit.request), "email").strip()
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


def show_sent(visit: Visit) -> Response:
    """Says that a link is on its way, if the address is a contact person's."""
    return desk_page(visit, "sent.html")


def show_enter(visit: Visit, token: str) -> Response:
    """A button; opening the link alone changes nothing, since mail scanners do."""
    good = services.link_is_good(token, now=visit.now, event=the_event(), table=visit.table)
    return desk_page(visit, "enter.html", 200 if good else 404, token=token, good=good)


def come_in(visit: Visit, token: str) -> Response:
    """Exchanges the link for a session."""
    session = services.enter(
        token,
        now=visit.now,
        event=the_event(),
        table=visit.table,
        new_token=bootstrap.composition().new_token,
        before=session_of(visit.request),
    )
    if session is None:
        return desk_page(visit, "enter.html", 404, token=token, good=False)
    answer = redirect(visit.link("/desk/overview"))
    answer.headers["Set-Cookie"] = cookie(session, int(SESSION_LASTS.total_seconds()))
    return answer


def leave(desk: Desk) -> Response:
    """Ends the session; what the browser kept of the desk goes too."""
    services.leave(
        session_of(desk.visit.request),
        now=desk.visit.now,
        event=desk.event,
        table=desk.officer.table,
        new_token=desk.officer.new_token,
    )
    answer = redirect(desk.visit.link("/desk"))
    answer.headers["Set-Cookie"] = cookie("", 0)
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer
