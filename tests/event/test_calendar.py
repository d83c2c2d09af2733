"""The calendars, read by the library that wrote them, by two other libraries and by libical."""

import re
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial

import icalendar
import ics
import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.event import calendar
from chalicelib.event.agenda import AgendaRow, at
from chalicelib.event.event import Event
from chalicelib.texts.language import Bilingual
from tests.event import programmes
from tests.event.libical import needs_libical, read_by_libical
from tests.event.programmes import event_of
from tests.examples import NOW

PAGE = "https://dukat.example/dag"
day_calendar = partial(calendar.day_calendar, page=PAGE)
session_calendar = partial(calendar.session_calendar, page=PAGE)


VIGIL = 'kind = "meal"\nid = "vigil"\ntitle = "Vaka"\nstarts = "20.00"\nends = "6.00"'
# The night before each of the two changes of the clock, and zones whose changes have no rule that a
# day of a month can say, that have another sign, or that have no changes.
NIGHTS = [
    ("Europe/Stockholm", "2027-03-27", 9), ("Europe/Stockholm", "2027-10-30", 11),
    ("America/Havana", "2027-03-13", 9), ("Atlantic/Azores", "2027-10-30", 11),
    ("America/Nuuk", "2027-03-27", 9), ("Africa/Casablanca", "2027-02-06", 11),
    ("Europe/Dublin", "2027-10-30", 11), ("Asia/Tokyo", "2027-03-27", 10),
]  # fmt: skip


def vigil(zone: str, date: str) -> tuple[Event, tuple[datetime, datetime]]:
    """An event from the evening to the morning, and its start and end in UTC."""
    event = event_of(f"[[agenda]]\n{VIGIL}", date, zone=zone, last_day="2027-01-20")
    start = datetime.fromisoformat(f"{date}T20:00").replace(tzinfo=event.timezone)
    end = (start + timedelta(days=1)).replace(hour=6)
    return event, (start.astimezone(UTC), end.astimezone(UTC))


@pytest.fixture(params=["day", "sessions", "two days", "past midnight"])
def written(request: pytest.FixtureRequest, event: Event) -> bytes:
    if request.param == "day":
        return day_calendar(event, "sv", stamped_at=NOW)
    if request.param == "two days":
        event = event_of(programmes.TWO_DAYS)
    if request.param == "past midnight":
        event = event_of(programmes.CEREMONY, "2027-05-05")
    return session_calendar(event, "sv", stamped_at=NOW)


def entries(calendar: bytes) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(calendar).walk("VEVENT"))


def test_the_day_is_in_the_calendar_at_its_time_and_place(event: Event) -> None:
    (entry,) = entries(day_calendar(event, "sv", stamped_at=NOW))
    assert entry["summary"] == "Säker och trygg kommun"
    assert entry["location"] == "Borås Kongress"
    assert entry.start == event.starts_at
    assert entry.end == event.ends_at
    assert entry.start.astimezone(UTC) == datetime(2027, 5, 31, 6, 30, tzinfo=UTC)


def test_the_days_entry_has_the_programme_the_contacts_and_the_page(event: Event) -> None:
    (entry,) = entries(day_calendar(event, "sv", stamped_at=NOW))
    welcome, programme, contacts, page = str(entry["description"]).split("\n\n")
    assert welcome == event.welcome
    first, *_, last = programme.splitlines()
    assert (first, last) == ("8.30–8.40 Inledning", "15.50–16.00 Avrundning och slut för idag")
    assert len(programme.splitlines()) == len(event.agenda)
    assert contacts.splitlines() == ["Frågor:", *map(str, entry["contact"])]
    assert contacts.splitlines()[1] == (
        "Melia Hadzisalihovic, Stadsledningskansliet, 073-432 87 30"
    )
    assert page == entry["url"] == PAGE


def test_a_days_entry_has_only_its_own_rows() -> None:
    event = event_of(programmes.TWO_DAYS)
    first, second = entries(day_calendar(event, "en", stamped_at=NOW))
    assert "11:00–12:00 Frisk luft, Kongresshall A" in first["description"]
    assert "Frisk luft" not in second["description"]


def test_programs_may_name_a_calendar_after_the_event(event: Event) -> None:
    for write in (day_calendar, session_calendar):
        read = icalendar.Calendar.from_ical(write(event, "en", stamped_at=NOW))
        assert read["name"] == read["x-wr-calname"] == "A safe and secure municipality"


def test_the_calendar_of_sessions_has_each_session_alone(event: Event) -> None:
    sessions = entries(session_calendar(event, "sv", stamped_at=NOW))
    assert [str(entry["summary"]) for entry in sessions] == [row.title for row in event.agenda]
    for entry, row in zip(sessions, event.agenda, strict=True):
        assert (entry.start.time(), entry.end.time()) == (row.starts, row.ends)
        assert entry.start.date() == event.date
    assert "– medskapande som metod" in sessions[2]["description"]
    (day,) = entries(day_calendar(event, "sv", stamped_at=NOW))
    assert day["uid"] not in {entry["uid"] for entry in sessions}


def test_entries_keep_the_uids_that_calendars_have(event: Event) -> None:
    files = (day_calendar, session_calendar)
    uids = [
        str(one["uid"]) for write in files for one in entries(write(event, "sv", stamped_at=NOW))
    ]
    assert uids[:2] == ["dag@dukat", "dag-593abdfdff23-1@dukat"]
    assert {"dag-lunch-1@dukat", "dag-fika-1@dukat"} < set(uids)


