"""The deletion of personal data by the tick."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.audit import store as audit_log
from chalicelib.audit.log import AuditAction, AuditEntry
from chalicelib.closing import moving_deadline
from chalicelib.deletion import store as deletions
from chalicelib.deletion.limits import DELETED_IN_A_TRANSACTION
from chalicelib.event.event import Event
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.deletion_progress import DataKind
from chalicelib.lifecycle.steps import StepFailed
from chalicelib.lifecycle.timing import SETTLING
from chalicelib.mail.alarm_words import WORDS
from chalicelib.mail.faults import Fault
from chalicelib.mail.mailer import MailInDoubt
from chalicelib.registration.registration import RegistrationClosed
from tests.driving import DAY, HOUR, MINUTE, Service, deliver_all
from tests.examples import NOW
from tests.examples import moved as moved_event
from tests.fakes import PickyMailer, TableInMemory

PEOPLE = 5
UNDELETED = "Larm från Dukat: intyget om radering går inte att göra"


@pytest.fixture
def begins(event: Event) -> datetime:
    """When the deletion begins."""
    return event.deletes_at + SETTLING


@pytest.fixture
def summarised(service: Service) -> Service:
    """A service with registrations, sent summaries, and downloads of the list."""
    for number in range(PEOPLE):
        service.register(nonce=f"form {number}", email=f"p{number}@boras.example")
    service.run_due_steps(NOW)  # mails the receipts
    service.tick_for(6, service.event.closes_at)
    deliver_all(service.table)
    for action in (AuditAction.TOOK_XLSX, AuditAction.TOOK_CSV, AuditAction.SAW_LIST):
        entry = AuditEntry(service.event.starts_at, service.contacts[0], action, "", action.value)
        service.table.apply(audit_log.add_write(entry))
    service.mailer = PickyMailer()
    return service


def add_audit_entries(service: Service, entries: int) -> None:
    expires = {"N": str(service.event.expires_at)}
    for number in range(entries):
        key = {"pk": {"S": service.event.id}, "sk": {"S": f"ACCESS#{number:05}"}}
        service.table.database.put({**key, "expires_at": expires})


def expiries(service: Service) -> set[int]:
    """The distinct expiry times of the items that are to be deleted."""
    items = service.table.database.all_items()
    kept = {"CONTROL", "SITE"}
    return {int(item["expires_at"]["N"]) for item in items if item["sk"]["S"] not in kept}


def certificate(service: Service) -> str:
    return next(
        letter.text for _, letter in service.mailer.letters if letter.subject.startswith("Raderat")
    )


def left(service: Service) -> list[str]:
    """The keys of the items that are still to be deleted."""
    return [stored.key for stored in deletions.stored(service.table)]


def moved_by(days: int, service: Service) -> Service:
    """The service after a deploy with the event on another day."""
    event, delay = service.event, days * DAY
    moved = moved_event(event, delay, event.last_day + delay)
    return Service(moved, TableInMemory(moved, service.table.database))


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
    assert kept.hides_personal_data(kept.deletes_at)
    assert not kept.hides_personal_data(kept.deletes_at - timedelta(microseconds=1))


def test_nothing_is_deleted_before_its_time(summarised: Service, begins: datetime) -> None:
    before = left(summarised)
    early = (summarised.event.ends_at + HOUR, begins - 3 * MINUTE, begins - MINUTE)
    assert summarised.run_due_steps(*early) == []
    assert left(summarised) == before


def test_on_time_all_personal_data_are_deleted_and_contact_persons_get_the_certificate(
    summarised: Service, begins: datetime
) -> None:
    stored = deletions.stored(summarised.table)
    counts = Counter(datum for one in stored for datum in one.data)
    assert (
        counts[DataKind.REGISTRATION] == counts[DataKind.ADDRESS] == counts[DataKind.NOTE] == PEOPLE
    )
    steps = summarised.run_due_steps(begins)
    # Items, not the data in them.
    items = sum(counts.values()) - 2 * PEOPLE - counts[DataKind.DOWNLOAD]
    sent = [f"certificate-{n} sent" for n in range(1, len(summarised.contacts) + 1)]
    assert steps == ["deletion begun", f"{items} items deleted", "certificate issued", *sent]
    assert summarised.recipients == summarised.contacts
    text = certificate(summarised)
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
    assert "tisdag 8 juni kl. 0.02" in " ".join(text.split())
    assert "Säkerhetskopior förstörs senast 13 juli 2027." in text
    assert summarised.event.privacy.in_backups_through(summarised.event.date).isoformat() == (
        "2027-07-13"
    )
    assert "automatiskt av tjänsten Dukat den 8 juni 2027 kl. 0.02." in text
    assert "Uppgifterna sparades till och med den 7 juni 2027." in text
    assert summarised.state.deletion
    assert summarised.state.deletion.deleted == counts
    assert all("certificate" in key for key in left(summarised))
    assert len(left(summarised)) == len(summarised.contacts)
    totals = deletions.read_totals(summarised.table)
    assert totals
    assert (totals.registrations, [meal.total for meal in totals.meals]) == (PEOPLE, [PEOPLE] * 2)


def test_items_added_after_the_deletion_are_deleted_a_month_later_without_a_certificate(
    summarised: Service, begins: datetime
) -> None:
    summarised.run_due_steps(begins)
    state, sent = summarised.state, summarised.recipients
    assert summarised.run_due_steps(*(begins + n * HOUR for n in range(1, 29 * 24))) == []
    assert summarised.state == state
    month = begins + 30 * DAY
    steps = summarised.run_due_steps(month, month + MINUTE, month + 29 * DAY)
    assert steps == [f"{len(summarised.contacts)} items deleted", "swept"]
    assert left(summarised) == []
    assert summarised.recipients == sent
    assert state.deletion
    assert summarised.state.deletion == replace(state.deletion, swept_at=month)
    assert summarised.run_due_steps(month + 30 * DAY) == ["swept"]


def test_an_idle_tick_after_the_deletion_makes_one_query(
    service: Service, begins: datetime
) -> None:
    service.tick_for(5, begins)
    for at in (begins + HOUR, begins + 3 * DAY):
        service.run_due_steps(at)
        service.table.database.calls.clear()
        assert service.run_due_steps(at + MINUTE) == []
        assert service.table.database.calls == ["Query"]


def test_a_deadline_stored_before_the_event_was_moved_earlier_ends_at_the_new_start(
    service: Service,
) -> None:
    moving_deadline.reopen(service.at(service.event.closes_at - DAY), service.event.starts_at)
    moved = moved_by(-30, service)
    event = moved.event
    assert event.deadline(moved.state.closes_at) == event.starts_at
    moved.register(event.starts_at - MINUTE, nonce="in time")
    for now in (event.starts_at, event.ends_at + HOUR, event.deletes_at + HOUR):
        with pytest.raises(RegistrationClosed):
            moved.register(now, nonce="late")
    moved.tick_for(5, event.deletes_at + SETTLING)
    assert all("certificate" in key for key in left(moved))


def test_a_large_table_is_deleted_over_several_ticks(service: Service, begins: datetime) -> None:
    entries = 100 * DELETED_IN_A_TRANSACTION + 50
    add_audit_entries(service, entries)
    steps = service.run_due_steps(begins, begins + MINUTE)
    assert steps[:3] == [
        "deletion begun",
        f"{100 * DELETED_IN_A_TRANSACTION} items deleted, more remain",
        "50 items deleted",
    ]
    assert f"{entries:6}  Rader i åtkomstloggen" in certificate(service)
    assert f"{0:6}  Anmälningar" in certificate(service)
    assert "Ingen har hämtat listan med namn som fil" in certificate(service)


def test_an_overdue_deletion_raises_one_alarm_and_is_completed(service: Service) -> None:
    add_audit_entries(service, 100 * DELETED_IN_A_TRANSACTION + 50)
    late = service.event.deletes_at + 6 * HOUR
    steps = service.run_due_steps(late, late + MINUTE, late + 2 * MINUTE)
    assert steps.count("the deletion is overdue") == 1
    assert steps.index("certificate issued") > steps.index("the deletion is overdue")
    assert service.subjects(service.event.operator) == [UNDELETED]


def test_a_waiting_mail_is_dropped_once_its_data_are_due_for_deletion(
    service: Service,
) -> None:
    service.register(email="asa@boras.example")
    steps = service.run_due_steps(service.event.deletes_at)
    assert "receipt" in " ".join(steps)
    assert all(step.endswith("dropped: its data are deleted") for step in steps if "sent" in step)
    assert service.recipients == []


def test_a_certificate_in_doubt_is_sent_once_more_as_a_copy(
    summarised: Service, begins: datetime
) -> None:
    summarised.mailer.errors.append(MailInDoubt("ReadTimeoutError"))
    summarised.tick_for(30, begins)
    subject = "Raderat: uppgifterna om specialkost 31 maj"
    subjects = sorted(letter.subject for _, letter in summarised.mailer.letters)
    assert subjects == [f"Kopia: {subject}", subject]


def test_a_failed_deletion_raises_an_alarm_without_personal_data(
    service: Service, begins: datetime
) -> None:
    service.register()
    event_state.save(service.table, service.state)
    service.table.database.damage("CONTROL", state={"S": "Åsa Öström"})
    for _ in range(2):
        with pytest.raises(StepFailed) as failed:
            service.run_due_steps(begins)
        assert "Åsa" not in str(failed.value)
    assert service.subjects(service.event.operator) == [UNDELETED]
    assert len(service.recipients) == 1
    assert WORDS[Fault.UNDELETED] in service.alarms()[0]


def test_an_unreadable_order_does_not_stop_the_deletion(service: Service, begins: datetime) -> None:
    service.register()
    service.table.database.damage("REG#", plate={"S": "Åsa Öström"})
    service.register(name="Bo")
    service.run_due_steps(begins)
    assert all("certificate" in key for key in left(service))
    totals = deletions.read_totals(service.table)
    assert totals
    assert totals.registrations == 1
    assert "Åsa" not in totals.to_json()


# Moving the event


def test_an_event_moved_after_its_deletion_is_deleted_again_with_a_certificate(
    summarised: Service, begins: datetime
) -> None:
    summarised.run_due_steps(begins)
    moved = moved_by(20, summarised)
    early = begins + HOUR
    moving_deadline.reopen(moved.at(early), moved.event.closes_at)
    moved.register(early, nonce="of the new day")
    moved.run_due_steps(moved.event.deletes_at + SETTLING)
    assert f"{1:6}  Anmälningar" in certificate(moved)
    assert "1 anmälan med namn" in certificate(moved)
    assert all("certificate" in key for key in left(moved))


def test_a_day_after_the_event_is_moved_the_expiry_of_its_items_is_updated(
    service: Service,
) -> None:
    start = service.event.closes_at - 20 * DAY
    assert service.run_due_steps(start) == []
    assert service.state.kept_until == service.event.deletes_at
    add_audit_entries(service, 2500)
    moved = moved_by(60, service)
    assert moved.run_due_steps(start + MINUTE, start + DAY) == []
    assert expiries(service) == {service.event.expires_at}
    assert moved.tick_for(4, start + DAY + MINUTE) == [
        "2000 items expiry renewed",
        "500 items expiry renewed",
    ]
    assert expiries(service) == {moved.event.expires_at}
    assert service.state.kept_until == moved.event.deletes_at
    assert service.state.moved_at is None


def test_an_event_moved_and_moved_back_keeps_the_expiry_of_its_items(service: Service) -> None:
    start = service.event.closes_at - 20 * DAY
    add_audit_entries(service, 7)
    service.run_due_steps(start)
    moved_by(60, service).run_due_steps(start + MINUTE)
    service.run_due_steps(start + 2 * MINUTE, start + 3 * HOUR, start + 4 * HOUR, start + 2 * DAY)
    assert service.state.moved_at is None
    assert expiries(service) == {service.event.expires_at}
