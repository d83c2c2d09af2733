"""The event as iCalendar (RFC 5545)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from typing import TYPE_CHECKING

from chalicelib.event.agenda import AgendaRow, Day, DayLead, Hours
from chalicelib.event.event import Event
from chalicelib.event.words import hours_in_words
from chalicelib.texts.language import Message, localized, translate

if TYPE_CHECKING:
    import icalendar


def day_calendar(event: Event, language: str, *, stamped_at: dt.datetime) -> bytes:
    """A calendar with an entry for each day of the event, in the event's time zone."""
    return _calendar(event, _days(event, language), language, stamped_at)


def agenda_calendar(event: Event, language: str, *, stamped_at: dt.datetime) -> bytes:
    """A calendar with an entry for each day and one for each row of the agenda that has a time.

    A session keeps its UID when its times or its room change.
    """
    seen: Counter[str] = Counter()
    entries = _days(event, language)
    for session in (row for day in event.programme for row in day.rows if row.starts_at):
        name = session.meal_id or sha256(session.title.encode()).hexdigest()[:12]
        seen[name] += 1
        entries.append(_session(event, session, f"{name}-{seen[name]}", language))
    return _calendar(event, entries, language, stamped_at)


def _days(event: Event, language: str) -> list[icalendar.Event]:
    return [_day(event, day, number, language) for number, day in enumerate(event.programme, 1)]


def _day(event: Event, day: Day, number: int, language: str) -> icalendar.Event:
    """The entry of a day. Rows without a time have none of their own, so its text has them."""
    known = [one.lasts_until for one in (day, *day.rows) if one.lasts_until]
    hours = Hours(starts_at=day.starts_at, ends_at=max(known, default=None))
    name = f"-day-{number}" if number > 1 else ""
    entry = _entry(event, name, hours if day.starts_at else day.date, event.title, language)
    lines = [localized(event.welcome, language), *_leads(day.lead, language)]
    for row in day.rows:
        if not row.starts_at:
            texts = (row.when, row.title, row.room, row.place)
            lines.append(", ".join(localized(text, language) for text in texts if text))
    entry.add("description", "\n".join(lines))
    return entry


def _session(event: Event, session: AgendaRow, name: str, language: str) -> icalendar.Event:
    entry = _entry(event, f"-{name}", session, session.title, language, _where(event, session))
    is_about = session.starts_about or session.ends_about
    lines = [hours_in_words(session, language) if is_about else ""]
    lines += [localized(session.description, language)]
    lines += [f"– {localized(bullet, language)}" for bullet in session.bullets]
    lines += _leads(session, language)
    lines += [localized(speaker, language) for speaker in session.speakers]
    if any(lines):
        entry.add("description", "\n".join(filter(None, lines)))
    entry.add("transp", "TRANSPARENT")  # only the entries of the days block time
    return entry


def _leads(led: DayLead | AgendaRow, language: str) -> list[str]:
    roles = (("Moderator", led.moderator), ("Ordförande", led.chair))
    return [
        f"{translate(Message(role), language)}: {localized(name, language)}"
        for role, name in roles
        if name
    ]


def _entry(
    event: Event,
    name: str,
    when: Hours | dt.date,
    title: str,
    language: str,
    places: Iterable[str] = (),
) -> icalendar.Event:
    """An entry at these hours or on this date; without DTEND if it has no length that is known."""
    import icalendar

    entry = icalendar.Event()
    entry.add("uid", f"{event.id}{name}@dukat")
    if isinstance(when, dt.date):
        entry.add("dtstart", when)
    else:
        entry.add("dtstart", when.starts_at)
        if when.ends_at and when.ends_at != when.starts_at:
            entry.add("dtend", when.ends_at)
    entry.add("summary", localized(title, language))
    where = (localized(place, language) for place in places or (event.room, event.place) if place)
    entry.add("location", ", ".join(where))
    return entry


def _where(event: Event, session: AgendaRow) -> tuple[str, str]:
    """The session's room and place, from the narrower to the wider."""
    if session.place:
        return session.room, session.place
    return session.room or event.room, event.place


def _calendar(
    event: Event, entries: list[icalendar.Event], language: str, stamped_at: dt.datetime
) -> bytes:
    import icalendar

    calendar = icalendar.Calendar()
    calendar.add("prodid", f"-//Dukat//Dukat//{language.upper()}")
    calendar.add("version", "2.0")
    for entry in entries:
        entry.add("dtstamp", stamped_at)
        entry.add("sequence", event.revision)
        calendar.add_component(entry)
    year = dt.timedelta(days=366)
    calendar.add_missing_timezones(first_date=event.date - year, last_date=event.last_date + year)
    # The time zone first: some readers need it before the entries that use it.
    calendar.subcomponents.insert(0, calendar.subcomponents.pop())
    return bytes(calendar.to_ical())
