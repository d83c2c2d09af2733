"""Numbers for the desk's first page and the kitchen's list: counts and codes, no names."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from chalicelib.catering import store as tallies
from chalicelib.catering.counting import count
from chalicelib.catering.difference import changes
from chalicelib.catering.limits import COUNTED_CODES_AT_MOST
from chalicelib.catering.plates import PlateCount
from chalicelib.catering.summary import CateringSummary, MealPlates, summarise
from chalicelib.catering.tally import Tally, has_fingerprint, tally
from chalicelib.catering.words import change_in_words
from chalicelib.desk.duplicates import likely_duplicates
from chalicelib.desk.limits import (
    COMPARED_AT_MOST,
    DAYS_SHOWN,
    GROUPS_SUMMARISED_AT_MOST,
    PLATES_ON_A_PAGE,
)
from chalicelib.desk.registration_list import Page, page_of
from chalicelib.desk.work import DeskWork
from chalicelib.dynamo.errors import OUT_OF_TIME, StoreUnavailable
from chalicelib.lifecycle.state import EventState
from chalicelib.mail import record_store as mail_records
from chalicelib.mail.outbox import receipt_id
from chalicelib.mail.records import MailRecord, MailState
from chalicelib.registration import store as registrations
from chalicelib.registration.registration import ListEntry
from chalicelib.texts.language import N_


@dataclass(frozen=True)
class Overview:
    """What the first page shows.

    `changes`: the differences from the last mailed numbers, in words. `mails`: each contact
    person's name and receiver's number, with the record of the mail of the latest version.
    `notes_left`: how many notes the kitchen has not been told. `duplicates`: how many groups of
    likely ones, none if there are too many registrations to compare. `lost_receipts`: whose receipt
    came back, by key, with the plate code. `days`: how many of the current registrations were made
    on each local day, for at most DAYS_SHOWN days up to the newest.
    """

    summary: CateringSummary
    changes: list[str]
    notes_left: int
    duplicates: int
    lost_receipts: dict[str, str]
    mails: list[tuple[str, MailRecord | None]]
    days: list[tuple[date, int]]


@dataclass(frozen=True)
class KitchenList:
    """A part of the kitchen's list: each meal with its plates in that part.

    `is_as_mailed`: whether the numbers are the same as the last mailed ones.
    """

    summary: CateringSummary
    part: Page[tuple[MealPlates, PlateCount]]
    meals: list[tuple[MealPlates, list[PlateCount]]]
    is_as_mailed: bool


def overview(work: DeskWork, state: EventState) -> Overview:
    """The current numbers, compared with the last mailed ones."""
    lost, returned = mail_records.lost_receipts(work.table), dict[str, str]()
    compared: list[ListEntry] = []

    def entries() -> Iterator[ListEntry]:
        for entry in registrations.entries(work.table):
            if len(compared) <= COMPARED_AT_MOST:
                compared.append(entry)
            if receipt_id(entry.key, entry.receipt) in lost:
                returned[entry.key] = entry.code
            yield entry

    counted = count(entries(), work.event.timezone, taken_at=work.now)
    is_compared = len(compared) <= COMPARED_AT_MOST
    summary = _summary(work, counted.tally, state.version)
    return Overview(
        mails=_latest_mails(work, state),
        summary=summary,
        changes=changes_since_mailed(work, state, summary),
        notes_left=counted.notes_left,
        duplicates=len(likely_duplicates(compared)) if is_compared else 0,
        lost_receipts=returned,
        days=_latest_days(counted.days),
    )


def changes_since_mailed(
    work: DeskWork, state: EventState, now: CateringSummary | None = None
) -> list[str]:
    """The differences from the last mailed numbers, in words; counts `now` if it isn't given."""
    if not now:
        now = _summary(work, _tally(work), state.version)
    if not state.mailed_tally:
        return []
    mailed = tallies.read(work.table, state.mailed_tally)
    before = _summary(work, mailed, state.version)
    to_do = N_("se till att köket får veta det")
    return [change_in_words(one, work.event.language, to_do) for one in changes(before, now)]


def kitchen_list(work: DeskWork, state: EventState, number: int) -> KitchenList:
    """Part `number`, from 1, of the kitchen's list with current numbers."""
    counted = _tally(work, codes_at_most=sys.maxsize)
    summary = _summary(work, counted, 0)
    lines = [(meal, plate) for meal in summary.meals for plate in meal.plates]
    part = page_of(lines, number, PLATES_ON_A_PAGE)
    meals = [(meal, [plate for at, plate in part.rows if at is meal]) for meal in summary.meals]
    return KitchenList(
        summary, part, meals, has_fingerprint(state.mailed_tally, counted.fingerprint)
    )


def _latest_mails(work: DeskWork, state: EventState) -> list[tuple[str, MailRecord | None]]:
    if not state.version:
        return []
    sent = [
        record
        for record in mail_records.to_contacts(work.table)
        if record.version and record.state is not MailState.DROPPED
    ]
    sent.sort(key=lambda record: record.left_at)
    newest = {record.recipient: record for record in sent}
    of_version = {record.recipient: record for record in sent if record.version == state.version}
    return [
        *((contact.name, of_version.get(contact.email)) for contact in work.event.mailboxes),
        *(
            (_receiver_in_words(work, state, number, newest.get(one.email)), newest.get(one.email))
            for number, one in enumerate(work.event.receivers, 1)
        ),
    ]


def _receiver_in_words(
    work: DeskWork, state: EventState, number: int, mailed: MailRecord | None
) -> str:
    """A receiver, whose address no page shows; it is mailed only versions that concern it."""
    words = work.say(N_("Mottagare nummer %(number)s i evenemangets fil"), number=number)
    if mailed is None or mailed.version == state.version:
        return words
    version = work.say(N_("version %(version)s"), version=mailed.version)
    return f"{words}, {version}"


def _tally(work: DeskWork, codes_at_most: int = COUNTED_CODES_AT_MOST) -> Tally:
    orders = registrations.encoded_orders(work.table)
    return tally(orders, taken_at=work.now, codes_at_most=codes_at_most)


def _summary(work: DeskWork, counted: Tally, version: int) -> CateringSummary:
    """The summary; raises StoreUnavailable if a flood has more plates than a page can compare."""
    if len(counted.groups) > GROUPS_SUMMARISED_AT_MOST:
        raise StoreUnavailable(OUT_OF_TIME)
    return summarise(counted, work.event, version=version)


def _latest_days(counts: Mapping[date, int]) -> list[tuple[date, int]]:
    if not counts:
        return []
    last = max(counts)
    first = max(min(counts), last - timedelta(days=DAYS_SHOWN - 1))
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [(day, counts.get(day, 0)) for day in days]
