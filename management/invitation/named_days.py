"""Days without a month, as headings of a programme: "Thursday, 31st", "Tisdag", "Dag 2"."""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

from management.invitation.days import FoundDay, weekday_of, without_days

_NAMED = re.compile(
    r"(?:(?:program(?:me)?|agenda|tider),?\s)?"
    r"(?:(?:day|dag)\s(?P<number>[1-7]|one|two|three|four|five|ett|två|tre|fyra|fem)\b[\s,:(–-]*)?"
    r"(?P<weekday>(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mån|tis|ons|tors|fre|lör|sön)dag)?"
    r"(?:en)?\b[\s,:–-]*(?:the |den )?(?:(?P<day>\d{1,2})(?:st|nd|rd|th|[:.]?[ea])?\b)?[)\s,:.–-]*"
    r"(?P<rest>[^\d.:!?]*)",
    re.IGNORECASE,
)
_CHAIR = re.compile(r"\s*\((?:chair|ordförande|moderator)[^()]*\)", re.IGNORECASE)
_PART = re.compile(r"morning|afternoon|evening|förmiddag|eftermiddag|kväll", re.IGNORECASE)
_NUMBERS = {
    word: place
    for words in ("one two three four five", "ett två tre fyra fem")
    for place, word in enumerate(words.split(), 1)
}
_REST_AT_MOST = 6
_WEEK = 7


class NamedDay(NamedTuple):
    """A day of an event by its number, its weekday (0 is Monday), or its day of the month."""

    number: int | None
    weekday: int | None
    day: int | None

    def after(self, first: dt.date, above: dt.date) -> dt.date:
        """The day, of an event that begins on `first`; from `above` on, if a number is not said."""
        if self.number:
            return first + dt.timedelta(days=self.number - 1)
        week = (above + dt.timedelta(days=days) for days in range(_WEEK))
        return next((day for day in week if self._is(day)), above)

    def _is(self, date: dt.date) -> bool:
        return self.weekday in (None, date.weekday()) and self.day in (None, date.day)


HeadingDay = FoundDay | NamedDay


def says_only_day(text: str) -> bool:
    """Whether a day's heading says nothing but weekday and date."""
    rest = without_days(text).strip(" ,.:()–-")
    return not rest or (named_day(rest) is not None and len(rest.split()) == 1)


def named_day(text: str) -> NamedDay | None:
    """The day whose heading a text is, if it says no month."""
    found = _NAMED.fullmatch(_CHAIR.sub("", text.strip()))
    if not found or not (found["number"] or found["weekday"]):
        return None
    is_only_weekday = not (found["number"] or found["day"])
    rest = found["rest"].strip()
    if len(rest.split()) > _REST_AT_MOST or (is_only_weekday and rest and not _PART.match(rest)):
        return None
    number = (found["number"] or "").casefold()
    return NamedDay(
        int(number) if number.isdecimal() else _NUMBERS.get(number),
        weekday_of(found["weekday"] or ""),
        int(found["day"]) if found["day"] else None,
    )
