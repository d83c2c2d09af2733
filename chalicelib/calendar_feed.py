"""The event as iCalendar (RFC 5545)."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from zoneinfo import ZoneInfo

from chalicelib.event import Event, Session
from chalicelib.language import SWEDISH, said

Lines = list[str]

MEDIA_TYPE = "text/calendar"
_LOCAL, _UTC = "%Y%m%dT%H%M%S", "%Y%m%dT%H%M%SZ"
_OCTETS = 75  # of a line; what is longer is folded (RFC 5545, 3.1)
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})
_DAY, _MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)


def day_calendar(event: Event, language: str = SWEDISH, *, stamped_at: dt.datetime) -> bytes:
    """A calendar with one entry, the whole day of the event at its place, in its own time zone."""
    return _calendar(event, [_day(event, language)], stamped_at)


def agenda_calendar(event: Event, language: str, *, stamped_at: dt.datetime) -> bytes:
    """The day and each session of it; a session keeps its UID when its times change."""
    seen: Counter[str] = Counter()
    entries = [_day(event, language)]
    for session in event.agenda:
        name = session.meal_id or sha256(session.title.encode()).hexdigest()[:12]
        seen[name] += 1
        entries.append(_session(event, session, f"{name}-{seen[name]}", language))
    return _calendar(event, entries, stamped_at)


def _day(event: Event, language: str) -> Lines:
    lines = _entry(event, "", (event.starts_at, event.ends_at), event.title, language)
    return [*lines, f"DESCRIPTION:{_text(said(event.welcome, language))}"]


def _session(event: Event, session: Session, name: str, language: str) -> Lines:
    hours = event.at(session.starts), event.at(session.ends)
    lines = [said(session.description, language)]
    lines += [f"– {said(bullet, language)}" for bullet in session.bullets]
    lines += [said(speaker, language) for speaker in session.speakers]
    told = _text("\n".join(filter(None, lines)))
    return [
        *_entry(event, f"-{name}", hours, session.title, language),
        *([f"DESCRIPTION:{told}"] if told else []),
        "TRANSP:TRANSPARENT",  # the day itself is what makes people busy
    ]


def _entry(
    event: Event, name: str, hours: tuple[dt.datetime, dt.datetime], title: str, language: str
) -> Lines:
    starts, ends = hours
    return [
        f"UID:{event.id}{name}@dukat",
        f"SEQUENCE:{event.revision}",
        f"DTSTART;TZID={event.timezone.key}:{starts:{_LOCAL}}",
        f"DTEND;TZID={event.timezone.key}:{ends:{_LOCAL}}",
        f"SUMMARY:{_text(said(title, language))}",
        f"LOCATION:{_text(said(event.place, language))}",
    ]


def _calendar(event: Event, entries: list[Lines], stamped_at: dt.datetime) -> bytes:
    stamp = f"DTSTAMP:{stamped_at.astimezone(dt.UTC):{_UTC}}"
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Dukat//Dukat//SV",
        *_timezone(event),  # before what uses it: some readers go from the top
        *(line for entry in entries for line in ("BEGIN:VEVENT", stamp, *entry, "END:VEVENT")),
        "END:VCALENDAR",
    ]
    return b"".join(map(_folded, lines))


def _timezone(event: Event) -> Iterator[str]:
    """The zone's offsets from a year before the event to a year after it."""
    zone, year = event.timezone, 366 * _DAY
    first, last = event.starts_at - year, event.starts_at + year
    yield from ("BEGIN:VTIMEZONE", f"TZID:{zone.key}")
    before = first
    for onset in [first, *_changes(zone, first, last)]:
        local = onset.astimezone(zone)
        kind = "DAYLIGHT" if local.dst() else "STANDARD"
        yield f"BEGIN:{kind}"
        # When it begins is told in the time that holds until then.
        yield f"DTSTART:{onset.astimezone(dt.timezone(_offset(before, zone))):{_LOCAL}}"
        yield f"TZOFFSETFROM:{before.astimezone(zone):%z}"
        yield f"TZOFFSETTO:{local:%z}"
        yield f"TZNAME:{local:%Z}"
        yield f"END:{kind}"
        before = onset
    yield "END:VTIMEZONE"


def _changes(zone: ZoneInfo, first: dt.datetime, last: dt.datetime) -> Iterator[dt.datetime]:
    """The instants at which the offset changes, to the minute."""
    day = first.astimezone(dt.UTC).replace(hour=0, minute=0, second=0)
    while day < last:
        if _offset(day, zone) != _offset(day + _DAY, zone):
            minutes = (day + minute * _MINUTE for minute in range(1, 24 * 60 + 1))
            yield next(at for at in minutes if _offset(at, zone) != _offset(day, zone))
        day += _DAY


def _offset(at: dt.datetime, zone: ZoneInfo) -> dt.timedelta:
    return at.astimezone(zone).utcoffset() or dt.timedelta()


def _text(text: str) -> str:
    return text.translate(_ESCAPED)


def _folded(line: str) -> bytes:
    """A line with its end; between characters, so that a reader may unfold them as text."""
    parts, part = [], b""
    for character in line:
        encoded = character.encode()
        if len(part) + len(encoded) > _OCTETS:
            parts.append(part)
            part = b" "
        part += encoded
    return b"\r\n".join([*parts, part, b""])
