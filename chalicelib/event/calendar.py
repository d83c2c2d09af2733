"""The event as iCalendar (RFC 5545)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

from chalicelib.event.agenda import AgendaRow, Day, DayLead, Hours
from chalicelib.event.event import Contact, Event
from chalicelib.event.vtimezone import vtimezone
from chalicelib.event.words import hours_in_words
from chalicelib.texts.language import N_, Message, localized, translate, translated

if TYPE_CHECKING:
    import icalendar


def day_calendar(event: Event, language: str, *, page: str, stamped_at: dt.datetime) -> bytes:
    """A calendar with an entry for each day of the event, which has the day's programme.

    `page` is the address of the agenda page.
    """
    entries = [
        _day(event, day, number, language, page) for number, day in enumerate(event.programme, 1)
    ]
    return _calendar(event, entries, language, page, stamped_at)


def session_calendar(event: Event, language: str, *, page: str, stamped_at: dt.datetime) -> bytes:
    """A calendar with an entry for each row of the agenda that has a time.

    A session keeps its UID when its times or its room change.
    """
    seen: Counter[str] = Counter()
    entries = []
    for session in (row for day in event.programme for row in day.rows if row.starts_at):
        name = (
            session.meal_id or sha256((session.known_as or session.title).encode()).hexdigest()[:12]
        )
        seen[name] += 1
        entries.append(_session(event, session, f"{name}-{seen[name]}", language))
    return _calendar(event, entries, language, page, stamped_at)


def _day(event: Event, day: Day, number: int, language: str, page: str) -> icalendar.Event:
    known = [one.lasts_until for one in (day, *day.rows) if one.lasts_until]
    hours = Hours(starts_at=day.starts_at, ends_at=max(known, default=None))
    name = f"-day-{number}" if number > 1 else ""
    entry = _entry(event, name, hours if day.starts_at else day.date, event.title, language)
    contacts = [_contact(one, language) for one in event.contacts]
    for contact in contacts:
        entry.add("contact", contact)
    # Many calendar programs show the description only.
    paragraphs = (
        [localized(event.welcome, language), *_leads(day.lead, language)],
        list(_programme(day.rows, language)),
        [translated(N_("Frågor:"), language), *contacts],
        [page],
    )
    entry.add("description", "\n\n".join("\n".join(lines) for lines in paragraphs))
    return entry


def _programme(rows: Iterable[AgendaRow], language: str) -> Iterator[str]:
    """A line for each row: `8.30–8.55 Introduktion, Rum 202`, `under utflykten, Matsäck`."""
    for row in rows:
        hours = hours_in_words(row, language)
        texts = ("" if hours else row.when, row.title, row.room, row.place)
        words = ", ".join(localized(text, language) for text in texts if text)
        yield f"{hours} {words}".strip()


def _contact(contact: Contact, language: str) -> str:
    return ", ".join((contact.name, localized(contact.office, language), *contact.reached_at))


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
    event: Event,
    entries: Sequence[icalendar.Event],
    language: str,
    page: str,
    stamped_at: dt.datetime,
) -> bytes:
    import icalendar

    calendar = icalendar.Calendar()
    calendar.add("prodid", f"-//Dukat//Dukat//{language.upper()}")
    calendar.add("version", "2.0")
    for name in ("name", "x-wr-calname"):  # RFC 7986; what programs read that are older
        calendar.add(name, localized(event.title, language))
    # The time zone first: some readers need it before the entries that use it.
    calendar.add_component(vtimezone(event.timezone, event.date))
    for entry in entries:
        entry.add("dtstamp", stamped_at)
        entry.add("sequence", event.revision)
        entry.add("url", page)
        calendar.add_component(entry)
    return bytes(calendar.to_ical())
