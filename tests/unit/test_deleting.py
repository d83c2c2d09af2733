"""What `tend` does when personal data have had their time."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.deadline import SETTLING
from chalicelib.deletion import Datum
from chalicelib.desk import Access, Deed
from chalicelib.event import Event
from chalicelib.mail_faults import WORDS, Fault
from chalicelib.outbox import MailInDoubt
from chalicelib.registration import RegistrationClosed
from chalicelib.services import closing
from chalicelib.services.context import Context
from chalicelib.services.tending import CountFailed
from chalicelib.stores import audit_log, controls, deletions, tallies
from chalicelib.stores.deletions import DELETED_AT_ONCE
from chalicelib.table import Table
from tests.driving import MINUTE, deliver_all, minutes_from, register, tend_at
from tests.fakes import RecordingMailer, TableInMemory

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PEOPLE = 5


@pytest.fixture
def summarised(event: Event, table: TableInMemory) -> TableInMemory:
    """The table as it is after the event: registrations, mails, and somebody who took the list."""
    for number in range(PEOPLE):
        register(event, table, nonce=f"form {number}", email=f"p{number}@boras.example")
    mailer = RecordingMailer()
    tend_at(minutes_from(event.closes_at, 6), event, table, mailer)
    deliver_all(table)
    officer = event.contacts[0].email
    for deed in (Deed.TOOK_XLSX, Deed.TOOK_CSV, Deed.SAW_LIST):
        table.apply(audit_log.entered(Access(event.starts_at, officer, deed, "", deed.value)))
    return table


def fill_log(table: TableInMemory, event: Event, lines: int) -> None:
    expires = {"N": str(event.expires_at)}
    for number in range(lines):
        key = {"pk": {"S": event.id}, "sk": {"S": f"ACCESS#{number:05}"}}
        table.database.put({**key, "expires_at": expires})


def expiries(table: TableInMemory) -> set[int]:
    """When what is to be deleted expires by itself."""
    items = [item for item in table.database.all_items() if item["sk"]["S"] != "CONTROL"]
    return {int(item["expires_at"]["N"]) for item in items}


def certificates(mailer: RecordingMailer) -> list[str]:
    return [letter.text for _, letter in mailer.letters if letter.subject.startswith("Raderat")]


@pytest.mark.parametrize(
    ("days", "utc"),
    [
        (0, "2027-05-31T22:00"),
        (1, "2027-06-01T22:00"),
        (7, "2027-06-07T22:00"),
        (200, "2027-12-17T23:00"),  # in winter time
        (300, "2028-03-26T22:00"),  # the day on which summer time begins
    ],
)
def test_data_are_kept_through_the_last_local_day(event: Event, days: int, utc: str) -> None:
    kept = replace(event, privacy=replace(event.privacy, delete_after_days=days))
    assert kept.deletes_at == datetime.fromisoformat(f"{utc}+00:00")
    assert kept.is_forgotten(kept.deletes_at)
    assert not kept.is_forgotten(kept.deletes_at - timedelta(microseconds=1))


def test_nothing_is_deleted_before_its_time(event: Event, summarised: Table) -> None:
    before = list(deletions.stored(summarised))
    for at in (event.ends_at + HOUR, event.deletes_at - MINUTE, event.deletes_at + MINUTE):
        assert tend_at([at], event, summarised, RecordingMailer()) == []
    assert list(deletions.stored(summarised)) == before


def test_at_its_time_all_is_deleted_and_the_contact_persons_get_the_certificate(
    event: Event, summarised: Table, mailer: RecordingMailer
) -> None:
    there = Counter(datum for stored in deletions.stored(summarised) for datum in stored.data)
    assert there[Datum.REGISTRATION] == there[Datum.ADDRESS] == there[Datum.NOTE] == PEOPLE
    steps = tend_at([event.deletes_at + SETTLING], event, summarised, mailer)
    every = sum(there.values()) - 2 * PEOPLE - there[Datum.DOWNLOAD]  # items, not what they hold
    sent = [f"certificate-{n} sent" for n in range(1, len(event.contacts) + 1)]
    assert steps == ["deletion begun", f"{every} items deleted", "certificate issued", *sent]
    assert [to for to, _ in mailer.letters] == [contact.email for contact in event.contacts]
    text = certificates(mailer)[0]
    for words, number in (
        ("Anmälningar: namn", PEOPLE),
        ("E-postadresser till anmälda", PEOPLE),
        ("Anteckningar", PEOPLE),
        ("Länkar i kvittomejl", PEOPLE),
        ("Koder för portioner", PEOPLE),
        ("Rader i åtkomstloggen", 3),
    ):
        assert f"{number:6}  {words}" in text
    assert "Den har hämtats 2 gånger, enligt åtkomstloggen" in text
    assert "tisdag 8 juni kl. 0.02" in text
    assert "Säkerhetskopior förstörs senast 13 juli 2027." in text
    assert event.privacy.in_backups_through(event.date).isoformat() == "2027-07-13"
    assert "automatiskt av tjänsten Dukat den 8 juni 2027 kl. 0.02." in text
    assert "Uppgifterna sparades till och med den 7 juni 2027." in text
    control = controls.read(summarised)
    assert control.deletion
    assert control.deletion.deleted == there
    left = [stored.key for stored in deletions.stored(summarised)]
    assert all("certificate" in key for key in left)
    assert len(left) == len(event.contacts)


def test_a_tick_with_nothing_to_do_asks_the_table_once_before_the_deletion_and_after_it(
    event: Event, table: TableInMemory, mailer: RecordingMailer
) -> None:
    tend_at(minutes_from(event.deletes_at + SETTLING, 5), event, table, mailer)
    for at in (event.deletes_at + HOUR, event.deletes_at + 3 * DAY):
        tend_at([at], event, table, mailer)  # once in a while it looks for what has come since
        table.database.calls.clear()
        assert tend_at([at + MINUTE], event, table, mailer) == []
        assert table.database.calls == ["Query"]


def test_a_deadline_from_before_the_event_was_moved_ahead_takes_nobody_in_after_it(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    closing.reopen(Context(event.closes_at - DAY, event, table), event.starts_at)
    moved = replace(event, date=event.date - 30 * DAY, last_day=event.last_day - 30 * DAY)
    assert moved.deadline(controls.read(table).closes_at) == moved.starts_at
    register(moved, table, now=moved.starts_at - MINUTE, nonce="in time")
    for now in (moved.starts_at, moved.ends_at + HOUR, moved.deletes_at + HOUR):
        with pytest.raises(RegistrationClosed):
            register(moved, table, now=now, nonce="late")
    tend_at(minutes_from(moved.deletes_at + SETTLING, 5), moved, table, mailer)
    assert all("certificate" in stored.key for stored in deletions.stored(table))


def test_run_again_it_does_nothing(
    event: Event, summarised: Table, mailer: RecordingMailer
) -> None:
    tend_at([event.deletes_at + SETTLING], event, summarised, mailer)
    control, sent = controls.read(summarised), len(mailer.letters)
    later = [event.deletes_at + SETTLING + n * HOUR for n in range(1, 29 * 24)]
    assert tend_at(later, event, summarised, mailer) == []
    assert controls.read(summarised) == control
    assert len(mailer.letters) == sent


def test_what_came_in_after_the_deletion_goes_a_month_later_without_a_certificate(
    event: Event, summarised: Table, mailer: RecordingMailer
) -> None:
    tend_at([event.deletes_at + SETTLING], event, summarised, mailer)
    assert list(deletions.stored(summarised))
    control, sent = controls.read(summarised), len(mailer.letters)
    month = event.deletes_at + SETTLING + 30 * DAY
    steps = tend_at([month, month + MINUTE, month + 29 * DAY], event, summarised, mailer)
    assert steps == [f"{len(event.contacts)} items deleted", "swept"]
    assert list(deletions.stored(summarised)) == []
    assert len(mailer.letters) == sent
    assert control.deletion
    swept = controls.read(summarised).deletion
    assert swept == replace(control.deletion, swept_at=month)
    assert tend_at([month + 30 * DAY], event, summarised, mailer) == ["swept"]


def test_a_large_table_is_deleted_over_several_ticks(
    event: Event, table: TableInMemory, mailer: RecordingMailer
) -> None:
    lines = 100 * DELETED_AT_ONCE + 50
    fill_log(table, event, lines)
    first = event.deletes_at + SETTLING
    steps = tend_at([first, first + MINUTE], event, table, mailer)
    assert steps[:3] == [
        "deletion begun",
        f"{100 * DELETED_AT_ONCE} items deleted, and more to come",
        "50 items deleted",
    ]
    assert f"{lines:6}  Rader i åtkomstloggen" in certificates(mailer)[0]


def test_nobody_registered_is_deleted_too_and_told(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    tend_at([event.deletes_at + SETTLING], event, table, mailer)
    assert f"{0:6}  Anmälningar" in certificates(mailer)[0]
    assert "Ingen har hämtat listan med namn som fil" in certificates(mailer)[0]


def test_a_mail_that_waits_is_not_sent_once_what_it_tells_is_to_be_deleted(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    register(event, table, email="asa@boras.example")
    steps = tend_at([event.deletes_at], event, table, mailer)
    assert "receipt" in " ".join(steps)
    assert all(
        step.endswith("dropped: what it tells is deleted") for step in steps if "sent" in step
    )
    assert [letter.subject for _, letter in mailer.letters] == []


def test_a_certificate_in_doubt_is_sent_once_more_as_a_copy(
    event: Event, summarised: Table
) -> None:
    mailer = RecordingMailer(MailInDoubt("ReadTimeoutError"))
    tend_at(minutes_from(event.deletes_at + SETTLING, 30), event, summarised, mailer)
    subjects = sorted(letter.subject for _, letter in mailer.letters)
    assert subjects == [
        "Kopia: Raderat: uppgifterna om specialkost 31 maj",
        "Raderat: uppgifterna om specialkost 31 maj",
    ]


def test_a_deletion_that_fails_raises_the_alarm_and_names_nobody(
    event: Event, table: TableInMemory, mailer: RecordingMailer
) -> None:
    register(event, table)
    controls.save(table, controls.read(table))
    table.database.damage("CONTROL", state={"S": "Åsa Öström"})
    for _ in range(2):
        with pytest.raises(CountFailed) as failed:
            tend_at([event.deletes_at + SETTLING], event, table, mailer)
        assert "Åsa" not in str(failed.value)
    ((to, letter),) = mailer.letters
    assert to == event.operator
    assert WORDS[Fault.UNDELETED] in letter.text
    assert letter.subject == "Larm från Dukat: intyget om radering går inte att göra"


def test_an_order_that_cannot_be_read_keeps_nothing_from_being_deleted(
    event: Event, table: TableInMemory, mailer: RecordingMailer
) -> None:
    register(event, table)
    table.database.damage("REG#", plate={"S": "Åsa Öström"})
    register(event, table, name="Bo")
    tend_at([event.deletes_at + SETTLING], event, table, mailer)
    assert all("certificate" in stored.key for stored in deletions.stored(table))
    staying = tallies.read_totals(table)
    assert staying
    assert staying.registrations == 1
    assert "Åsa" not in staying.to_json()


def test_a_deletion_that_is_late_by_hours_rings_until_it_has_ended(
    event: Event, table: TableInMemory, mailer: RecordingMailer
) -> None:
    fill_log(table, event, 100 * DELETED_AT_ONCE + 50)
    late = event.deletes_at + 6 * HOUR
    steps = tend_at([late, late + MINUTE, late + 2 * MINUTE], event, table, mailer)
    assert steps.count("the deletion is overdue") == 1
    assert steps.index("certificate issued") > steps.index("the deletion is overdue")
    assert [letter.subject for to, letter in mailer.letters if to == event.operator] == [
        "Larm från Dukat: intyget om radering går inte att göra"
    ]


# Moving the event


def test_an_event_that_is_moved_after_its_deletion_is_deleted_anew_with_a_certificate(
    event: Event, summarised: Table
) -> None:
    tend_at([event.deletes_at + SETTLING], event, summarised, RecordingMailer())
    moved = replace(event, date=event.date + 20 * DAY, last_day=event.last_day + 20 * DAY)
    early = event.deletes_at + HOUR
    closing.reopen(Context(early, moved, summarised), moved.closes_at)
    register(moved, summarised, early, nonce="of the new day")
    mailer = RecordingMailer()
    tend_at([moved.deletes_at + SETTLING], moved, summarised, mailer)
    assert f"{1:6}  Anmälningar" in certificates(mailer)[0]
    assert "1 anmälan med namn" in certificates(mailer)[0]
    assert all("certificate" in stored.key for stored in deletions.stored(summarised))


def moved_by(days: int, event: Event, table: TableInMemory) -> tuple[Event, TableInMemory]:
    """The event on another day, and the table as the function deployed with it has it."""
    moved = replace(event, date=event.date + days * DAY, last_day=event.last_day + days * DAY)
    return moved, TableInMemory(moved, table.database)


def test_when_the_event_is_moved_the_items_are_told_an_hour_later(
    event: Event, table: TableInMemory, mailer: RecordingMailer
) -> None:
    start = event.closes_at - 20 * DAY
    assert tend_at([start], event, table, mailer) == []
    assert controls.read(table).kept_until == event.deletes_at
    fill_log(table, event, 2500)
    moved, later = moved_by(60, event, table)
    assert tend_at([start + MINUTE, start + HOUR], moved, later, mailer) == []
    assert expiries(table) == {event.expires_at}
    steps = tend_at(minutes_from(start + HOUR + MINUTE, 4), moved, later, mailer)
    assert steps == [
        "2000 items told of another day of deletion",
        "500 items told of another day of deletion",
    ]
    assert expiries(table) == {moved.expires_at}
    assert controls.read(table).kept_until == moved.deletes_at
    assert controls.read(table).moved_at is None


def test_an_event_that_is_moved_and_moved_back_is_left_as_it_was(
    event: Event, table: TableInMemory, mailer: RecordingMailer
) -> None:
    start = event.closes_at - 20 * DAY
    fill_log(table, event, 7)
    moved, later = moved_by(60, event, table)
    tend_at([start], event, table, mailer)
    tend_at([start + MINUTE], moved, later, mailer)
    tend_at([start + 2 * MINUTE, start + 3 * HOUR, start + 4 * HOUR], event, table, mailer)
    assert controls.read(table).moved_at is None
    assert expiries(table) == {event.expires_at}
