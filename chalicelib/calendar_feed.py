"""The event as iCalendar (RFC 5545)."""

from datetime import datetime, timedelta

from chalicelib.event import Event

MEDIA_TYPE = "text/calendar"


def day_calendar(event: Event, *, stamped_at: datetime) -> bytes:
    """A calendar with one entry, the whole day of the event at its place, in its own time zone."""
    import icalendar

    entry = icalendar.Event()
    entry.add("uid", f"{event.id}@dukat")
    entry.add("dtstamp", stamped_at)
    entry.add("dtstart", event.starts_at)
    entry.add("dtend", event.ends_at)
    entry.add("summary", event.title)
    entry.add("location", event.place)
    entry.add("description", event.welcome)
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Dukat//Dukat//SV")
    calendar.add("version", "2.0")
    calendar.add_component(entry)
    year = timedelta(days=366)
    calendar.add_missing_timezones(first_date=event.date - year, last_date=event.date + year)
    return bytes(calendar.to_ical())
