"""Counts for the desk's overview page: plates, notes, and registrations per local day."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from chalicelib.catering.tally import Tally, tally
from chalicelib.dynamo.attributes import parse_instant
from chalicelib.registration.registration import needs_passing_on

# Instants are grouped by minute: all instants of one minute are on the same local day.
_MINUTE_LENGTH = len("2027-05-20T10:00")


@dataclass(frozen=True)
class Count:
    """A tally of all registrations, how many people registered on each local day, and how many
    notes the kitchen has not been told.
    """

    tally: Tally
    days: Mapping[date, int]
    notes_left: int


def count(arrivals: Iterable[tuple[str, str, str]], zone: ZoneInfo, *, taken_at: datetime) -> Count:
    """Count `arrivals`: encoded orders with their registration instants (UTC) and `passed_on`.

    Days are local days in `zone`. One pass; memory grows with the distinct plates and minutes,
    not with the people.
    """
    minutes: Counter[str] = Counter()
    notes_left = 0

    def orders() -> Iterator[str]:
        nonlocal notes_left
        for order, registered_at, passed_on in arrivals:
            minutes[registered_at[:_MINUTE_LENGTH]] += 1
            notes_left += needs_passing_on(order, passed_on)
            yield order

    counted = tally(orders(), taken_at=taken_at)
    days: Counter[date] = Counter()
    for minute, people in minutes.items():
        days[parse_instant(f"{minute}Z").astimezone(zone).date()] += people
    return Count(counted, days, notes_left)
