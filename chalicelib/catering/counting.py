"""Counts for the desk's overview page: plates, notes, and registrations per local day."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from chalicelib.catering.tally import Tally, tally
from chalicelib.registration.registration import ListEntry


@dataclass(frozen=True)
class Count:
    """A tally of all registrations, how many people registered on each local day, and how many
    notes the kitchen has not been told.
    """

    tally: Tally
    days: Mapping[date, int]
    notes_left: int


def count(entries: Iterable[ListEntry], zone: ZoneInfo, *, taken_at: datetime) -> Count:
    """Count registrations; days are local days in `zone`.

    One pass; memory grows with the distinct plates and minutes, not with the people.
    """
    minutes: Counter[datetime] = Counter()
    notes_left = 0

    def orders() -> Iterator[str]:
        nonlocal notes_left
        for entry in entries:
            minutes[entry.registered_at.replace(second=0, microsecond=0)] += 1
            notes_left += entry.needs_passing_on
            yield entry.encoded_order

    counted = tally(orders(), taken_at=taken_at)
    days: Counter[date] = Counter()
    for minute, people in minutes.items():  # all instants of one minute are on the same local day
        days[minute.astimezone(zone).date()] += people
    return Count(counted, days, notes_left)
