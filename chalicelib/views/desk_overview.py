"""The desk's first page: how far it has come and the numbers; and what moves the whole."""

import sys
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from chalice.app import Blueprint, Response

from chalicelib import services
from chalicelib.control import Control, is_overdue
from chalicelib.count import Count
from chalicelib.dates import deadline, typed_moment
from chalicelib.deadline import is_open
from chalicelib.desk import Deed
from chalicelib.language import SWEDISH
from chalicelib.mail_record import MailRecord
from chalicelib.rendering import change_in_words
from chalicelib.roll import Sheet, sheet
from chalicelib.services import DeadlineRefused, NothingToSend
from chalicelib.summary import (
    CODES_AT_MOST,
    CateringSummary,
    MealPlates,
    PlateCount,
    difference,
    summarise,
)
from chalicelib.views.desk_session import Desk, for_officers
from chalicelib.views.submission import FORM, first, fresh_nonce, whole_number
from chalicelib.views.visit import redirect

desk_overview = Blueprint(__name__)

_DAYS_SHOWN = 14
_PLATES_ON_A_PAGE = 300


@desk_overview.route("/desk/overview", methods=["GET", "HEAD"])
@for_officers(desk_overview, also_when_forgotten=True)
def show_overview(desk: Desk) -> Response:
    """State, numbers per meal, severe allergies first, registrations per day, what changed.

    When personal data are forgotten, the counts that stay.
    """
    store, event = desk.officer.store, desk.event
    control = store.control()
    if event.is_forgotten(desk.visit.now):
        return desk.page("forgotten.html", deletion=control.deletion, totals=store.totals())
    count = _count(desk, control)
    summary = _summary(desk, control, count)
    closes_at = event.deadline(control.closes_at)
    return desk.page(
        "overview.html",
        control=control,
        closes_at=closes_at,
        is_open=is_open(desk.visit.now, closes_at),
        is_overdue=is_overdue(control, closes_at, desk.visit.now),
        summary=summary,
        count=count,
        told=_latest_mails(desk, control),
        changes=_changes(desk, control, summary),
        days=_latest_days(count.days) if count else [],
        sent=desk.query("sent"),
    )


@desk_overview.route("/desk/kitchen", methods=["GET", "HEAD"])
@for_officers(desk_overview)
def show_kitchen(desk: Desk) -> Response:
    """The kitchen's sheet as it is now, to print: what the summary mail says."""
    control = desk.officer.store.control()
    count = _count(desk, control, codes_at_most=sys.maxsize)
    if count is None:
        return desk.page("counting.html")
    summary = summarise(count.tally, desk.event, version=0)
    shown, meals = _part_of(summary, whole_number(desk.query("part"), 1))
    return desk.page(
        "kitchen.html",
        summary=summary,
        count=count,
        sheet=shown,
        meals=meals,
        version=control.version,
        is_as_told=control.told.endswith(f"#{count.tally.fingerprint}"),
        is_open=is_open(desk.visit.now, desk.event.deadline(control.closes_at)),
    )


@desk_overview.route("/desk/send", methods=["GET", "HEAD"])
@for_officers(desk_overview)
def ask_send(desk: Desk) -> Response:
    """Asks before the summary is sent again, and says what it lacks."""
    control = desk.officer.store.control()
    changes = _changes(desk, control, _summary(desk, control, _count(desk, control)))
    return desk.page("send.html", control=control, changes=changes, nonce=fresh_nonce())


@desk_overview.route("/desk/send", methods=["POST"], content_types=[FORM])
@for_officers(desk_overview)
def send(desk: Desk) -> Response:
    """Sends the summary again, to everybody or to whoever asks."""
    fields = desk.fields()
    to, nonce = first(fields, "to"), first(fields, "nonce")
    recipients = desk.event.contacts if to == "all" else [desk.officer.contact]
    try:
        desk.officer.send_again(recipients, nonce or fresh_nonce())
    except NothingToSend:
        control = desk.officer.store.control()
        return desk.page("send.html", 409, control=control, changes=[], nonce="")
    return redirect(desk.visit.link("/desk/overview") + "?sent=summary")


