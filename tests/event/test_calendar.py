"""The calendars, read by the library that wrote them and by two other libraries."""

import re
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import icalendar
import ics
import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.event.agenda import AgendaRow, at
from chalicelib.event.calendar import agenda_calendar, day_calendar
from chalicelib.event.event import Event
from chalicelib.texts.language import Bilingual
from tests.event import programmes
from tests.event.programmes import event_of
from tests.examples import NOW


@pytest.fixture(params=["day", "agenda", "two days", "past midnight"])
def written(request: pytest.FixtureRequest, event: Event) -> bytes:
    if request.param == "day":
        return day_calendar(event, "sv", stamped_at=NOW)
    if request.param == "two days":
        event = event_of(programmes.TWO_DAYS)
    if request.param == "past midnight":
        event = event_of(programmes.CEREMONY, "2027-05-05")
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
        if "dtend" in entry:
            assert one.end.datetime == entry.end


def test_a_session_keeps_its_uid_when_its_times_or_its_neighbours_change(event: Event) -> None:
    def uids(event: Event) -> dict[str, str]:
        found = entries(agenda_calendar(event, "sv", stamped_at=NOW))
        return {str(entry["summary"]): str(entry["uid"]) for entry in found}

    later = replace(event.agenda[1], ends_at=at(event.date, time(8, 50), event.timezone))
    moved = replace(event, agenda=(*event.agenda[:1], later, *event.agenda[3:]), revision=1)
    before, after = uids(event), uids(moved)
    assert {title: before[title] for title in after} == after
    assert len(set(before.values())) == len(before)


def test_two_sessions_with_the_same_title_have_different_uids(event: Event) -> None:
    breaks = [
        AgendaRow(title="Paus", date=event.date, starts_at=at(event.date, time(h), event.timezone))
        for h in (9, 10)
    ]
    twice = replace(event, agenda=(*breaks, *event.agenda[4:]))
    uids = [str(entry["uid"]) for entry in entries(agenda_calendar(twice, "sv", stamped_at=NOW))]
    assert len(set(uids)) == len(uids)


def test_the_sequence_is_the_revision_in_the_event_file(event: Event) -> None:
    revised = agenda_calendar(replace(event, revision=3), "sv", stamped_at=NOW)
    assert {int(entry["sequence"]) for entry in entries(revised)} == {3}


def test_only_the_entry_of_the_day_blocks_time(event: Event) -> None:
    day, *sessions = entries(agenda_calendar(event, "sv", stamped_at=NOW))
    assert "transp" not in day
    assert {str(entry["transp"]) for entry in sessions} == {"TRANSPARENT"}


def test_each_day_has_an_entry_from_its_first_start_to_its_last_known_end() -> None:
    event = event_of(programmes.TWO_DAYS)
    first, second = entries(day_calendar(event, "sv", stamped_at=NOW))
    assert (first["uid"], second["uid"]) == (
        "dag@dukat", "dag-day-2@dukat",
    )  # fmt: skip
    zone = event.timezone
    assert first.start == datetime(2027, 9, 7, 8, 30, tzinfo=zone)
    assert first.end == datetime(2027, 9, 7, 19, 0, tzinfo=zone)  # the dinner's start: no end known
    assert second.start == datetime(2027, 9, 8, 9, 0, tzinfo=zone)
    assert second.end == datetime(2027, 9, 8, 14, 0, tzinfo=zone)
    assert "Moderator: Karin Ek, länsråd" in first["description"]
    assert "Ordförande: Nils Berg" in second["description"]
    *_, second = entries(day_calendar(event, "en", stamped_at=NOW))
    assert "Chair: Nils Berg (in English)" in second["description"]
    assert "during the excursion, Packed lunch" in second["description"]


def test_a_row_without_a_time_is_in_its_days_text_and_one_without_an_end_has_none() -> None:
    event = event_of(programmes.TWO_DAYS)
    found = entries(agenda_calendar(event, "sv", stamped_at=NOW))
    days = [entry for entry in found if "transp" not in entry]
    sessions = {str(entry["summary"]): entry for entry in found if "transp" in entry}
    assert "Matsäck" not in sessions
    assert "under utflykten, Matsäck" in days[1]["description"]
    assert "Matsäck" not in days[0]["description"]
    assert "dtend" not in sessions["Invigning"]
    assert sessions["Invigning"].start == datetime(2027, 9, 7, 9, tzinfo=event.timezone)


def test_a_session_is_in_its_room() -> None:
    found = entries(agenda_calendar(event_of(programmes.TWO_DAYS), "sv", stamped_at=NOW))
    places = {str(entry["summary"]): str(entry["location"]) for entry in found}
    assert places["Frisk luft"] == "Kongresshall A, Borås Kongress"
    assert places["Invigning"] == "Borås Kongress"


def test_approximate_times_are_said_in_the_text() -> None:
    event = event_of(programmes.CEREMONY, "2027-05-05")
    found = {
        str(one["summary"]): one for one in entries(agenda_calendar(event, "sv", stamped_at=NOW))
    }
    assert found["Dans"]["description"] == "cirka 21.30–1.00 nästa dag"
    assert found["Dans"].end == datetime(2027, 5, 6, 1, tzinfo=event.timezone)


@pytest.mark.parametrize(
    ("zone", "date", "hours"),
    [("Europe/Stockholm", "2027-03-27", 9), ("Europe/Stockholm", "2027-10-30", 11),
     ("America/Havana", "2027-03-13", 9), ("Atlantic/Azores", "2027-10-30", 11)],
)  # fmt: skip
def test_a_night_has_its_real_length_for_other_readers(zone: str, date: str, hours: int) -> None:
    night = (
        '[[agenda]]\nkind = "meal"\nid = "vigil"\ntitle = "Vaka"\nstarts = "20.00"\nends = "6.00"'
    )
    event = event_of(night, date, zone=zone)
    for read in ics.Calendar(agenda_calendar(event, "sv", stamped_at=NOW).decode()).events:
        instants = [one.datetime.astimezone(UTC) for one in (read.begin, read.end)]
        assert instants[1] - instants[0] == timedelta(hours=hours)


def test_sessions_of_one_title_are_told_apart_by_their_order_in_time() -> None:
    pauses = [f'[[agenda]]\ntitle = "Paus"\nstarts = "{hour}.00"\n' for hour in (9, 10, 15)]
    lunch = '[[agenda]]\nkind = "meal"\nid = "lunch"\ntitle = "Lunch"\nstarts = "12.00"\n'
    calendars = [
        agenda_calendar(event_of("".join(rows) + lunch), "sv", stamped_at=NOW)
        for rows in (pauses, pauses[::-1])
    ]
    assert calendars[0] == calendars[1]


@settings(max_examples=10)
@given(st.permutations(range(8)))
def test_the_order_of_the_file_changes_no_entry(order: list[int]) -> None:
    event = event_of(programmes.SEMINARS)
    rows = event.agenda[:8]
    mixed = replace(event, agenda=(*(rows[n] for n in order), *event.agenda[8:]))

    def read(event: Event) -> dict[str, tuple[datetime, str, str]]:
        found = entries(agenda_calendar(event, "sv", stamped_at=NOW))
        return {
            str(one["uid"]): (one.start, str(one["summary"]), str(one["location"])) for one in found
        }

    assert read(mixed) == read(event)
    assert len(read(event)) == 1 + len(event.agenda)
