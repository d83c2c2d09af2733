"""Counts for the desk's overview page: plates, and registrations per local day."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from chalicelib.catering.tally import Tally, tally
from chalicelib.dynamo.attributes import parse_instant

# Instants are grouped by minute: all instants of one minute are on the same local day.
_MINUTE_LENGTH = len("2027-05-20T10:00")


@dataclass(frozen=True)
class Count:
    """A tally of all registrations, and how many people registered on each local day."""

    tally: Tally
    days: Mapping[date, int]


def count(arrivals: Iterable[tuple[str, str]], zone: ZoneInfo, *, taken_at: datetime) -> Count:
    """Count `arrivals`: encoded orders with their registration instants, as stored (UTC).

    Days are local days in `zone`. One pass; memory grows with the distinct plates and minutes,
    not with the people.
    """
    minutes: Counter[str] = Counter()

    def orders() -> Iterator[str]:
        for order, registered_at in arrivals:
            minutes[registered_at[:_MINUTE_LENGTH]] += 1
            yield order

    counted = tally(orders(), taken_at=taken_at)
    days: Counter[date] = Counter()
    for minute, people in minutes.items():
        days[parse_instant(f"{minute}Z").astimezone(zone).date()] += people
    return Count(counted, days)