@desk_overview.route("/desk/close", methods=["GET", "HEAD"])
@for_officers(desk_overview)
def ask_close(desk: Desk) -> Response:
    """Asks before it closes."""
    return desk.page("close.html", **_deadline_facts(desk))


@desk_overview.route("/desk/close", methods=["POST"], content_types=[FORM])
@for_officers(desk_overview)
def close(desk: Desk) -> Response:
    """Closes registration now, if the deadline is still the one that was shown."""
    facts = _deadline_facts(desk)
    if not facts["is_open"] or _is_stale(desk, facts):
        return desk.page("close.html", 409, **facts, moved=True)
    desk.officer.saw(Deed.CLOSED)
    services.close_now(now=desk.visit.now, event=desk.event, store=desk.officer.store)
    return redirect(desk.visit.link("/desk/overview"))


@desk_overview.route("/desk/reopen", methods=["GET", "HEAD"])
@for_officers(desk_overview)
def ask_reopen(desk: Desk) -> Response:
    """Asks until when."""
    return desk.page("reopen.html", **_deadline_facts(desk))


@desk_overview.route("/desk/reopen", methods=["POST"], content_types=[FORM])
@for_officers(desk_overview)
def reopen(desk: Desk) -> Response:
    """Opens until a new deadline, or says what is wrong with it."""
    facts = _deadline_facts(desk)
    wrong = "stale" if _is_stale(desk, facts) else ""
    fields = desk.fields()
    day, clock = first(fields, "day").strip(), first(fields, "clock").strip()
    until = typed_moment(day, clock, desk.event.timezone)
    try:
        if until is None or wrong:
            raise DeadlineRefused
        store = desk.officer.store
        services.check_deadline(until, now=desk.visit.now, event=desk.event)
        about = deadline(until, desk.event.timezone, SWEDISH)
        desk.officer.saw(Deed.REOPENED, about)
        services.reopen(until, now=desk.visit.now, event=desk.event, store=store)
    except DeadlineRefused:
        return desk.page(
            "reopen.html",
            409 if wrong else 422,
            **facts,
            wrong=wrong or ("moment" if until is None else "range"),
            day=day,
            clock=clock,
        )
    return redirect(desk.visit.link("/desk/overview"))


def _deadline_facts(desk: Desk) -> dict[str, Any]:
    """What the pages about the deadline show; `shown` comes back, to see whether it still holds."""
    closes_at = services.closing_time(desk.event, desk.officer.store)
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
        record for record in desk.officer.store.contact_mails() if record.version == control.version
    ]
    latest = {record.recipient: record for record in sorted(records, key=_left_at)}
    return [(contact.name, latest.get(contact.email)) for contact in desk.event.contacts]


def _left_at(record: MailRecord) -> str:
    return record.left_at.isoformat() if record.left_at else ""


def _changes(desk: Desk, control: Control, now: CateringSummary | None) -> list[str] | None:
    """What differs from what was told last, in words; None while nobody has counted."""
    if not control.told:
        return []
    if now is None:
        return None
    told = desk.officer.store.tally(control.told)
    before = summarise(told, desk.event, version=control.version)
    return [change_in_words(change) for change in difference(before, now)]


def _count(desk: Desk, control: Control, codes_at_most: int = CODES_AT_MOST) -> Count | None:
    return services.count_for_desk(
        control,
        now=desk.visit.now,
        event=desk.event,
        store=desk.officer.store,
        codes_at_most=codes_at_most,
    )


def _summary(desk: Desk, control: Control, count: Count | None) -> CateringSummary | None:
    return summarise(count.tally, desk.event, version=control.version) if count else None


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
    plates: dict[str, list[PlateCount]] = {meal.meal.id: [] for meal in summary.meals}
    for meal, plate in shown.rows:
        plates[meal.meal.id].append(plate)
    return shown, [(meal, plates[meal.meal.id]) for meal in summary.meals]
