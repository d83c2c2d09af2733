"""The desk's door: asking for a link, coming in with it, and leaving."""

from chalice.app import Response

from chalicelib import bootstrap
from chalicelib.desk import login
from chalicelib.desk.request import Desk, cookie, desk_page, session_of
from chalicelib.desk.sessions import SESSION_LASTS, TokenKind
from chalicelib.event.mail_address import is_mail_address
from chalicelib.registration.limits import EMAIL_AT_MOST
from chalicelib.web.answers import redirect
from chalicelib.web.request import PageRequest
from chalicelib.web.submission import first, submitted_fields


def show_login(request: PageRequest) -> Response:
    """Asks for an address; the same for everybody."""
    return desk_page(request, "login.html")


def ask(request: PageRequest) -> Response:
    """Mails a link to a contact person; whoever asks is told the same."""
    address = first(submitted_fields(request.raw), "email").strip()
    if len(address) > EMAIL_AT_MOST or not is_mail_address(address):
        return desk_page(request, "login.html", 422, typed=address, wrong=True)
    login.ask_for_link(
        request.context,
        address,
        base_url=request.link_target.base_url,
        new_token=bootstrap.composition().new_token,
    )
    return redirect(request.link("/desk/sent"))


def show_sent(request: PageRequest) -> Response:
    """Says that a link is on its way, if the address is a contact person's."""
    return desk_page(request, "sent.html")


def show_enter(request: PageRequest, token: str) -> Response:
    """A button; opening the link alone changes nothing, since mail scanners do."""
    good = login.contact_with(request.context, token, TokenKind.LINK) is not None
    return desk_page(request, "enter.html", 200 if good else 404, token=token, good=good)


def log_in(request: PageRequest, token: str) -> Response:
    """Exchanges the link for a session."""
    session = login.log_in(
        request.context,
        token,
        new_token=bootstrap.composition().new_token,
        before=session_of(request.raw),
    )
    if session is None:
        return desk_page(request, "enter.html", 404, token=token, good=False)
    answer = redirect(request.link("/desk/overview"))
    answer.headers["Set-Cookie"] = cookie(session, int(SESSION_LASTS.total_seconds()))
    return answer


def log_out(desk: Desk) -> Response:
    """Ends the session; what the browser kept of the desk goes too."""
    login.log_out(desk.work, session_of(desk.request.raw), desk.work.new_token)
    answer = redirect(desk.request.link("/desk"))
    answer.headers["Set-Cookie"] = cookie("", 0)
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer
