"""The numbers on the desk's first page and in the kitchen's list: counts and codes, no names."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from chalicelib.catering import store as tallies
from chalicelib.catering.counting import count
from chalicelib.catering.difference import difference
from chalicelib.catering.limits import CODES_AT_MOST
from chalicelib.catering.summary import CateringSummary, MealPlates, PlateCount, summarise
from chalicelib.catering.tally import Tally, has_fingerprint, tally
from chalicelib.catering.words import change_in_words
from chalicelib.desk.limits import DAYS_SHOWN, PLATES_ON_A_PAGE
from chalicelib.desk.registration_list import Page, page_of
from chalicelib.desk.work import DeskWork
from chalicelib.lifecycle.state import EventState
from chalicelib.mail import record_store as mail_records
from chalicelib.mail.records import MailRecord
from chalicelib.registration import store as registrations


@dataclass(frozen=True)
class Overview:
    """What the first page shows.

    `changes` are how the numbers differ from the last mailed ones, in words; `mails` what became of
    the last summary's mail to each contact person, by name; `days` how many of the registrations
    that still hold came on each local day, the last DAYS_SHOWN of them.
    """

    summary: CateringSummary
    changes: list[str]
    mails: list[tuple[str, MailRecord | None]]
    days: list[tuple[date, int]]


@dataclass(frozen=True)
class KitchenList:
    """A part of the kitchen's list: each meal with its plates in that part.

    `is_as_mailed` says whether the numbers are those of the last summary.
    """

    summary: CateringSummary
    part: Page[tuple[MealPlates, PlateCount]]
    meals: list[tuple[MealPlates, list[PlateCount]]]
    is_as_mailed: bool


def overview(work: DeskWork, state: EventState) -> Overview:
    """The numbers as they are now, beside what was mailed last."""
    arrivals = registrations.arrivals(work.table)
    counted = count(arrivals, work.event.timezone, taken_at=work.now)
    summary = summarise(counted.tally, work.event, version=state.version)
    return Overview(
        summary,
        changes_since_mailed(work, state, summary),
        _latest_mails(work, state),
        _latest_days(counted.days),
    )


def changes_since_mailed(
    work: DeskWork, state: EventState, now: CateringSummary | None = None
) -> list[str]:
    """What differs from what was mailed last, in words; `now` is counted if it isn't given."""
    if not now:
        now = summarise(_tally(work), work.event, version=state.version)
    if not state.mailed_tally:
        return []
    told = tallies.read(work.table, state.mailed_tally)
    before = summarise(told, work.event, version=state.version)
    return [change_in_words(change) for change in difference(before, now)]


def kitchen_list(work: DeskWork, state: EventState, number: int) -> KitchenList:
    """A part of the kitchen's list as it is now, by its number from 1."""
    counted = _tally(work, codes_at_most=sys.maxsize)
    summary = summarise(counted, work.event, version=0)
    lines = [(meal, plate) for meal in summary.meals for plate in meal.all_plates]
    part = page_of(lines, number, PLATES_ON_A_PAGE)
    meals = [(meal, [plate for of, plate in part.rows if of is meal]) for meal in summary.meals]
    return KitchenList(
        summary, part, meals, has_fingerprint(state.mailed_tally, counted.fingerprint)
    )


def _latest_mails(work: DeskWork, state: EventState) -> list[tuple[str, MailRecord | None]]:
    if not state.version:
        return []
    records = [
        record for record in mail_records.to_contacts(work.table) if record.version == state.version
    ]
    records.sort(key=lambda record: record.left_at)
    latest = {record.recipient: record for record in records}
    return [(contact.name, latest.get(contact.email)) for contact in work.event.contacts]


def _tally(work: DeskWork, codes_at_most: int = CODES_AT_MOST) -> Tally:
    """All plates, counted now."""
    orders = registrations.encoded_orders(work.table)
    return tally(orders, taken_at=work.now, codes_at_most=codes_at_most)


def _latest_days(counts: Mapping[date, int]) -> list[tuple[date, int]]:
    if not counts:
        return []
    last = max(counts)
    first = max(min(counts), last - timedelta(days=DAYS_SHOWN - 1))
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [(day, counts.get(day, 0)) for day in days]
