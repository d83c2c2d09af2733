"""Days in Swedish and English: "måndag 31 maj", "24/5", "28–29 November 2028"; and their years."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from management.invitation.times import end_of_hours, without_hours

_MONTHS = "jan feb mar apr maj jun jul aug sep okt nov dec".split()
_NUMBERS = {name: number for number, name in enumerate(_MONTHS, 1)} | {"may": 5, "oct": 10}
_WEEKDAYS = "mån|mon tis|tue ons|wed tor|thu fre|fri lör|sat sön|sun".split()
_MONTH = (
    r"(?P<month>jan(?:uari|uary)?|feb(?:ruari|ruary)?|mar(?:s|ch)?|apr(?:il)?|maj|may|jun[ie]?"
    r"|jul[iy]?|aug(?:usti|ust)?|sept?(?:ember)?|o[kc]t(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_WEEKDAY = (
    r"(?:(?P<weekday>mån|tis|ons|tors?|fre|lör|sön|mon|tues?|wed(?:nes)?|thurs?|fri|sat(?:ur)?|sun)"
    r"(?:da[gy])?(?:en)?\.?,?\s+)?(?:(?:den|the)\s+)?"
)
_NUMBER = r"(?P<day>\d{1,2})(?:\s?(?::?[ea]\b|st\b|nd\b|rd\b|th\b|\.))?"
_LAST = (
    r"(?:(?:,\s?\d{1,2}){0,5}\s?(?:[-–—&]|och|and|to|till)\s?"
    r"(?P<last>\d{1,2})(?:st\b|nd\b|rd\b|th\b|\.)?)?"
)
_YEAR = r"(?:,?\s+(?P<year>20\d\d)\b)?"
_SLASH = r"(?P<day>\d{1,2})/(?P<month>\d{1,2})"
_PATTERNS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<![\d-])(?P<year>20\d\d)-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?!\d|-\d)",
        rf"(?<![\w.:]){_WEEKDAY}{_NUMBER}{_LAST}\s+(?:of\s+)?{_MONTH}{_YEAR}",
        rf"(?<!\w){_WEEKDAY}{_MONTH}\s+{_NUMBER}{_LAST}(?![\d.:]){_YEAR}",
        rf"(?<![\w/.-]){_WEEKDAY}{_SLASH}(?:[-\s/]+(?P<year>20\d\d)\b)?(?![\d/])",
        rf"(?<![\w.]){_WEEKDAY}(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?P<year>20\d\d)\b",
    )
]
_ZONE = re.compile(r"\b(?:CES?T|EES?T|WES?T|UTC|GMT|BST)\b(?: \([^()]*\))?")
_YEARS_AHEAD = 8
_DAYS = ("dag", "day")
_RANGE = ("-", "–", "—", "till", "to", "och", "and")


class FoundDay(NamedTuple):
    """A day in a text, from `start` to `end` of it; None or empty for what it does not say."""

    day: int
    month: int
    year: int | None
    weekday: int | None
    last: int | None
    start: int
    end: int

    def in_year(self, year: int) -> dt.date | None:
        """The day in a year; None if it is none, or has another weekday."""
        try:
            date = dt.date(year, self.month, self.day)
        except ValueError:
            return None
        return date if self.weekday in (None, date.weekday()) else None


def days_in(text: str) -> list[FoundDay]:
    """The days in a text, in order."""
    found: list[FoundDay] = []
    for match in (one for pattern in _PATTERNS for one in pattern.finditer(text)):
        day = _day(match)
        if day and not any(day.start < one.end and one.start < day.end for one in found):
            found.append(day)
    return _with_years_of_ranges(sorted(found, key=lambda one: one.start), text)


def _with_years_of_ranges(days: list[FoundDay], text: str) -> list[FoundDay]:
    """The days; the first of "30 augusti–1 september 2027" is in the year of the last."""
    known = list(days)
    for place, (first, last) in enumerate(pairwise(days)):
        between = text[first.end : last.start].strip().casefold()
        if first.year is None and last.year and between in _RANGE:
            known[place] = first._replace(year=last.year - (first.month > last.month))
    return known


def without_days(text: str) -> str:
    """The text without its days."""
    for day in reversed(days_in(text)):
        text = f"{text[: day.start]} {text[day.end :]}"
    return " ".join(text.split())


def after_time(text: str) -> str:
    """What a line says after its last day and hours."""
    ends = (day.end for day in days_in(text))
    return text[max(end_of_hours(text), *ends, 0) :] if days_in(text) else ""


def beside_time(text: str) -> str:
    """What a line says beside days and hours."""
    rest = re.sub(r"\bkl(?:ockan)?\b\.?", "", without_hours(without_days(_ZONE.sub("", text))))
    rest = re.sub(r"–\s+–", "–", " ".join(rest.split()))
    rest = re.sub(r"(?:\s*,)+", ",", rest)
    return rest.strip(" ,.:–-")


def _day(match: re.Match[str]) -> FoundDay | None:
    said = match.groupdict()
    month = said["month"].casefold()
    number = int(month) if month.isdecimal() else _NUMBERS[month[:3]]
    found = FoundDay(
        int(said["day"]),
        number,
        int(said["year"]) if said.get("year") else None,
        weekday_of(said.get("weekday") or ""),
        int(said["last"]) if said.get("last") else None,
        *match.span(),
    )
    leap_year = 2028
    return found if found._replace(weekday=None).in_year(leap_year) else None


def weekday_of(name: str) -> int | None:
    """The weekday of a name or its first letters, 0 being Monday; None of an empty one."""
    start = name.casefold()[:3]
    places = (place for place, one in enumerate(_WEEKDAYS) if start and start in one.split("|"))
    return next(places, None)


def names_day(word: str, days: Iterable[dt.date]) -> bool:
    """Whether a word is the month or the weekday of one of some days."""
    is_month, is_weekday = re.fullmatch(_MONTH, word), word.removesuffix("en")[-3:] in _DAYS
    names = {_MONTHS[day.month - 1] for day in days} | {
        name for day in days for name in _WEEKDAYS[day.weekday()].split("|")
    }
    english = {"may": "maj", "oct": "okt"}
    start = english.get(word[:3], word[:3])
    return bool(is_month or is_weekday) and start in names


def year_of(days: Iterable[FoundDay], today: dt.date, title: str = "") -> tuple[int, bool]:
    """The year of the first of some days, and whether the text says it, perhaps by a weekday.

    Without one it is the only year in the event's `title`, or the next in which all the days fall
    on their weekdays; if that is not the very next, the text may be an old one.
    """
    known = list(days)
    said = [day.year for day in known if day.year]
    if said:
        return said[0], True
    of_title = set(re.findall(r"\b20\d\d\b", title))
    if len(of_title) == 1 and all(day.in_year(int(*of_title)) for day in known):
        return int(*of_title), any(day.weekday is not None for day in known)
    for year in _years(known, today):
        if all(day.in_year(year) for day in known):
            is_next = year == next(_years(known, today))
            return year, is_next and any(day.weekday is not None for day in known)
    return next(_years(known, today)), False


def _years(days: list[FoundDay], today: dt.date) -> Iterator[int]:
    """The years from the next one in which the first day is yet to come."""
    first = days[0]
    is_past = (first.month, first.day) < (today.month, today.day)
    return iter(range(today.year + is_past, today.year + is_past + _YEARS_AHEAD))
