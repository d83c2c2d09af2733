"""Days and times of day as people type them."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chalicelib.texts.dates import MONTHS

_DAY = (
    r"(?P<year>\d{4})-(?P<month>\d\d?)-(?P<day>\d\d?)",  # 2027-05-24, as a browser sends it
    r"(?P<day>\d\d?)[/.](?P<month>\d\d?)(?:[/. -]+(?P<year>\d{4}))?",  # 24/5, 24.5.2027
    r"(?:[^\W\d]+ )?(?P<day>\d\d?)\.? (?P<name>[^\W\d]{3,})(?:,? (?P<year>\d{4}))?",  # mån 24 maj
    r"(?P<name>[^\W\d]{3,}) (?P<day>\d\d?)(?:,? (?P<year>\d{4}))?",  # May 24
)


def parse_typed_day(text: str, by: date) -> date | None:
    """The day in `2027-05-24`, `24/5`, `24 maj` or `24 May 2027`; None if it can't be read.

    Without a year, the last such day up to `by`.
    """
    typed = " ".join(text.casefold().split())
    found = next(filter(None, (re.fullmatch(pattern, typed) for pattern in _DAY)), None)
    if found is None:
        return None
    parts = found.groupdict()
    month = int(parts.get("month") or _month_of(parts.get("name") or ""))
    day = int(parts["day"])
    if parts["year"]:
        return _day(int(parts["year"]), month, day)
    days = [_day(year, month, day) for year in (by.year, by.year - 1)]
    return next((one for one in days if one and one <= by), None)


def parse_typed_time(day: str, at: str, zone: ZoneInfo, by: date = date.max) -> datetime | None:
    """The instant of a local day and time that a person typed, like 2027-05-26 and 12.00.

    None if they can't be parsed; 24.00 is the midnight at the end of the day. `by` is as in
    `parse_typed_day`.
    """
    try:
        local = parse_typed_day(day, by)
        written = at.lower().removeprefix("kl").lstrip(". ").replace(":", ".")
        hour, _, minute = written.partition(".")
        hours, minutes = int(hour), int(minute or 0)
        if local is None:
            return None
        midnight = datetime.combine(local, time.min, zone)
        if (hours, minutes) == (24, 0):
            return midnight + timedelta(days=1)
        return midnight.replace(hour=hours, minute=minutes)
    except (ValueError, OverflowError):
        return None


def _month_of(name: str) -> int:
    """The number of the month whose Swedish or English name begins so, or 0."""
    return next(
        (
            number
            for months in MONTHS.values()
            for number, month in enumerate(months, 1)
            if month.casefold().startswith(name)
        ),
        0,
    )


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
