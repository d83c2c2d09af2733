"""The event's first day among those that an invitation says, and what is doubtful about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from management.invitation.days import FoundDay

# Days so near are those of one event.
_NEAR = dt.timedelta(days=4)


class FirstDay(NamedTuple):
    """The first day, and what the organiser must check about it, or an empty text."""

    day: dt.date
    todo: str


def first_day_among(
    said: list[FoundDay], mentioned: list[FoundDay], year: tuple[int, bool], *, is_labelled: bool
) -> FirstDay | None:
    """The first day, as `chosen`, of those said, with what `mentioned` ones make doubtful.

    `year` is that of `year_of`.
    """
    first = chosen(said, is_labelled=is_labelled)
    date = _date(first, year[0])
    if not date:
        return None
    doubt = weekday_doubt([first, *said], year[0])
    as_full = [] if is_labelled else [one for one in said if bool(one.year) == bool(first.year)]
    fuller = [] if first.year else [one for one in [*said, *mentioned] if one.year]
    doubt = doubt or _another(date, [*as_full, *fuller])
    return FirstDay(date, doubt or ("" if year[1] else "the text does not say the year."))


def chosen(said: list[FoundDay], *, is_labelled: bool) -> FoundDay:
    """The day of a label, else one with a year, else the first that is said."""
    return said[0] if is_labelled else max(said, key=lambda one: one.year is not None)


def weekday_doubt(days: Iterable[FoundDay], year: int) -> str:
    """What to check if the weekday of one of some days is another in the year."""
    for day in days:
        date = _date(day, day.year or year)
        if date and not day.in_year(date.year):
            return f"{date} is a {date:%A}, but the text says another weekday."
    return ""


def _date(day: FoundDay, year: int) -> dt.date | None:
    return day._replace(weekday=None).in_year(day.year or year)


def _another(date: dt.date, days: list[FoundDay]) -> str:
    """What to check if one of some days is not about that of the event."""
    for day in days:
        other = _date(day, date.year)
        if other and not dt.timedelta() <= other - date <= _NEAR:
            return f"is this the day of the event? The text also says {other}."
    return ""
