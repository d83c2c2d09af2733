"""The desk's door: asking for a link, coming in with it, and leaving."""

from chalice.app import Response

from chalicelib import bootstrap
from chalicelib.desk import entering
from chalicelib.desk.request import Desk, cookie, desk_page, session_of
from chalicelib.desk.sessions import SESSION_LASTS, PassKind
from chalicelib.event.mail_address import is_mail_address
from chalicelib.registration.limits import EMAIL_AT_MOST
from chalicelib.web.answers import redirect
from chalicelib.web.request import Visit
from chalicelib.web.submission import first, submitted_fields


def show_door(visit: Visit) -> Response:
    """Asks for an address; the same for everybody."""
    return desk_page(visit, "door.html")


def ask(visit: Visit) -> Response:
    """Mails a link to a contact person; whoever asks is told the same."""
    address = first(submitted_fields(visit.request), "email").strip()
    if len(address) > EMAIL_AT_MOST or not is_mail_address(address):
        return desk_page(visit, "door.html", 422, typed=address, wrong=True)
    entering.ask_for_link(
        visit.context,
        address,
        site=visit.link_target.base_url,
        new_token=bootstrap.composition().new_token,
    )
    return redirect(visit.link("/desk/sent"))


def show_sent(visit: Visit) -> Response:
    """Says that a link is on its way, if the address is a contact person's."""
    return desk_page(visit, "sent.html")


def show_enter(visit: Visit, token: str) -> Response:
    """A button; opening the link alone changes nothing, since mail scanners do."""
    good = entering.contact_with(visit.context, token, PassKind.LINK) is not None
    return desk_page(visit, "enter.html", 200 if good else 404, token=token, good=good)


def come_in(visit: Visit, token: str) -> Response:
    """Exchanges the link for a session."""
    session = entering.enter(
        visit.context,
        token,
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
    entering.leave(desk.officer, session_of(desk.visit.request), desk.officer.new_token)
    answer = redirect(desk.visit.link("/desk"))
    answer.headers["Set-Cookie"] = cookie("", 0)
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer
