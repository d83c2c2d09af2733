"""The calendars, read by the library that wrote them and by two other libraries."""

import re
from dataclasses import replace
from datetime import UTC, datetime, time

import icalendar
import ics
import pytest
import vobject

from chalicelib.event.calendar import agenda_calendar, day_calendar
from chalicelib.event.event import AgendaRow, Event
from chalicelib.texts.language import Bilingual
from tests.examples import NOW


@pytest.fixture(params=["day", "agenda"])
def written(request: pytest.FixtureRequest, event: Event) -> bytes:
    if request.param == "day":
        return day_calendar(event, "sv", stamped_at=NOW)
    return agenda_calendar(event, "sv", stamped_at=NOW)


def entries(calendar: bytes) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(calendar).walk("VEVENT"))


def test_the_day_is_in_the_calendar_at_its_time_and_place(event: Event) -> None:
    (entry,) = entries(day_calendar(event, "sv", stamped_at=NOW))
    assert entry["summary"] == "Säker och trygg kommun"
    assert entry["location"] == "Borås Kongress"
    assert entry.start == event.starts_at
    assert entry.end == event.ends_at
    assert entry.start.astimezone(UTC) == datetime(2027, 5, 31, 6, 30, tzinfo=UTC)


def test_the_agenda_calendar_has_the_day_and_every_session(event: Event) -> None:
    day, *sessions = entries(agenda_calendar(event, "sv", stamped_at=NOW))
    assert day["uid"] == entries(day_calendar(event, "sv", stamped_at=NOW))[0]["uid"]
    assert [str(entry["summary"]) for entry in sessions] == [row.title for row in event.agenda]
    for entry, row in zip(sessions, event.agenda, strict=True):
        assert (entry.start.time(), entry.end.time()) == (row.starts, row.ends)
        assert entry.start.date() == event.date
    assert "– medskapande som metod" in sessions[2]["description"]


def test_the_english_calendar_has_the_translations(event: Event) -> None:
    abroad = replace(event, place=Bilingual("Borås Kongress", "Borås Congress"))
    day, first, *_ = entries(agenda_calendar(abroad, "en", stamped_at=NOW))
    assert {str(entry["location"]) for entry in (day, first)} == {"Borås Congress"}
    assert day["summary"] == "A safe and secure municipality"
    assert first["summary"] == "Introduction"
    assert "Kerstin Hermansson" in first["description"]


def test_the_format_follows_rfc_5545(written: bytes) -> None:
    lines = written.split(b"\r\n")
    assert lines[0] == b"BEGIN:VCALENDAR"
    assert b"\n" not in written.replace(b"\r\n", b"")
    assert max(map(len, lines)) <= 75
    assert lines.index(b"BEGIN:VTIMEZONE") < lines.index(b"BEGIN:VEVENT")
    unfolded = written.replace(b"\r\n ", b"").decode()
    for block in re.findall(r"BEGIN:VEVENT\r\n(.*?)END:VEVENT", unfolded, re.DOTALL):
        for name in ("UID", "DTSTAMP", "DTSTART;TZID=Europe/Stockholm", "SEQUENCE"):
            assert len(re.findall(rf"^{name}[:;]", block, re.MULTILINE)) == 1


def test_a_strict_reader_finds_no_fault(written: bytes) -> None:
    calendar = vobject.readOne(written.decode())
    calendar.validate(raiseException=True)
    assert len(calendar.vevent_list) == len(entries(written))
    assert [str(one.summary.value) for one in calendar.vevent_list] == [
        str(entry["summary"]) for entry in entries(written)
    ]


def test_another_reader_finds_the_same_times(written: bytes) -> None:
    read = {one.uid: one for one in ics.Calendar(written.decode()).events}
    assert len(read) == len(entries(written))
    for entry in entries(written):
        one = read[str(entry["uid"])]
        assert one.name == str(entry["summary"])
        assert one.begin.datetime == entry.start
        assert one.end.datetime == entry.end


def test_a_session_keeps_its_uid_when_its_times_or_its_neighbours_change(event: Event) -> None:
    def uids(event: Event) -> dict[str, str]:
        found = entries(agenda_calendar(event, "sv", stamped_at=NOW))
        return {str(entry["summary"]): str(entry["uid"]) for entry in found}

    later = replace(event.agenda[1], ends=time(8, 50))
    moved = replace(event, agenda=(*event.agenda[:1], later, *event.agenda[3:]), revision=1)
    before, after = uids(event), uids(moved)
    assert {title: before[title] for title in after} == after
    assert len(set(before.values())) == len(before)


def test_two_sessions_with_the_same_title_have_different_uids(event: Event) -> None:
    twice = replace(
        event,
        agenda=(AgendaRow(time(9), time(10), "Paus"), AgendaRow(time(10), time(11), "Paus"),
                *event.agenda[4:]),
    )  # fmt: skip
    uids = [str(entry["uid"]) for entry in entries(agenda_calendar(twice, "sv", stamped_at=NOW))]
    assert len(set(uids)) == len(uids)


def test_the_sequence_is_the_revision_in_the_event_file(event: Event) -> None:
    revised = agenda_calendar(replace(event, revision=3), "sv", stamped_at=NOW)
    assert {int(entry["sequence"]) for entry in entries(revised)} == {3}


def test_only_the_entry_of_the_day_blocks_time(event: Event) -> None:
    day, *sessions = entries(agenda_calendar(event, "sv", stamped_at=NOW))
    assert "transp" not in day
    assert {str(entry["transp"]) for entry in sessions} == {"TRANSPARENT"}