def test_the_english_calendar_has_the_translations(event: Event) -> None:
    abroad = replace(event, place=Bilingual("Borås Kongress", "Borås Congress"))
    (day,) = entries(day_calendar(abroad, "en", stamped_at=NOW))
    first, *_ = entries(session_calendar(abroad, "en", stamped_at=NOW))
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


@pytest.mark.soak
@needs_libical
@pytest.mark.parametrize(("zone", "date", "hours"), NIGHTS)
def test_libical_finds_no_fault_and_the_same_instants(zone: str, date: str, hours: int) -> None:
    event, instants = vigil(zone, date)
    for write in (day_calendar, session_calendar):
        written = write(event, "sv", stamped_at=NOW).replace(zone.encode(), b"Nowhere/Known")
        assert read_by_libical(written) == tuple(at.timestamp() for at in instants)


def test_a_session_keeps_its_uid_when_its_times_or_its_neighbours_change(event: Event) -> None:
    def uids(event: Event) -> dict[str, str]:
        found = entries(session_calendar(event, "sv", stamped_at=NOW))
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
    uids = [str(entry["uid"]) for entry in entries(session_calendar(twice, "sv", stamped_at=NOW))]
    assert len(set(uids)) == len(uids)


def test_the_sequence_is_the_revision_in_the_event_file(event: Event) -> None:
    revised = session_calendar(replace(event, revision=3), "sv", stamped_at=NOW)
    assert {int(entry["sequence"]) for entry in entries(revised)} == {3}


def test_the_day_and_the_sessions_block_time(event: Event) -> None:
    for write in (day_calendar, session_calendar):
        for entry in entries(write(event, "sv", stamped_at=NOW)):
            assert "transp" not in entry  # OPAQUE by default


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
    days = entries(day_calendar(event, "sv", stamped_at=NOW))
    found = entries(session_calendar(event, "sv", stamped_at=NOW))
    sessions = {str(entry["summary"]): entry for entry in found}
    assert "Matsäck" not in sessions
    assert "under utflykten, Matsäck" in days[1]["description"]
    assert "Matsäck" not in days[0]["description"]
    assert "dtend" not in sessions["Invigning"]
    assert sessions["Invigning"].start == datetime(2027, 9, 7, 9, tzinfo=event.timezone)


def test_a_session_is_in_its_room() -> None:
    found = entries(session_calendar(event_of(programmes.TWO_DAYS), "sv", stamped_at=NOW))
    places = {str(entry["summary"]): str(entry["location"]) for entry in found}
    assert places["Frisk luft"] == "Kongresshall A, Borås Kongress"
    assert places["Invigning"] == "Borås Kongress"


def test_approximate_times_are_said_in_the_text() -> None:
    event = event_of(programmes.CEREMONY, "2027-05-05")
    found = {
        str(one["summary"]): one for one in entries(session_calendar(event, "sv", stamped_at=NOW))
    }
    assert found["Dans"]["description"] == "cirka 21.30–1.00 nästa dag"
    assert found["Dans"].end == datetime(2027, 5, 6, 1, tzinfo=event.timezone)


@pytest.mark.parametrize(("zone", "date", "hours"), NIGHTS)
def test_the_files_own_time_zone_is_right_on_both_sides_of_each_change(
    zone: str, date: str, hours: int
) -> None:
    event, instants = vigil(zone, date)
    assert instants[1] - instants[0] == timedelta(hours=hours)
    for write in (day_calendar, session_calendar):
        # Readers use their own rules of a zone that they know.
        unknown = f"Nowhere/{zone}/{date}".encode()
        (entry,) = entries(write(event, "sv", stamped_at=NOW).replace(zone.encode(), unknown))
        assert (entry.start.astimezone(UTC), entry.end.astimezone(UTC)) == instants


@pytest.mark.parametrize(("zone", "date", "hours"), NIGHTS)
def test_a_night_has_its_real_length_for_other_readers(zone: str, date: str, hours: int) -> None:
    event, _ = vigil(zone, date)
    for read in ics.Calendar(session_calendar(event, "sv", stamped_at=NOW).decode()).events:
        instants = [one.datetime.astimezone(UTC) for one in (read.begin, read.end)]
        assert instants[1] - instants[0] == timedelta(hours=hours)


def test_the_time_zone_has_yearly_rules(event: Event) -> None:
    written = day_calendar(event, "sv", stamped_at=NOW).decode()
    zone = written[written.index("BEGIN:VTIMEZONE") : written.index("BEGIN:VEVENT")]
    assert zone.splitlines()[1:] == [
        "TZID:Europe/Stockholm",
        "BEGIN:DAYLIGHT",
        "DTSTART:20260329T020000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
        "TZNAME:CEST",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200",
        "END:DAYLIGHT",
        "BEGIN:STANDARD",
        "DTSTART:20261025T030000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
        "TZNAME:CET",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100",
        "END:STANDARD",
        "END:VTIMEZONE",
    ]


def test_sessions_of_one_title_are_told_apart_by_their_order_in_time() -> None:
    pauses = [f'[[agenda]]\ntitle = "Paus"\nstarts = "{hour}.00"\n' for hour in (9, 10, 15)]
    lunch = '[[agenda]]\nkind = "meal"\nid = "lunch"\ntitle = "Lunch"\nstarts = "12.00"\n'
    calendars = [
        session_calendar(event_of("".join(rows) + lunch), "sv", stamped_at=NOW)
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
        found = entries(session_calendar(event, "sv", stamped_at=NOW))
        return {
            str(one["uid"]): (one.start, str(one["summary"]), str(one["location"])) for one in found
        }

    assert read(mixed) == read(event)
    assert len(read(event)) == len(event.agenda)
