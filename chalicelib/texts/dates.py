"""Days and times in Swedish and English words."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chalicelib.texts.language import SWEDISH

_WEEKDAYS = {
    "sv": "måndag tisdag onsdag torsdag fredag lördag söndag".split(),
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
}
MONTHS = {
    "sv": (
        "januari februari mars april maj juni juli augusti september oktober november december"
    ).split(),
    "en": (
        "January February March April May June July August September October November December"
    ).split(),
}


def format_short_day(day: date, language: str) -> str:
    """`31 maj`, `31 May`."""
    return f"{day.day} {MONTHS[language][day.month - 1]}"


def format_full_date(day: date, language: str) -> str:
    """`22 november 2026`, `22 November 2026`."""
    return f"{format_short_day(day, language)} {day.year}"


def format_day(day: date, language: str) -> str:
    """`måndag 31 maj`, `Monday 31 May`."""
    return f"{_WEEKDAYS[language][day.weekday()]} {format_short_day(day, language)}"


def format_short_days(days: Sequence[date], language: str) -> str:
    """From the first to the last day: `31 maj`, `7–8 september`, `30 september–1 oktober`."""
    first, last = days[0], days[-1]
    if first == last:
        return format_short_day(last, language)
    is_one_month = (first.year, first.month) == (last.year, last.month)
    start = str(first.day) if is_one_month else format_short_day(first, language)
    return f"{start}–{format_short_day(last, language)}"


def format_full_days(days: Sequence[date], language: str) -> str:
    """With the year: `31 maj 2027`, `7–8 september 2027`, `31 december 2027–1 januari 2028`."""
    first, last = days[0], days[-1]
    if first.year != last.year:
        return f"{format_full_date(first, language)}–{format_full_date(last, language)}"
    return f"{format_short_days(days, language)} {last.year}"


def format_days(days: Sequence[date], language: str) -> str:
    """As `format_full_days`, but with the weekday of a single day: `måndag 31 maj 2027`."""
    if len(days) > 1:
        return format_full_days(days, language)
    return f"{format_day(days[0], language)} {days[0].year}"


def format_iso_days(days: Sequence[date]) -> str:
    """`2027-05-31`, `2027-09-07–2027-09-08`."""
    return "–".join(map(str, dict.fromkeys((days[0], days[-1]))))


def format_time(at: time, language: str) -> str:
    """`8.30` in Swedish, `8:30` in English, both on the 24-hour clock."""
    mark = "." if language == SWEDISH else ":"
    return f"{at.hour}{mark}{at.minute:02}"


def format_day_and_time(at: datetime, zone: ZoneInfo, language: str) -> str:
    """An instant in the event's zone: `måndag 24 maj kl. 15.00`, `Monday 24 May at 15:00`."""
    local = at.astimezone(zone)
    return _day_and_clock(local, format_time(local.time(), language), language)


def format_moment(at: datetime, zone: ZoneInfo, language: str) -> str:
    """The same without the weekday, for tables: `24 maj kl. 15.00`, `24 May at 15:00`."""
    return format_day_and_time(at, zone, language).partition(" ")[2]


def format_deadline(at: datetime, zone: ZoneInfo, language: str) -> str:
    """A deadline in words; midnight belongs to the day before.

    `måndag 24 maj kl. 24.00`, `the end of Monday 24 May (23:59)`, which in English is not "on" a
    day: people read "Monday at midnight" as the night before.
    """
    local = at.astimezone(zone)
    if local.time() != time.min:
        return format_day_and_time(at, zone, language)
    day = local - timedelta(days=1)
    if language == SWEDISH:
        return _day_and_clock(day, "24.00", language)
    return f"the end of {format_day(day, language)} (23:59)"


def format_short_deadline(at: datetime, zone: ZoneInfo, language: str) -> str:
    """Without the weekday, and without the hour if it is midnight: `24 maj`, `24 maj kl. 15.00`."""
    local = at.astimezone(zone)
    if local.time() == time.min:
        return format_short_day(local - timedelta(days=1), language)
    return _at_clock(
        format_short_day(local, language), format_time(local.time(), language), language
    )


def _day_and_clock(day: date, written: str, language: str) -> str:
    return _at_clock(format_day(day, language), written, language)


def _at_clock(day: str, written: str, language: str) -> str:
    return f"{day} {'kl.' if language == SWEDISH else 'at'} {written}"
