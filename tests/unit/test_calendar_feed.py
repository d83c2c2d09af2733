import icalendar

from chalicelib.calendar_feed import day_calendar
from chalicelib.event import Event
from tests.examples import NOW


def test_the_day_is_one_entry_in_its_own_time_zone(event: Event) -> None:
    calendar = icalendar.Calendar.from_ical(day_calendar(event, stamped_at=NOW))
    (entry,) = calendar.walk("VEVENT")
    assert entry["SUMMARY"] == event.title
    assert entry["LOCATION"] == event.place
    assert entry["DTSTART"].dt == event.starts_at
    assert entry["DTEND"].dt == event.ends_at
    assert entry["DTSTAMP"].dt == NOW
    assert entry["UID"] == f"{event.id}@dukat"
    assert [zone["TZID"] for zone in calendar.walk("VTIMEZONE")] == ["Europe/Stockholm"]


def test_lines_are_folded_and_end_as_the_standard_wants(event: Event) -> None:
    content = day_calendar(event, stamped_at=NOW)
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 75  # RFC 5545, 3.1


def test_the_same_event_has_the_same_content(event: Event) -> None:
    assert day_calendar(event, stamped_at=NOW) == day_calendar(event, stamped_at=NOW)
