"""Counting everybody for the desk: at once, or in a run of the schedule if they are many."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from chalicelib.control import Control
from chalicelib.count import Count, count
from chalicelib.event import Event
from chalicelib.roll import LOOKED_THROUGH, READ_AT_MOST
from chalicelib.services.steps import Outcome, Step
from chalicelib.store import Store
from chalicelib.summary import CODES_AT_MOST

_FRESH = timedelta(minutes=1)


def count_for_desk(
    control: Control,
    *,
    now: datetime,
    event: Event,
    store: Store,
    codes_at_most: int = CODES_AT_MOST,
) -> Count | None:
    """All registrations, counted now, or lately if they are more than a page looks through.

    None if they are more and have not been counted since the control last told of a change. Then,
    or if that was more than a minute ago, the next run of the schedule counts them.
    """
    some = list(store.arrivals(READ_AT_MOST))
    if len(some) <= LOOKED_THROUGH:
        return count(some, event.timezone, taken_at=now, codes_at_most=codes_at_most)
    kept = store.kept_count()
    if kept and kept.tally.taken_at < control.comparable_from:
        kept = None
    if kept is None or kept.tally.taken_at < now - _FRESH:
        store.want_count(now)
    return kept


def counting_steps(now: datetime, *, is_wanted: bool, event: Event, store: Store) -> Iterator[Step]:
    """Counts all registrations, if the desk has asked for it since it was done last."""
    if is_wanted and not event.is_forgotten(now):
        counted = count(store.arrivals(), event.timezone, taken_at=now)
        store.keep_count(counted)
        yield Step(Outcome.COUNTED, registrations=counted.tally.registrations)
