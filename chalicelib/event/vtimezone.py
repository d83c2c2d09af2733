"""A time zone as a component of iCalendar (RFC 5545, 3.6.5)."""

from __future__ import annotations

import calendar
import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    import icalendar

# Over these years, the last Sunday of a month is not also always its fourth or its fifth.
_YEARS = 12
_WEEK, _SECOND = dt.timedelta(weeks=1), dt.timedelta(seconds=1)
_WEEKDAYS = "MO TU WE TH FR SA SU".split()


class _Change(NamedTuple):
    """A change of the clock: the offsets before and after it, and the new time's name."""

    before: dt.timedelta
    after: dt.timedelta
    name: str


def vtimezone(zone: ZoneInfo, first_day: dt.date) -> icalendar.Timezone:
    """The zone for entries from `first_day` on: a yearly rule for each change of the clock.

    A change without such a rule has its dates, of `_YEARS` years.
    """
    import icalendar

    component = icalendar.Timezone()
    component.add("tzid", zone.key)
    start = dt.datetime(first_day.year - 1, 1, 1, tzinfo=dt.UTC)
    onsets = defaultdict(list)
    for at in _changes(zone, start):
        old, new = (at - _SECOND).astimezone(zone), at.astimezone(zone)
        change = _Change(_offset(old), _offset(new), str(new.tzname()))
        onsets[change].append((at + change.before).replace(tzinfo=None))
    if not onsets or min(map(min, onsets.values())).date() > first_day:
        local = start.astimezone(zone)
        unchanged = _Change(_offset(local), _offset(local), str(local.tzname()))
        onsets[unchanged].append(start.replace(tzinfo=None))
    for change, times in onsets.items():
        component.add_component(_observance(change, times))
    return component


def _changes(zone: ZoneInfo, start: dt.datetime) -> Iterator[dt.datetime]:
    """The instants from `start` on at which the clock is changed."""
    for week in range(_YEARS * 366 // 7):
        early, late = start + week * _WEEK, start + (week + 1) * _WEEK
        if _offset(early.astimezone(zone)) == _offset(late.astimezone(zone)):
            continue
        while late - early > _SECOND:
            middle = early + (late - early) // 2
            if _offset(middle.astimezone(zone)) == _offset(early.astimezone(zone)):
                early = middle
            else:
                late = middle
        yield late.replace(microsecond=0)


def _offset(local: dt.datetime) -> dt.timedelta:
    return local.utcoffset() or dt.timedelta(0)


def _observance(change: _Change, onsets: Sequence[dt.datetime]) -> icalendar.Component:
    import icalendar

    is_forward = change.after > change.before
    found = icalendar.TimezoneDaylight() if is_forward else icalendar.TimezoneStandard()
    found.add("dtstart", onsets[0])
    found.add("tzoffsetfrom", change.before)
    found.add("tzoffsetto", change.after)
    found.add("tzname", change.name)
    if day := _yearly_day(onsets):
        found.add("rrule", {"freq": "yearly", "bymonth": onsets[0].month, "byday": day})
    elif onsets[1:]:
        # ical.js reads the first date of a line only, and no DTSTART beside dates.
        for onset in onsets:
            found.add("rdate", [onset])
    return found


def _yearly_day(onsets: Sequence[dt.datetime]) -> str:
    """The day of the month on which the change is every year, such as `-1SU`, or empty."""
    alike = {(one.month, one.weekday(), one.time()) for one in onsets}
    if len(alike) != 1 or len({one.year for one in onsets}) < _YEARS:
        return ""
    places = set.intersection(*map(_places, onsets))
    return f"{places.pop()}{_WEEKDAYS[onsets[0].weekday()]}" if places else ""


def _places(day: dt.date) -> set[int]:
    """Which of the month's weekdays like this it is, from its start and from its end: `{4, -1}`."""
    left = calendar.monthrange(day.year, day.month)[1] - day.day
    return {(day.day - 1) // 7 + 1, -(left // 7) - 1}
