"""The agenda: rows, and the days with their rows in the order of the page."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from chalicelib.texts.language import LANGUAGES, Translatable, localized


@dataclass(frozen=True, kw_only=True)
class Hours:
    """When something is, at the event's local time; `ends_at` is None if its end is not known.

    Without `starts_at` it has no time. `starts_about` and `ends_about` are for approximate times.
    """

    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    starts_about: bool = False
    ends_about: bool = False

    @property
    def starts(self) -> dt.time | None:
        """The local time of the start."""
        return self.starts_at.time() if self.starts_at else None

    @property
    def ends(self) -> dt.time | None:
        """The local time of the end."""
        return self.ends_at.time() if self.ends_at else None

    @property
    def lasts_until(self) -> dt.datetime | None:
        """The last instant that is known: the end, or else the start."""
        return self.ends_at or self.starts_at


@dataclass(frozen=True, kw_only=True)
class AgendaRow(Hours):
    """One row of the agenda. A row with a `meal_id` is a meal.

    `date` is the day to which the row belongs, also if it ends after midnight. `when` is a text
    for the time of a row without `starts_at`, such as "under dagen". `place` is empty for a row at
    the event's place. `known_as` is the title under which calendars know the row, if it is another.
    """

    title: Translatable
    date: dt.date
    when: Translatable = ""
    room: Translatable = ""
    place: Translatable = ""
    moderator: Translatable = ""
    chair: Translatable = ""
    description: Translatable = ""
    bullets: tuple[Translatable, ...] = ()
    speakers: tuple[Translatable, ...] = ()
    meal_id: str = ""
    known_as: str = ""


@dataclass(frozen=True)
class Meal:
    """A meal, to whose `id` registrations refer.

    `starts_at` is None for a meal without a time, which has words for it in `when`. `date` is None
    once the meal has left the agenda. Its name says the day if the event has several
    (`names_day`), and the time if another meal of the day has the same title in some language
    (`names_time`).
    """

    id: str
    title: Translatable
    date: dt.date | None = None
    starts_at: dt.datetime | None = None
    starts_about: bool = False
    when: Translatable = ""
    names_day: bool = False
    names_time: bool = False
    room: Translatable = ""
    place: Translatable = ""

    @property
    def starts(self) -> dt.time | None:
        """The local time of the start."""
        return self.starts_at.time() if self.starts_at else None


@dataclass(frozen=True)
class DayLead:
    """Who leads a whole day."""

    date: dt.date
    moderator: Translatable = ""
    chair: Translatable = ""


@dataclass(frozen=True, kw_only=True)
class Day(Hours):
    """One day of the event, with its rows in the order of the page."""

    date: dt.date
    rows: tuple[AgendaRow, ...]
    lead: DayLead

    @property
    def groups(self) -> tuple[tuple[AgendaRow, ...], ...]:
        """The rows; sessions that overlap stand together. A meal always stands by itself."""
        groups: list[list[AgendaRow]] = []
        for row in self.rows:
            if groups and _overlaps(groups[-1], row):
                groups[-1].append(row)
            else:
                groups.append([row])
        return tuple(map(tuple, groups))


def meals_among(rows: Iterable[AgendaRow], *, names_day: bool) -> tuple[Meal, ...]:
    """The meals of the rows, with what must be said of each so that no two have one name."""
    meals = [row for row in rows if row.meal_id]
    titles = Counter(title for row in meals for title in _titles(row))
    return tuple(
        Meal(
            row.meal_id,
            row.title,
            row.date,
            row.starts_at,
            row.starts_about,
            row.when,
            names_day,
            names_time=any(titles[title] > 1 for title in _titles(row)),
            room=row.room,
            place=row.place,
        )
        for row in meals
    )


def _titles(row: AgendaRow) -> set[tuple[dt.date, str, str]]:
    return {
        (row.date, language, localized(row.title, language).casefold()) for language in LANGUAGES
    }


def at(date: dt.date, time: dt.time, zone: ZoneInfo) -> dt.datetime:
    """The instant of a local time; the first one if the clocks go back over it (RFC 5545)."""
    return dt.datetime.combine(date, time, zone)


def end_after(starts_at: dt.datetime, ends: dt.time) -> dt.datetime:
    """The first time that the clock shows `ends` after `starts_at`: perhaps on the next day."""
    ends_at = dt.datetime.combine(starts_at, ends, starts_at.tzinfo)
    return ends_at if ends_at > starts_at else ends_at + dt.timedelta(days=1)


def hours_of(all_hours: Iterable[Hours]) -> Hours:
    """From the first start to the last end; without an end if nothing is known to end last."""
    known = tuple(all_hours)
    starts_at, starts_about = min(
        ((one.starts_at, one.starts_about) for one in known if one.starts_at),
        default=(None, False),
    )
    until, is_open, ends_about = max(
        ((one.lasts_until, not one.ends_at, one.ends_about) for one in known if one.lasts_until),
        default=(None, True, False),
    )
    return Hours(
        starts_at=starts_at,
        ends_at=None if is_open else until,
        starts_about=starts_about,
        ends_about=ends_about and not is_open,
    )


def in_order(rows: Iterable[AgendaRow]) -> tuple[AgendaRow, ...]:
    """Sort the rows of a day by start; a row without a time stays below the row above it."""
    placed, start = [], None
    for row in rows:
        start = row.starts_at or start
        placed.append((start is not None, start, row))
    return tuple(row for *_, row in sorted(placed, key=lambda placed: placed[:2]))


def _overlaps(group: list[AgendaRow], row: AgendaRow) -> bool:
    last = group[-1]
    if last.meal_id or row.meal_id or not last.starts_at or not row.starts_at:
        return False
    until = max(one.lasts_until for one in group if one.lasts_until)
    return row.starts_at < until or row.starts_at == last.starts_at
