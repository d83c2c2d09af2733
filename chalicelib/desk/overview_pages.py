"""The desk's first page: how far it has come and the numbers; and what moves the whole."""

import sys
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from chalice.app import Response

from chalicelib.catering import store as tallies
from chalicelib.catering.counting import count
from chalicelib.catering.summary import (
    CODES_AT_MOST,
    CateringSummary,
    MealPlates,
    PlateCount,
    Tally,
    difference,
    summarise,
    tally,
)
from chalicelib.closing.closing import DeadlineMoved, DeadlineRefused
from chalicelib.desk.registration_list import Sheet, sheet
from chalicelib.desk.request import Desk
from chalicelib.desk.work import NothingToSend
from chalicelib.lifecycle import store as controls
from chalicelib.lifecycle.state import Control, is_overdue
from chalicelib.lifecycle.timing import is_open
from chalicelib.mail import record_store as mail_records
from chalicelib.mail.records import MailRecord
from chalicelib.registration import registering
from chalicelib.registration import store as registrations
from chalicelib.texts.dates import typed_moment
from chalicelib.texts.rendering import change_in_words
from chalicelib.web.request import redirect
from chalicelib.web.submission import first, fresh_nonce, whole_number

_DAYS_SHOWN = 14
_PLATES_ON_A_PAGE = 300


def show_overview(desk: Desk) -> Response:
    """State, numbers per meal, severe allergies first, registrations per day, what changed.

    When personal data are forgotten, the counts that stay.
    """
    table, event = desk.officer.table, desk.event
    control = controls.read(table)
    if event.is_forgotten(desk.visit.now):
        return desk.page(
            "forgotten.html", deletion=control.deletion, totals=tallies.read_totals(table)
        )
    arrivals = registrations.arrivals(table)
    counted = count(arrivals, event.timezone, taken_at=desk.visit.now)
    summary = summarise(counted.tally, event, version=control.version)
    closes_at = event.deadline(control.closes_at)
    return desk.page(
        "overview.html",
        control=control,
        closes_at=closes_at,
        is_open=is_open(desk.visit.now, closes_at),
        is_overdue=is_overdue(control, closes_at, desk.visit.now),
        summary=summary,
        told=_latest_mails(desk, control),
        changes=_changes(desk, control, summary),
        days=_latest_days(counted.days),
        sent=desk.query("sent"),
    )


def show_kitchen(desk: Desk) -> Response:
    """The kitchen's sheet as it is now, to print: what the summary mail says."""
    control = controls.read(desk.officer.table)
    counted = _tally(desk, codes_at_most=sys.maxsize)
    summary = summarise(counted, desk.event, version=0)
    shown, meals = _part_of(summary, whole_number(desk.query("part"), 1))
    return desk.page(
        "kitchen.html",
        summary=summary,
        sheet=shown,
        meals=meals,
        version=control.version,
        is_as_told=control.told.endswith(f"#{counted.fingerprint}"),
        is_open=is_open(desk.visit.now, desk.event.deadline(control.closes_at)),
    )


def ask_send(desk: Desk) -> Response:
    """Asks before the summary is sent again, and says what it lacks."""
    control = controls.read(desk.officer.table)
    now = summarise(_tally(desk), desk.event, version=control.version)
    changes = _changes(desk, control, now)
    return desk.page("send.html", control=control, changes=changes, nonce=fresh_nonce())


def send(desk: Desk) -> Response:
    """Sends the summary again, to everybody or to whoever asks."""
    fields = desk.fields()
    to, nonce = first(fields, "to"), first(fields, "nonce")
    recipients = desk.event.contacts if to == "all" else [desk.officer.contact]
    try:
        desk.officer.send_again(recipients, nonce or fresh_nonce())
    except NothingToSend:
        return desk.page("send.html", 409, control=controls.read(desk.officer.table))
    return redirect(desk.visit.link("/desk/overview") + "?sent=summary")


def ask_close(desk: Desk) -> Response:
    """Asks before it closes."""
    return desk.page("close.html", **_deadline_facts(desk))


