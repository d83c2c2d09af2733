"""Hours and meals of the event in words: no two meals of an event have one name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from functools import partial
from typing import TYPE_CHECKING

from chalicelib.event.agenda import Hours, Meal
from chalicelib.texts.dates import format_day, format_days, format_time
from chalicelib.texts.language import N_, SWEDISH, localized, translated

if TYPE_CHECKING:
    from chalicelib.event.event import Event


def hours_in_words(
    hours: Hours, language: str, show: Callable[[datetime, str], str] = lambda _, words: words
) -> str:
    """`8.30–9.00`, `från 16.30`, `cirka 21.30`, `22.00–1.00 nästa dag`; empty without a time.

    `show` makes the text of an instant from what a clock shows.
    """
    say = partial(translated, language=language)
    midnight = "24.00" if language == SWEDISH else "midnight"

    def clock(at: datetime, *, is_about: bool, is_end: bool) -> str:
        is_midnight = is_end and at.time() == time.min
        text = show(at, midnight if is_midnight else format_time(at.time(), language))
        return say(N_("cirka %(time)s"), time=text) if is_about else text

    starts_at, ends_at = hours.starts_at, hours.ends_at
    start = starts_at and clock(starts_at, is_about=hours.starts_about, is_end=False)
    end = ends_at and clock(ends_at, is_about=hours.ends_about, is_end=True)
    if starts_at and ends_at:
        is_later = ends_at.date() > starts_at.date() and ends_at.time() != time.min
        both = f"{start}–{end}"
        return say(N_("%(hours)s nästa dag"), hours=both) if is_later else both
    if start:
        return start if hours.starts_about else say(N_("från %(time)s"), time=start)
    return say(N_("till %(time)s"), time=end) if end else ""


def event_when(event: Event, language: str) -> str:
    """`måndag 31 maj 2027, 8.30–16.00`; of several days the start: `7–8 maj 2027, från 8.30`."""
    first = event.programme[0]
    start = Hours(starts_at=first.starts_at, starts_about=first.starts_about)
    hours = hours_in_words(first if len(event.days) == 1 else start, language)
    return ", ".join(filter(None, (format_days(event.days, language), hours)))


def meal_name(meal: Meal, language: str) -> str:
    """The fewest words that tell the meal from the others: `Lunch`, `Fika kl. 10.15`."""
    return _joined(localized(meal.title, language), meal_distinction(meal, language))


def meal_distinction(meal: Meal, language: str) -> str:
    """What the meal's name says besides its title; empty if the title is enough."""
    return _joined(_day(meal, language), meal_time(meal, language) if meal.names_time else "")


def meal_with_time(meal: Meal, language: str) -> str:
    """The name and the time, even if the name can do without: `Lunch kl. 11.45`."""
    return _joined(localized(meal.title, language), meal_when(meal, language))


def meal_when(meal: Meal, language: str) -> str:
    """The day, if the event has several, and the time."""
    return _joined(_day(meal, language), meal_time(meal, language))


def meal_time(meal: Meal, language: str) -> str:
    """`kl. 11.45`, `at 11:45`, or the words of a meal without a time."""
    if not meal.starts:
        return localized(meal.when, language)
    words = N_("cirka kl. %(time)s") if meal.starts_about else N_("kl. %(time)s")
    return translated(words, language, time=format_time(meal.starts, language))


def meal_where(meal: Meal, language: str) -> str:
    """The room and the place of a meal that is not at the event's place."""
    return ", ".join(localized(text, language) for text in (meal.room, meal.place) if text)


def _day(meal: Meal, language: str) -> str:
    if not meal.date:
        return translated(N_("(finns inte längre i programmet)"), language)
    if not meal.names_day:
        return ""
    day = format_day(meal.date, language)
    return day if language == SWEDISH else f"on {day}"


def _joined(*texts: str) -> str:
    return " ".join(filter(None, texts))
