"""The event's meals, and what must be said of each so that no two are called the same."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chalicelib.texts.language import LANGUAGES, Translatable, localized


@dataclass(frozen=True)
class Meal:
    """A meal, to whose `id` registrations refer; `date` is None once it has left the agenda.

    Its name says the day if the event has several (`names_day`), and the time if another meal of
    the day has the same title in some language (`names_time`).
    """

    id: str
    title: Translatable
    date: dt.date | None = None
    starts: dt.time | None = None
    when: Translatable = ""
    names_day: bool = False
    names_time: bool = False


def told_apart(meals: Sequence[Meal]) -> tuple[Meal, ...]:
    """The meals with `names_time` where it is needed."""
    titles = Counter(title for meal in meals for title in set(_titles(meal)))
    return tuple(
        replace(meal, names_time=any(titles[title] > 1 for title in _titles(meal)))
        for meal in meals
    )


def _titles(meal: Meal) -> Iterator[tuple[object, ...]]:
    for language in LANGUAGES:
        yield meal.date, language, localized(meal.title, language).casefold()