def close(desk: Desk) -> Response:
    """Closes registration now, if the deadline is still the one that was shown."""
    facts = _deadline_facts(desk)
    try:
        if not facts["is_open"] or _is_stale(desk, facts):
            raise DeadlineMoved
        desk.officer.close(facts["closes_at"])
    except DeadlineMoved:
        return desk.page("close.html", 409, **_deadline_facts(desk), moved=True)
    return redirect(desk.visit.link("/desk/overview"))


def ask_reopen(desk: Desk) -> Response:
    """Asks until when."""
    return desk.page("reopen.html", **_deadline_facts(desk))


def reopen(desk: Desk) -> Response:
    """Opens until a new deadline, or says what is wrong with it."""
    facts, fields = _deadline_facts(desk), desk.fields()
    day, clock = first(fields, "day").strip(), first(fields, "clock").strip()
    until = typed_moment(day, clock, desk.event.timezone)
    status, wrong = 422, "moment"
    try:
        if _is_stale(desk, facts):
            raise DeadlineMoved
        if until:
            desk.officer.reopen(until, facts["closes_at"])
            return redirect(desk.visit.link("/desk/overview"))
    except DeadlineRefused:
        wrong = "range"
    except DeadlineMoved:
        status, wrong, facts = 409, "stale", _deadline_facts(desk)
    return desk.page("reopen.html", status, **facts, wrong=wrong, day=day, clock=clock)


def _deadline_facts(desk: Desk) -> dict[str, Any]:
    """What the pages about the deadline show; `shown` comes back, to see whether it still holds."""
    closes_at = registering.closing_time(desk.officer)
    still_open = is_open(desk.visit.now, closes_at)
    shown = f"{closes_at.isoformat()} {'open' if still_open else 'closed'}"
    return {"closes_at": closes_at, "is_open": still_open, "shown": shown}


def _is_stale(desk: Desk, facts: dict[str, Any]) -> bool:
    """Whether somebody has moved the deadline, or it has passed, since the page was made."""
    return first(desk.fields(), "shown") != str(facts["shown"])


def _latest_mails(desk: Desk, control: Control) -> list[tuple[str, MailRecord | None]]:
    """What became of the last summary's mail to each contact person."""
    if not control.version:
        return []
    records = [
        record
        for record in mail_records.to_contacts(desk.officer.table)
        if record.version == control.version
    ]
    records.sort(key=lambda record: record.left_at)
    latest = {record.recipient: record for record in records}
    return [(contact.name, latest.get(contact.email)) for contact in desk.event.contacts]


def _changes(desk: Desk, control: Control, now: CateringSummary) -> list[str]:
    """What differs from what was told last, in words."""
    if not control.told:
        return []
    told = tallies.read(desk.officer.table, control.told)
    before = summarise(told, desk.event, version=control.version)
    return [change_in_words(change) for change in difference(before, now)]


def _tally(desk: Desk, codes_at_most: int = CODES_AT_MOST) -> Tally:
    """Everybody's plates, counted now."""
    orders = registrations.encoded_orders(desk.officer.table)
    return tally(orders, taken_at=desk.visit.now, codes_at_most=codes_at_most)


def _latest_days(counts: Mapping[date, int]) -> list[tuple[date, int]]:
    """Registrations that still hold, by the local day they came; the last days of them."""
    if not counts:
        return []
    last = max(counts)
    first = max(min(counts), last - timedelta(days=_DAYS_SHOWN - 1))
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [(day, counts.get(day, 0)) for day in days]


def _part_of(
    summary: CateringSummary, number: int
) -> tuple[Sheet[tuple[MealPlates, PlateCount]], list[tuple[MealPlates, list[PlateCount]]]]:
    """A part of the kitchen's list: which one, and each meal with its plates in that part."""
    lines = [(meal, plate) for meal in summary.meals for plate in meal.all_plates]
    shown = sheet(lines, number, _PLATES_ON_A_PAGE)
    return shown, [
        (meal, [plate for of, plate in shown.rows if of is meal]) for meal in summary.meals
    ]
