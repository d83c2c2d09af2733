"""The desk's first page: how far the event has come and the numbers; sending the summary again."""

from chalice.app import Response

from chalicelib.desk.overview import changes_since_mailed, overview
from chalicelib.desk.request import Desk
from chalicelib.desk.work import NothingToSend
from chalicelib.lifecycle.deadline import is_open
from chalicelib.lifecycle.state import is_overdue
from chalicelib.web.answers import redirect
from chalicelib.web.submission import first, fresh_nonce


def show_overview(desk: Desk) -> Response:
    """State, numbers per meal, severe allergies first, registrations per day, what changed.

    Once personal data are no longer shown, the counts that stay.
    """
    control, event, now = desk.officer.control(), desk.event, desk.visit.now
    if event.is_forgotten(now):
        totals = desk.officer.totals()
        return desk.page("forgotten.html", deletion=control.deletion, totals=totals)
    shown = overview(desk.officer, control)
    closes_at = event.deadline(control.closes_at)
    return desk.page(
        "overview.html",
        control=control,
        closes_at=closes_at,
        is_open=is_open(now, closes_at),
        is_overdue=is_overdue(control, closes_at, now),
        summary=shown.summary,
        told=shown.mails,
        changes=shown.changes,
        days=shown.days,
        sent=desk.query("sent"),
    )


def ask_send(desk: Desk) -> Response:
    """Asks before the summary is sent again, and says what it lacks."""
    control = desk.officer.control()
    changes = changes_since_mailed(desk.officer, control)
    return desk.page("send.html", control=control, changes=changes, nonce=fresh_nonce())


def send(desk: Desk) -> Response:
    """Sends the summary again, to everybody or to whoever asks."""
    fields = desk.fields()
    to, nonce = first(fields, "to"), first(fields, "nonce")
    recipients = desk.event.contacts if to == "all" else [desk.officer.contact]
    try:
        desk.officer.send_again(recipients, nonce or fresh_nonce())
    except NothingToSend:
        return desk.page("send.html", 409, control=desk.officer.control())
    return redirect(desk.visit.link("/desk/overview") + "?sent=summary")
