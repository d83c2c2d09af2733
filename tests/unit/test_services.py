import logging
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.control import State
from chalicelib.event import Event
from chalicelib.mail_faults import Fault
from chalicelib.outbox import (
    LEASE,
    RECEIPTS_PER_ADDRESS_A_DAY,
    MailInDoubt,
    MailNotTaken,
    leased,
)
from chalicelib.registration import (
    Registration,
    RegistrationClosed,
    StaleRevision,
    hashed,
)
from chalicelib.services import registering
from chalicelib.services.context import Context
from chalicelib.stores import controls, outbox, registrations
from chalicelib.table import Table
from tests.driving import MINUTE, SECOND, VISITOR, minutes_from, register, states, tend_at
from tests.examples import NOW, VEGAN_WITHOUT_NUTS, registered
from tests.fakes import RecordingMailer, TableInMemory
from tests.wire import no_answer, refusing

LATER = NOW + timedelta(hours=1)
ADDRESS = "asa@elsewhere.example"
FAULTS = [MailNotTaken(Fault.THROTTLED)] * 100


def test_a_retry_after_the_deadline_of_what_was_accepted_before_gets_its_receipt(
    event: Event, table: Table
) -> None:
    accepted = register(event, table, event.closes_at - SECOND)
    assert register(event, table, event.closes_at + SECOND) == accepted


def test_an_own_deadline_decides_instead_of_the_announced_one(event: Event, table: Table) -> None:
    controls.save(table, replace(controls.read(table), closes_at=NOW))
    with pytest.raises(RegistrationClosed):
        register(event, table, NOW)


