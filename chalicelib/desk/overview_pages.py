"""The desk's first page, with the event state and numbers, and sending the summary again."""

from chalice.app import Response

from chalicelib.desk.overview import changes_since_mailed, overview
from chalicelib.desk.request import Desk
from chalicelib.desk.work import NothingToSend
from chalicelib.event.event import Contact, Receiver
from chalicelib.lifecycle.deadline import is_open
from chalicelib.lifecycle.state import is_overdue
from chalicelib.web.responses import redirect
from chalicelib.web.submission import first_value, fresh_nonce


def show_overview(desk: Desk) -> Response:
    """Show the event state, numbers per meal, registrations per day, and what has changed.

    Once personal data are no longer shown, show the anonymous totals.
    """
    state, event, now = desk.work.state(), desk.event, desk.request.now
    if event.hides_personal_data(now):
        totals = desk.work.totals()
        return desk.page("after_deletion.html", deletion=state.deletion, totals=totals)
    shown = overview(desk.work, state)
    closes_at = event.deadline(state.closes_at)
    return desk.page(
        "overview.html",
        state=state,
        closes_at=closes_at,
        is_open=is_open(now, closes_at),
        is_overdue=is_overdue(state, closes_at, now),
        summary=shown.summary,
        mails=shown.mails,
        changes=shown.changes,
        notes_left=shown.notes_left,
        duplicates=shown.duplicates,
        lost_receipts=shown.lost_receipts,
        unreached=[name for name, record in shown.mails if record and record.is_lost],
        days=shown.days,
        sent=desk.query("sent"),
    )


def ask_send(desk: Desk) -> Response:
    """Ask before sending the summary again, and show the changes that it does not include."""
    state = desk.work.state()
    changes = changes_since_mailed(desk.work, state)
    return desk.form("send.html", state=state, changes=changes, nonce=fresh_nonce())


def send(desk: Desk) -> Response:
    """Send the summary again, to all contact persons and receivers or only to the one logged in."""
    fields = desk.fields()
    to, nonce = first_value(fields, "to"), first_value(fields, "nonce")
    recipients: list[Contact | Receiver] = [desk.work.contact]
    if to == "all":
        recipients = [*desk.event.mailboxes, *desk.event.receivers]
    try:
        desk.work.send_again(recipients, nonce or fresh_nonce())
    except NothingToSend:
        return desk.form("send.html", 409, state=desk.work.state())
    return redirect(desk.request.link("/desk/overview") + "?sent=summary")
