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
        days=shown.days,
        sent=desk.query("sent"),
    )


def ask_send(desk: Desk) -> Response:
    """Asks before the summary is sent again, and says what it lacks."""
    state = desk.work.state()
    changes = changes_since_mailed(desk.work, state)
    return desk.page("send.html", state=state, changes=changes, nonce=fresh_nonce())


def send(desk: Desk) -> Response:
    """Sends the summary again, to everybody or to whoever asks."""
    fields = desk.fields()
    to, nonce = first(fields, "to"), first(fields, "nonce")
    recipients = desk.event.contacts if to == "all" else [desk.work.contact]
    try:
        desk.work.send_again(recipients, nonce or fresh_nonce())
    except NothingToSend:
        return desk.page("send.html", 409, state=desk.work.state())
    return redirect(desk.request.link("/desk/overview") + "?sent=summary")