def test_nothing_is_done_before_the_deadline(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    assert tend_at([NOW, event.closes_at - SECOND], event, table, mailer) == []


def test_the_tick_alone_closes_summarises_and_mails_each_contact_person_once(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    register(event, table)
    tend_at(minutes_from(event.closes_at, 30), event, table, mailer)
    assert [to for to, _ in mailer.letters] == [contact.email for contact in event.contacts]
    assert controls.read(table).state is State.SUMMARISED
    assert states(table) == {"summary-1-1": "sent", "summary-1-2": "sent"}


def test_closing_pins_the_deadline(event: Event, table: Table, mailer: RecordingMailer) -> None:
    tend_at([event.closes_at], event, table, mailer)
    later = replace(event, last_day=event.last_day + timedelta(days=3))
    with pytest.raises(RegistrationClosed):
        register(later, table, event.closes_at + MINUTE)


def test_the_table_is_looked_at_twice_a_minute_apart_after_it_has_settled(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    settled = event.closes_at + 2 * MINUTE
    assert tend_at([settled - SECOND], event, table, mailer) == ["closed"]
    assert tend_at([settled], event, table, mailer) == ["snapshot taken"]
    assert tend_at([settled + 59 * SECOND], event, table, mailer) == []
    assert tend_at([settled + 60 * SECOND], event, table, mailer)[0] == "summary-1 issued"


def test_a_registration_that_becomes_visible_late_is_in_the_summary(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    register(event, table)
    tend_at([event.closes_at + 2 * MINUTE], event, table, mailer)
    late = replace(registered(VEGAN_WITHOUT_NUTS, "WXYV"), registered_at=event.closes_at - SECOND)
    registrations.add(table, hashed("late"), late)
    assert tend_at([event.closes_at + 3 * MINUTE], event, table, mailer) == ["snapshot taken"]
    tend_at(minutes_from(event.closes_at + 3 * MINUTE, 5), event, table, mailer)
    assert "Antal anmälningar: 2\n" in mailer.letters[0][1].text


def test_a_mail_that_is_always_in_doubt_is_sent_twice_and_then_given_up(event: Event) -> None:
    table, mailer = TableInMemory(event), RecordingMailer(*[MailInDoubt("ReadTimeoutError")] * 100)
    tend_at(minutes_from(event.closes_at, 120), event, table, mailer)
    summaries = [tags for tags in mailer.tags if tags["kind"] == "summary"]
    assert len(summaries) == 2 * len(event.contacts)
    assert states(table) == {"summary-1-1": "failed", "summary-1-2": "failed"}


def test_a_fault_of_the_table_stops_only_its_own_mail(
    event: Event, table: TableInMemory, mailer: RecordingMailer
) -> None:
    table.database.on("TransactWriteItems", "MAIL#contact#summary-1-1", no_answer)
    tend_at(minutes_from(event.closes_at, 5), event, table, mailer)
    assert [to for to, _ in mailer.letters] == [contact.email for contact in event.contacts]
    assert states(table) == {"summary-1-2": "sent"}


def test_a_receipt_that_fails_is_no_alarm(
    event: Event, table: Table, logged: list[logging.LogRecord]
) -> None:
    register(event, table, email=ADDRESS)
    tend_at([NOW], event, table, RecordingMailer(MailNotTaken(Fault.BAD_REQUEST)))
    assert {record.levelname for record in logged} == {"INFO"}


def test_what_fails_is_logged_as_an_error_without_the_recipient(
    event: Event, logged: list[logging.LogRecord]
) -> None:
    table, mailer = TableInMemory(event), RecordingMailer(MailNotTaken(Fault.BAD_REQUEST))
    tend_at(minutes_from(event.closes_at, 5), event, table, mailer)
    errors = [record.getMessage() for record in logged if record.levelname == "ERROR"]
    assert errors == ["tend: summary-1-1 postponed: bad_request"]
    assert not any("@" in record.getMessage() for record in logged)


def test_a_mail_in_doubt_is_sent_once_more_and_says_that_it_is_a_copy(event: Event) -> None:
    table, mailer = TableInMemory(event), RecordingMailer(MailInDoubt("ReadTimeoutError"))
    start = event.closes_at + 3 * MINUTE
    tend_at([event.closes_at + 2 * MINUTE, start], event, table, mailer)
    assert [to for to, _ in mailer.letters] == [event.contacts[1].email]
    tend_at([start + LEASE - SECOND], event, table, mailer)
    assert len(mailer.letters) == 1
    tend_at([start + LEASE], event, table, mailer)
    recipient, copy = mailer.letters[1]
    assert recipient == event.contacts[0].email
    assert copy.subject.startswith("Kopia: ")
    assert "KOPIA" in copy.text


def change(
    event: Event,
    table: Table,
    receipt: registering.Receipt,
    *,
    revision: int = 1,
    now: datetime = LATER,
    **fields: Any,
) -> Registration | None:
    answers = replace(receipt.registration.answers, **fields)
    return registering.change(Context(now, event, table), receipt.token, answers, revision, VISITOR)


def test_a_change_that_loses_at_the_last_moment_is_stale_too(
    event: Event, table: TableInMemory
) -> None:
    receipt = register(event, table)
    table.database.on(
        "TransactWriteItems", "REG#", lambda: change(event, table, receipt, diet="kosher")
    )
    with pytest.raises(StaleRevision) as stale:
        change(event, table, receipt, diet="halal")
    assert stale.value.stored.answers.diet == "kosher"


def test_nothing_is_changed_or_cancelled_at_the_deadline(event: Event, table: Table) -> None:
    receipt = register(event, table)
    with pytest.raises(RegistrationClosed):
        change(event, table, receipt, diet="halal", now=event.closes_at)
    with pytest.raises(RegistrationClosed):
        registering.cancel(Context(event.closes_at, event, table), receipt.token, 1)
    assert registering.find(Context(NOW, event, table), receipt.token) == receipt.registration


def test_a_receipt_is_mailed_with_a_link_that_opens_the_registration(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    receipt = register(event, table, email=ADDRESS)
    tend_at([NOW], event, table, mailer)
    ((recipient, letter),) = mailer.letters
    assert recipient == ADDRESS
    link = re.search(r"https://dukat\.example/api/registration/(\S+)", letter.text)
    assert link
    assert link[1] != receipt.token
    assert registering.find(Context(NOW, event, table), link[1]) == receipt.registration
    assert [file.media_type for file in letter.attachments] == ["text/calendar"]


def mailed_token(mailer: RecordingMailer) -> str:
    found = re.search(r"/registration/([^\s?]+)", mailer.letters[-1][1].text)
    assert found
    return found[1]


def test_a_link_mailed_to_a_mistyped_address_opens_nothing_once_it_is_corrected(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    receipt = register(event, table, email="wrong@stranger.example")
    tend_at([NOW], event, table, mailer)
    strangers = mailed_token(mailer)
    assert registering.find(Context(NOW, event, table), strangers)
    change(event, table, receipt, email=ADDRESS)
    assert registering.find(Context(NOW, event, table), strangers) is None
    assert change(event, table, receipt._replace(token=strangers), diet="halal") is None


def test_a_mailed_link_does_not_come_back_with_the_same_form_sent_after_cancelling(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    receipt = register(event, table, email=ADDRESS)
    tend_at([NOW], event, table, mailer)
    mailed = mailed_token(mailer)
    registering.cancel(Context(LATER, event, table), receipt.token, 1)
    assert register(event, table, LATER, email=ADDRESS).token == receipt.token
    assert registering.find(Context(NOW, event, table), mailed) is None


@pytest.mark.parametrize("act", [no_answer, refusing("ThrottlingException")])
@pytest.mark.parametrize(
    ("operation", "key"),
    [
        ("GetItem", "REG#"),
        ("GetItem", "BLOCK#"),
        ("UpdateItem", "CAP#"),
        ("TransactWriteItems", "LINK#"),
        ("GetItem", "CONTROL"),
    ],
)
def test_a_fault_of_the_table_delays_a_receipt_and_does_not_lose_it(
    event: Event,
    table: TableInMemory,
    mailer: RecordingMailer,
    operation: str,
    key: str,
    act: Callable[[], None],
) -> None:
    register(event, table, email=ADDRESS)
    table.database.on(operation, key, act)
    tend_at([NOW], event, table, mailer)
    assert mailer.letters == []
    tend_at(minutes_from(NOW + MINUTE, 3), event, table, mailer)
    assert [to for to, _ in mailer.letters] == [ADDRESS]


def test_a_receipt_that_is_tried_again_counts_once(event: Event, table: Table) -> None:
    mailer = RecordingMailer(*[MailNotTaken(Fault.THROTTLED)] * 3)
    for n in range(RECEIPTS_PER_ADDRESS_A_DAY):
        register(event, table, name=f"Person {n}", email=ADDRESS)
    tend_at(minutes_from(NOW, 30), event, table, mailer)
    assert len(mailer.letters) == RECEIPTS_PER_ADDRESS_A_DAY


def test_a_receipt_sent_after_the_deadline_promises_no_change(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    register(event, table, event.closes_at - SECOND, email=ADDRESS)
    tend_at([event.closes_at + SECOND], event, table, mailer)
    assert "Du kan ändra" not in mailer.letters[0][1].text


def test_a_clock_that_is_set_back_loses_no_change(event: Event, table: Table) -> None:
    receipt = register(event, table, email=ADDRESS)
    for revision, address in enumerate(("a@b.example", "c@d.example", "a@b.example"), 1):
        assert change(event, table, receipt, revision=revision, now=NOW, email=address)
    assert change(event, table, receipt, revision=4, now=NOW - MINUTE, diet="kosher")


def test_the_mailed_link_can_change_and_cancel_too(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    receipt = register(event, table, email=ADDRESS)
    tend_at([NOW], event, table, mailer)
    mailed = receipt._replace(token=mailed_token(mailer))
    assert change(event, table, mailed, diet="halal") == registering.find(
        Context(NOW, event, table), receipt.token
    )
    moved = change(event, table, mailed, revision=2, diet="halal", email="new@else.example")
    assert registering.find(Context(NOW, event, table), mailed.token) == moved
    registering.cancel(Context(LATER, event, table), mailed.token, 3)
    assert registering.find(Context(NOW, event, table), receipt.token) is None
    assert registering.find(Context(NOW, event, table), mailed.token) is None


@pytest.mark.parametrize("with_the_mailed_link", [True, False])
def test_cancelling_leaves_nothing_of_a_registration_that_moved_to_other_addresses(
    event: Event, table: TableInMemory, mailer: RecordingMailer, *, with_the_mailed_link: bool
) -> None:
    receipt = register(event, table, email=ADDRESS)
    tend_at([LATER], event, table, mailer)
    mailed = receipt._replace(token=mailed_token(mailer))
    for revision, address in enumerate(("b@else.example", "c@else.example"), 1):
        assert change(event, table, mailed, revision=revision, email=address)
        tend_at([LATER], event, table, mailer)
    assert len(table.database.keys("LINK#")) == 3
    token = mailed.token if with_the_mailed_link else receipt.token
    registering.cancel(Context(LATER, event, table), token, 3)
    assert [table.database.keys(kind) for kind in ("REG#", "LINK#", "CODE#")] == [[], [], []]


def test_a_receipt_says_when_and_where_and_nothing_of_what_was_registered(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    register(event, table, name="MARKNAME", email=ADDRESS)
    tend_at([NOW], event, table, mailer)
    letter = mailer.letters[0][1]
    files = b"".join(file.content for file in letter.attachments).decode()
    whole = letter.subject + letter.text + letter.html + files
    assert "måndag 31 maj 2027" in letter.text
    assert "Borås Kongress" in letter.text
    assert "fram till måndag 24 maj kl. 24.00" in letter.text
    for secret in ("MARKNAME", "egan", "nötter", "kiwi", "allvarlig", "Kulturförvaltningen"):
        assert secret not in whole


def test_a_receipt_comes_in_the_visitors_language(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    answers = replace(VEGAN_WITHOUT_NUTS, email=ADDRESS)
    visitor = registering.Visitor("https://dukat.example", "en")
    registering.register(Context(NOW, event, table), answers, "n", visitor)
    tend_at([NOW], event, table, mailer)
    letter = mailer.letters[0][1]
    assert letter.subject == "Special diet registered: A safe and secure municipality, 31 May"
    assert "Monday 31 May 2027" in letter.text


def test_no_receipt_goes_to_who_cancelled_or_took_the_address_away_before_it_was_sent(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    cancelled = register(event, table, email=ADDRESS)
    registering.cancel(Context(NOW, event, table), cancelled.token, 1)
    change(event, table, register(event, table, name="Bo", email=ADDRESS), email="")
    tend_at([LATER], event, table, mailer)
    assert mailer.letters == []


@pytest.mark.parametrize("how", ["postponed", "taken by a sender that died"])
def test_a_receipt_that_was_on_its_way_when_its_registration_went_is_dropped(
    event: Event, table: TableInMemory, mailer: RecordingMailer, how: str
) -> None:
    receipt = register(event, table, email=ADDRESS)
    if how == "postponed":
        tend_at([NOW], event, table, RecordingMailer(MailNotTaken(Fault.THROTTLED)))
    else:
        outbox.lease(table, leased(outbox.due(table, NOW)[0], NOW, "somebody"))
    registering.cancel(Context(NOW, event, table), receipt.token, 1)
    steps = tend_at(minutes_from(NOW + MINUTE, 20), event, table, mailer)
    assert mailer.letters == []
    assert [step.partition(" ")[2].partition(":")[0] for step in steps] == ["dropped"]
    assert outbox.due(table, NOW + timedelta(days=9)) == []
    assert table.database.keys("LINK#") == []


@pytest.mark.parametrize("gone", [True, False])
def test_what_happens_while_its_receipt_is_written_is_seen(
    event: Event, table: TableInMemory, mailer: RecordingMailer, *, gone: bool
) -> None:
    receipt = register(event, table, email=ADDRESS)
    key = hashed(receipt.token)

    def overtake() -> None:
        if gone:
            registrations.remove(table, key, receipt.registration)
        else:
            registrations.link(table, "another", key, receipt.registration)

    table.database.on("TransactWriteItems", "LINK#", overtake)
    (step,) = tend_at([NOW], event, table, mailer)
    assert ("dropped" in step) is gone
    assert len(mailer.letters) == (not gone)
    assert len(table.database.keys("LINK#")) == (0 if gone else 2)


def test_a_new_address_gets_a_receipt_and_an_old_one_not_again(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    receipt = register(event, table, email=ADDRESS)
    tend_at([NOW], event, table, mailer)
    change(event, table, receipt, diet="halal")
    tend_at([LATER], event, table, mailer)
    change(event, table, receipt, revision=2, email="new@elsewhere.example", diet="halal")
    tend_at([LATER + MINUTE], event, table, mailer)
    assert [to for to, _ in mailer.letters] == [ADDRESS, "new@elsewhere.example"]


def test_a_receipt_in_doubt_is_not_sent_again(event: Event, table: Table) -> None:
    mailer = RecordingMailer(MailInDoubt("ReadTimeoutError"))
    register(event, table, email=ADDRESS)
    tend_at(minutes_from(NOW, 30), event, table, mailer)
    assert mailer.calls == 1
