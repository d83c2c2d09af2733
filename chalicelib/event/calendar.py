"""The event as iCalendar (RFC 5545)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING

from chalicelib.event.event import AgendaRow, Event
from chalicelib.texts.language import localized

if TYPE_CHECKING:
    import icalendar


def day_calendar(event: Event, language: str, *, stamped_at: dt.datetime) -> bytes:
    """A calendar with one entry for the whole event, in the event's time zone."""
    return _calendar(event, [_day(event, language)], language, stamped_at)


def agenda_calendar(event: Event, language: str, *, stamped_at: dt.datetime) -> bytes:
    """A calendar with an entry for the event and one for each session.

    A session keeps its UID when its times change.
    """
    seen: Counter[str] = Counter()
    entries = [_day(event, language)]
    for session in event.agenda:
        name = session.meal_id or sha256(session.title.encode()).hexdigest()[:12]
        seen[name] += 1
        entries.append(_session(event, session, f"{name}-{seen[name]}", language))
    return _calendar(event, entries, language, stamped_at)


def _day(event: Event, language: str) -> icalendar.Event:
    entry = _entry(event, "", (event.starts_at, event.ends_at), event.title, language)
    entry.add("description", localized(event.welcome, language))
    return entry


def _session(event: Event, session: AgendaRow, name: str, language: str) -> icalendar.Event:
    hours = event.at(session.starts), event.at(session.ends)
    entry = _entry(event, f"-{name}", hours, session.title, language)
    lines = [localized(session.description, language)]
    lines += [f"– {localized(bullet, language)}" for bullet in session.bullets]
    lines += [localized(speaker, language) for speaker in session.speakers]
    if any(lines):
        entry.add("description", "\n".join(filter(None, lines)))
    entry.add("transp", "TRANSPARENT")  # only the entry of the whole day blocks time
    return entry


def _entry(
    event: Event, name: str, hours: tuple[dt.datetime, dt.datetime], title: str, language: str
) -> icalendar.Event:
    import icalendar

    starts, ends = hours
    entry = icalendar.Event()
    entry.add("uid", f"{event.id}{name}@dukat")
    entry.add("dtstart", starts)
    entry.add("dtend", ends)
    entry.add("summary", localized(title, language))
    entry.add("location", localized(event.place, language))
    return entry


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
    calendar.add_missing_timezones(first_date=event.date - year, last_date=event.date + year)
    # The time zone first: some readers need it before the entries that use it.
    calendar.subcomponents.insert(0, calendar.subcomponents.pop())
    return bytes(calendar.to_ical())
