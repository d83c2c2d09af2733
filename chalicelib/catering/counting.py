"""What the desk tells of all registrations together: the plates, and how many came on which day."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from chalicelib.catering.tally import Tally, tally
from chalicelib.dynamo.attributes import parse_instant

# As long as an instant is told to the minute: people who came in one minute came on one day.
_TO_THE_MINUTE = len("2027-05-20T10:00")


@dataclass(frozen=True)
class Count:
    """A tally of all, and how many of them registered on which local day."""

    tally: Tally
    days: Mapping[date, int]


def count(arrivals: Iterable[tuple[str, str]], zone: ZoneInfo, *, taken_at: datetime) -> Count:
    """Counts encoded orders, each with the instant it came at as the table has it, in one pass.

    Memory grows with the distinct plates and the minutes, not with the people.
    """
    minutes: Counter[str] = Counter()

    def orders() -> Iterator[str]:
        for order, came in arrivals:
            minutes[came[:_TO_THE_MINUTE]] += 1
            yield order

    counted = tally(orders(), taken_at=taken_at)
    days: Counter[date] = Counter()
    for minute, people in minutes.items():
        days[parse_instant(f"{minute}Z").astimezone(zone).date()] += people
    return Count(counted, days)
