"""The rules that a valid event's days, rows and meals meet."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, time, timedelta
from itertools import permutations, starmap
from typing import TYPE_CHECKING

from chalicelib.event.problems import Problem, Problems
from chalicelib.texts.language import LANGUAGES, localized

if TYPE_CHECKING:
    from chalicelib.event.agenda import AgendaRow, Hours
    from chalicelib.event.event import Event

# An end before its start is the next day; but swapped and mistyped times last longer than this.
_LASTS_AT_MOST = timedelta(hours=20)
# A row later than this is a mistyped month or year.
_DAYS_AT_MOST = 31


def check_schedule(found: Problems, event: Event) -> None:
    """Check days and rows; if they are right, the whole that they make."""
    if event.last_day:
        problem = f"{event.last_day} is not before the event on {event.date}"
        latest = event.date - timedelta(days=event.last_time == time.min)
        found.require(event.last_day <= latest, "registration.last_day", problem)
        _check_last_time(found, event)
    others = len(found)
    for number, row in enumerate(event.agenda, 1):
        if row:
            _check_row(found, event, f"agenda[{number}]", row)
    _check_meal_ids(found, event.agenda)
    if len(found) > others or event.leads is None or None in (*event.agenda, *event.leads):
        return
    _check_agenda(found, event)
    if len(found) == others:
        _check_meals(found, event)
        if event.last_day == event.date:
            problem = f"{event.last_time:%H.%M} is not before the event's start"
            is_before = event.closes_at <= event.starts_at
            found.require(is_before, "registration.last_time", problem)


def _check_last_time(found: Problems, event: Event) -> None:
    local, wanted = event.closes_at.astimezone(event.timezone), event.last_time
    problem = f"the clocks go forward over {wanted:%H.%M} on {local:%Y-%m-%d}; write another time"
    is_shown = local.time() == wanted or wanted == time.min
    found.require(is_shown, "registration.last_time", problem)


def _check_agenda(found: Problems, event: Event) -> None:
    others = len(found)
    found.require(event.agenda, "agenda", "the agenda has no rows")
    first, last = event.programme[0], event.programme[-1]
    problem = f"say when the event starts, or give a row of its first day, {event.date}, a time"
    found.require(first.starts_at, "event.starts", problem)
    _check_hours(found, "event", replace(first, ends_at=None), "the event")
    _check_hours(found, "event", last if event.ends else replace(last, ends_at=None), "the event")
    rows = enumerate(event.agenda if len(found) == others else (), 1)
    for number, row in rows:
        outside = f'"{row.title}" is outside the event\'s hours'
        if row.starts_at and row.lasts_until:
            is_inside = event.starts_at <= row.starts_at and row.lasts_until <= event.ends_at
            found.require(is_inside, f"agenda[{number}].starts", outside)
    for number, lead in enumerate(event.leads, 1):
        problem = f"no row of the agenda is on {lead.date}"
        found.require(lead.date in event.days, f"days[{number}].date", problem)


def _check_row(found: Problems, event: Event, key: str, row: AgendaRow) -> None:
    days = (row.date - event.date).days
    found.require(days >= 0, f"{key}.date", f"{row.date} is before the first day, {event.date}")
    problem = f"{row.date} is {days} days after the first day, {event.date}"
    found.require(days <= _DAYS_AT_MOST, f"{key}.date", problem)
    has_start = row.starts_at or not row.ends_at
    found.require(has_start, f"{key}.starts", f'"{row.title}" has an end, but no start')
    is_said_once = not (row.starts_at and row.when)
    found.require(is_said_once, f"{key}.when", f'leave this out: "{row.title}" has a start')
    has_time = row.starts_at or row.when or not row.meal_id
    problem = f'the meal "{row.title}" needs a time, or when = "under dagen" in its place'
    found.require(has_time, f"{key}.starts", problem)
    _check_hours(found, key, row, f'"{row.title}"')


def _check_hours(found: Problems, key: str, hours: Hours, what: str) -> None:
    """Require hours that the clock shows, and an end that no mistake has put on the next day."""
    for name, at in (("starts", hours.starts_at), ("ends", hours.ends_at)):
        if at and at.astimezone(UTC).astimezone(at.tzinfo).replace(tzinfo=None) != at.replace(
            tzinfo=None
        ):
            problem = f"the clocks go forward over {at:%H.%M} on {at:%Y-%m-%d}; write another time"
            found.append(Problem(f"{key}.{name}", problem))
    if hours.starts_at and hours.ends_at:
        is_short = hours.ends_at - hours.starts_at <= _LASTS_AT_MOST
        problem = f"{what} must end after it starts, at most 20 hours later"
        found.require(is_short, f"{key}.ends", problem)


def _check_meal_ids(found: Problems, rows: Iterable[AgendaRow | None]) -> None:
    seen: set[str] = set()
    for number, row in enumerate(rows, 1):
        meal = row.meal_id if row else ""
        key = f"agenda[{number}].id"
        is_id = re.fullmatch(r"[a-z0-9_]*", meal)
        found.require(is_id, key, f'"{meal}" is not allowed; use only a-z, 0-9 and _')
        found.require(not meal or meal not in seen, key, f'two meals have the id "{meal}"')
        seen.add(meal)


def _check_meals(found: Problems, event: Event) -> None:
    found.require(event.meals, "agenda", 'no row is a meal; add kind = "meal" and an id to a row')
    _check_meal_names(found, event)


def _check_meal_names(found: Problems, event: Event) -> None:
    """Require that the names of two meals differ, in each language."""
    for language in LANGUAGES:
        titles = [localized(meal.title, language).casefold() for meal in event.meals]
        # Only then can two names be the same: most cold starts don't import the words.
        if any(starmap(str.startswith, permutations(titles, 2))):
            _check_different_names(found, event, language)


def _check_different_names(found: Problems, event: Event, language: str) -> None:
    from chalicelib.event.words import meal_name

    numbers = {row.meal_id: number for number, row in enumerate(event.agenda, 1)}
    seen: set[str] = set()
    for meal in event.meals:
        name = meal_name(meal, language)
        key, problem = f"agenda[{numbers[meal.id]}].title", f'two meals are called "{name}"'
        found.require(name.casefold() not in seen, key, f"{problem}; change the title of one")
        seen.add(name.casefold())
