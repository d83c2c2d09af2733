"""What `tend` does around the closing: reminders, change notices, reopening, alarms, doubts."""

import logging
import re
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from chalicelib.bootstrap import LateMailer
from chalicelib.control import BETWEEN_LOOKS, QUIET
from chalicelib.event import Contact, Event
from chalicelib.mail_faults import WORDS, Fault
from chalicelib.outbox import LEASE, Kind, MailInDoubt, MailNotTaken, OutboxMail
from chalicelib.registration import RegistrationClosed, hashed
from chalicelib.services import closing, mail_events, registering
from chalicelib.services.alarming import raise_alarm
from chalicelib.services.context import Context
from chalicelib.services.tending import CountFailed
from chalicelib.ses_events import read_ses_event
from chalicelib.stores import controls, mail_records, registrations
from chalicelib.table import StoreUnavailable, Table
from tests.driving import (
    MINUTE,
    SECOND,
    VISITOR,
    deliver_all,
    minutes_from,
    register,
    states,
    tend_at,
)
from tests.examples import NOW, VEGAN_WITHOUT_NUTS, registered
from tests.fakes import PickyMailer, RecordingMailer, TableInMemory
from tests.ses import ses_event
from tests.wire import refusing

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def subjects(mailer: RecordingMailer, to: str) -> list[str]:
    return [letter.subject for recipient, letter in mailer.letters if recipient == to]


def close_and_mail(event: Event, table: Table, mailer: RecordingMailer) -> tuple[str, datetime]:
    """The first contact person, and when the summaries had been sent."""
    done = event.closes_at + 5 * MINUTE
    tend_at(minutes_from(event.closes_at, 5), event, table, mailer)
    return event.contacts[0].email, done


def change_late(table: Table, receipt: registering.Receipt, at: datetime, **fields: Any) -> None:
    """A correction after the deadline, written as every write is once somebody has counted."""
    stored = registrations.find(table, hashed(receipt.token))
    assert stored
    answers = replace(stored.answers, **fields)
    changed = replace(stored, answers=answers, revision=stored.revision + 1, changed_at=at)
    told = controls.changed(controls.read(table), at)
    registrations.change(table, hashed(receipt.token), changed, told)


# Reminders


def test_contact_persons_are_reminded_7_and_1_days_before_the_deadline(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    first, second = event.closes_at - 8 * DAY, event.closes_at - 2 * DAY
    register(event, table, first - DAY)
    hours = [event.closes_at - 10 * DAY + n * HOUR for n in range(10 * 24 - 1)]
    steps = tend_at(hours, event, table, mailer)
    issued = [step for step in steps if "issued" in step]
    assert issued == [f"reminder-{first:%Y-%m-%d} issued", f"reminder-{second:%Y-%m-%d} issued"]
    for contact in event.contacts:
        numbers = "1 portion till lunch, 1 till fika, 1 svår allergi"
        subject = f"Hittills anmäld specialkost 31 maj: {numbers}"
        assert subjects(mailer, contact.email) == [subject, subject]


def test_a_reminder_that_could_not_be_sent_before_the_deadline_is_dropped(event: Event) -> None:
    table = TableInMemory(event)
    mailer = RecordingMailer(*[MailNotTaken(Fault.THROTTLED)] * 1000)
    tend_at([event.closes_at - 2 * DAY + 9 * HOUR], event, table, mailer)
    hourly = [event.closes_at - 2 * DAY + (10 + n) * HOUR for n in range(39)]
    tend_at(hourly, event, table, mailer)
    working = RecordingMailer()
    tend_at(minutes_from(event.closes_at, 120), event, table, working)
    assert {tags["kind"] for tags in working.tags} == {"summary", "alarm"}
    assert {state for id_, state in states(table).items() if "reminder" in id_} == {"dropped"}


# Change notices


def test_a_correction_after_the_summary_makes_one_change_notice_after_ten_quiet_minutes(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    receipt = register(event, table)
    contact, done = close_and_mail(event, table, mailer)
    change_late(table, receipt, done, diet="halal")
    tend_at(minutes_from(done, 10), event, table, mailer)
    assert len(subjects(mailer, contact)) == 1
    tend_at(minutes_from(done + QUIET, 24 * 60), event, table, mailer)
    assert subjects(mailer, contact) == [
        "Specialkost 31 maj: 1 portion till lunch, 1 till fika, 1 svår allergi",
        "Ändrad specialkost 31 maj: 1 portion till lunch, 1 till fika, 1 svår allergi",
    ]
    notice = next(one.text for _, one in mailer.letters if one.subject.startswith("Ändrad"))
    assert "−1 ALLVARLIG ALLERGI, vegansk + utan nötter" in notice
    assert "+1 ALLVARLIG ALLERGI, halal + utan nötter" in notice
    assert "Version 2" in notice
    assert states(table)["change-2-1"] == "sent"


def test_a_correction_that_is_taken_back_is_told_to_nobody(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    receipt = register(event, table)
    contact, done = close_and_mail(event, table, mailer)
    change_late(table, receipt, done, diet="halal")
    change_late(table, receipt, done + MINUTE, diet="vegan")
    steps = tend_at(minutes_from(done, 30), event, table, mailer)
    assert steps.count("nothing changed") == 1
    assert len(subjects(mailer, contact)) == 1


def test_a_second_change_is_told_against_the_first_notice(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    receipt = register(event, table)
    contact, done = close_and_mail(event, table, mailer)
    for number, diet in enumerate(("halal", "kosher")):
        at = done + number * HOUR
        change_late(table, receipt, at, diet=diet)
        tend_at(minutes_from(at, 60), event, table, mailer)
    assert len(subjects(mailer, contact)) == 3
    notice = mailer.letters[-1][1].text
    assert "sedan version 2" in notice
    assert "halal + utan nötter" in notice
    assert "vegan" not in notice.split("Här är alla siffror")[0]


def test_a_change_that_nobody_told_of_is_found_within_the_hour(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    contact, done = close_and_mail(event, table, mailer)
    registrations.add(table, hashed("by hand"), registered(VEGAN_WITHOUT_NUTS, "WXYV"))
    steps = tend_at(minutes_from(done, 59 + 11 + 1), event, table, mailer)
    assert "a change nobody told of was found" in steps
    assert len(subjects(mailer, contact)) == 2


def test_a_change_between_the_two_looks_is_in_the_summary_and_makes_no_notice(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    receipt = register(event, table)
    tend_at([event.closes_at, event.closes_at + 2 * MINUTE], event, table, mailer)
    change_late(table, receipt, event.closes_at + 150 * SECOND, diet="halal")
    tend_at(minutes_from(event.closes_at + 3 * MINUTE, 120), event, table, mailer)
    assert len(subjects(mailer, event.contacts[0].email)) == 1
    assert "Halal" in mailer.letters[0][1].text


def test_a_change_at_the_moment_of_the_summary_is_never_missed(
    event: Event, table: TableInMemory, mailer: RecordingMailer
) -> None:
    receipt, at = register(event, table), event.closes_at + 3 * MINUTE
    table.database.on(
        "TransactWriteItems", "CONTROL", lambda: change_late(table, receipt, at, diet="halal")
    )
    tend_at(minutes_from(event.closes_at, 20), event, table, mailer)
    assert len(mailer.letters) == len(event.contacts)
    assert "Halal" in mailer.letters[0][1].text


def test_nothing_is_told_once_the_event_is_over(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    receipt = register(event, table)
    close_and_mail(event, table, mailer)
    change_late(table, receipt, event.ends_at, diet="halal")
    assert tend_at(minutes_from(event.ends_at, 120), event, table, mailer) == []


def test_a_quiet_day_is_looked_at_once_an_hour(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    _, done = close_and_mail(event, table, mailer)
    deliver_all(table)
    steps = Counter(tend_at(minutes_from(done, 24 * 60), event, table, mailer))
    assert steps == {"nothing changed": 24, "followed up": 24}
    assert timedelta(hours=1) == BETWEEN_LOOKS


# Closing early, and reopening


def test_closing_early_closes_at_once_and_the_summary_follows(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    register(event, table)
    assert closing.close_now(Context(NOW, event, table)) == NOW
    with pytest.raises(RegistrationClosed):
        register(event, table, NOW, name="Bo")
    tend_at(minutes_from(NOW, 5), event, table, mailer)
    assert len(mailer.letters) == len(event.contacts)
    deliver_all(table)
    tend_at(minutes_from(event.closes_at, 30), event, table, mailer)
    assert len(mailer.letters) == len(event.contacts)


def test_after_reopening_the_later_summary_says_that_it_replaces_the_first(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    register(event, table)
    contact, done = close_and_mail(event, table, mailer)
    until = done + DAY
    closing.reopen(Context(done, event, table), until)
    register(event, table, until - SECOND, name="Bo")
    with pytest.raises(RegistrationClosed):
        register(event, table, until, name="Cia")
    tend_at(minutes_from(done, 60), event, table, mailer)
    assert len(subjects(mailer, contact)) == 1
    tend_at(minutes_from(until, 60), event, table, mailer)
    assert len(subjects(mailer, contact)) == 2
    later = mailer.letters[-1][1].text
    assert "Det ersätter version 1" in later
    assert "Antal anmälningar: 2\n" in later
    assert states(table)["summary-2-1"] == "sent"


def test_a_summary_not_yet_sent_when_it_is_reopened_is_not_sent(event: Event) -> None:
    table, mailer = TableInMemory(event), RecordingMailer(*[MailNotTaken(Fault.THROTTLED)] * 2)
    start = event.closes_at + 3 * MINUTE
    tend_at([event.closes_at + 2 * MINUTE, start], event, table, mailer)
    closing.reopen(Context(start + SECOND, event, table), start + DAY)
    tend_at(minutes_from(start, 60), event, table, mailer)
    assert mailer.letters == []
    assert set(states(table).values()) == {"dropped"}


# What SES says no to


@pytest.fixture
def three(event: Event) -> Event:
    third = Contact("Bo Ek", "Kommunkansliet", ("033-35 70 00",), "bo.ek@boras.example")
    return replace(event, contacts=(*event.contacts, third))


def tell(event: Event, table: Table, text: str, now: datetime) -> None:
    mail_events.record_mail_event(Context(now, event, table), read_ses_event(text))


def suppressed(event: Event, number: int, mail_id: str) -> str:
    return ses_event(
        "Bounce",
        mail_id,
        to=event.contacts[number].email,
        at=event.closes_at + 4 * MINUTE,
        bounceType="Permanent",
        bounceSubType="OnAccountSuppressionList",
    )


def test_of_three_contact_persons_one_malformed_and_one_suppressed_the_third_gets_the_mail(
    three: Event, table: Table
) -> None:
    malformed, _, well = (contact.email for contact in three.contacts)
    mailer = PickyMailer({malformed: MailNotTaken(Fault.BAD_REQUEST, "BadRequestException")})
    receipt = register(three, table)
    tend_at(minutes_from(three.closes_at, 4), three, table, mailer)
    for _ in range(2):
        tell(three, table, suppressed(three, 1, "summary-1-2"), three.closes_at + 5 * MINUTE)
        delivery = ses_event("Delivery", "summary-1-3", to=well, at=three.closes_at + 4 * MINUTE)
        tell(three, table, delivery, three.closes_at + 5 * MINUTE)
    tend_at(minutes_from(three.closes_at + 5 * MINUTE, 5), three, table, mailer)
    assert states(table) == {"summary-1-2": "bounced", "summary-1-3": "delivered"}
    assert len(subjects(mailer, well)) == 1
    alarms = [letter.text for to, letter in mailer.letters if to == three.operator]
    assert len(alarms) == 2
    assert "nummer 1" in alarms[0]
    assert WORDS[Fault.BAD_REQUEST] in alarms[0]
    assert "nummer 2" in alarms[1]
    assert WORDS[Fault.SUPPRESSED] in alarms[1]
    assert not any(contact.email in text for text in alarms for contact in three.contacts)
    # The next mail tells the others.
    at = three.closes_at + HOUR
    change_late(table, receipt, at, diet="halal")
    tend_at(minutes_from(at, 12), three, table, mailer)
    notice = [letter for to, letter in mailer.letters if to == well][-1]
    assert f"inte fram till {three.contacts[1].name}." in notice.text


def test_throttled_for_half_an_hour_and_then_fine_each_summary_is_sent_once(
    event: Event, table: Table
) -> None:
    everybody = {contact.email: MailNotTaken(Fault.THROTTLED) for contact in event.contacts}
    mailer = PickyMailer(dict(everybody))
    start = event.closes_at + 3 * MINUTE
    tend_at(minutes_from(event.closes_at, 33), event, table, mailer)
    assert mailer.letters == []
    assert mailer.calls > len(event.contacts)
    mailer.refused.clear()
    tend_at(minutes_from(start + 30 * MINUTE, 120), event, table, mailer)
    assert sorted(to for to, _ in mailer.letters) == sorted(everybody)
    assert not any("Kopia" in letter.subject for _, letter in mailer.letters)


def test_while_there_can_be_no_mailer_nothing_counts_as_sent_and_all_goes_once_it_is_mended(
    event: Event, table: Table
) -> None:
    good = RecordingMailer()

    class Parts:
        is_mended = False

        @property
        def mailer(self) -> RecordingMailer:
            if not self.is_mended:
                raise ImportError("no library")
            return good

    parts = Parts()
    late: Any = LateMailer(cast("Any", parts))
    tend_at(minutes_from(event.closes_at, 37), event, table, late)
    parts.is_mended = True
    tend_at(minutes_from(event.closes_at + HOUR, 60), event, table, late)
    told = [letter.subject for _, letter in good.letters]
    assert [one for one in told if one.startswith("Specialkost")] == [
        "Specialkost 31 maj: ingen har anmält specialkost" for _ in event.contacts
    ]
    assert set(states(table).values()) == {"sent"}


def test_a_paused_account_raises_one_alarm_and_the_summary_goes_when_it_is_mended(
    event: Event, table: Table
) -> None:
    contact = event.contacts[0].email
    mailer = PickyMailer({contact: MailNotTaken(Fault.PAUSED, "SendingPausedException")})
    tend_at(minutes_from(event.closes_at, 180), event, table, mailer)
    alarms = subjects(mailer, event.operator)
    assert alarms == ["Larm från Dukat: sammanställningen av specialkost har inte gått att skicka"]
    mailer.refused.clear()
    tend_at(minutes_from(event.closes_at + 3 * HOUR, 61), event, table, mailer)
    assert len(subjects(mailer, contact)) == 1


def test_after_three_days_a_mail_is_given_up_and_that_is_told(event: Event, table: Table) -> None:
    mailer = PickyMailer({event.contacts[0].email: MailNotTaken(Fault.REJECTED)})
    hourly = [event.closes_at + 3 * MINUTE + n * HOUR for n in range(24 * 5)]
    tend_at([event.closes_at + 2 * MINUTE, hourly[0]], event, table, mailer)
    deliver_all(table)
    tend_at(hourly[1:], event, table, mailer)
    assert states(table)["summary-1-1"] == "failed"
    assert len(subjects(mailer, event.operator)) == 2


def test_receipts_that_a_paused_account_stops_are_one_alarm_a_day_and_go_later(
    event: Event, table: Table
) -> None:
    addresses = [f"guest{n}@elsewhere.example" for n in range(3)]
    mailer = PickyMailer({to: MailNotTaken(Fault.PAUSED) for to in addresses})
    for to in addresses:
        register(event, table, name=to, email=to)
    tend_at(minutes_from(NOW, 30), event, table, mailer)
    assert len(subjects(mailer, event.operator)) == 1
    alarm = mailer.letters[0][1]
    assert alarm.subject == ("Larm från Dukat: kvittomejlen till anmälda har inte gått att skicka")
    assert not any(to in alarm.text for to in addresses)
    mailer.refused.clear()
    tend_at(minutes_from(NOW + 30 * MINUTE, 60), event, table, mailer)
    assert {to for to, _ in mailer.letters} == {*addresses, event.operator}


# What SES tells


def test_a_doubt_that_ses_settles_is_not_sent_again(event: Event, table: Table) -> None:
    mailer = RecordingMailer(MailInDoubt("ReadTimeoutError"))
    start = event.closes_at + 3 * MINUTE
    tend_at([event.closes_at + 2 * MINUTE, start], event, table, mailer)
    contact = event.contacts[0].email
    tell(event, table, ses_event("Delivery", "summary-1-1", to=contact, at=start), start + SECOND)
    steps = tend_at(minutes_from(start + LEASE, 30), event, table, mailer)
    assert steps == ["summary-1-1 was sent before, as SES told"]
    assert subjects(mailer, contact) == []
    assert states(table)["summary-1-1"] == "delivered"
    record = mail_records.find(table, Kind.SUMMARY, "summary-1-1")
    assert record
    assert (record.message_id, record.sent_at) == ("message-1", start)


@pytest.mark.parametrize(
    ("event_type", "details", "fault"),
    [
        ("Bounce", {"bounceType": "Permanent"}, Fault.BOUNCED),
        ("Bounce", {"bounceType": "Transient"}, Fault.SOFT_BOUNCED),
        ("Complaint", {}, Fault.COMPLAINT),
        ("Reject", {}, Fault.DISCARDED),
    ],
)
def test_what_a_contact_person_did_not_get_or_want_raises_one_alarm(
    event: Event,
    table: Table,
    mailer: RecordingMailer,
    event_type: str,
    details: dict[str, Any],
    fault: Fault,
) -> None:
    _, done = close_and_mail(event, table, mailer)
    text = ses_event(event_type, "summary-1-2", to=event.contacts[1].email, at=done, **details)
    for _ in range(3):
        tell(event, table, text, done)
    tend_at(minutes_from(done, 3), event, table, mailer)
    (alarm,) = (letter for to, letter in mailer.letters if to == event.operator)
    assert WORDS[fault] in alarm.text
    assert "nummer 2" in alarm.text


def test_a_notice_of_absence_after_the_delivery_is_no_alarm(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    contact, done = close_and_mail(event, table, mailer)
    tell(event, table, ses_event("Delivery", to=contact), done)
    tell(event, table, ses_event("Bounce", to=contact, bounceType="Transient"), done)
    tend_at(minutes_from(done, 3), event, table, mailer)
    assert subjects(mailer, event.operator) == []
    assert states(table)["summary-1-1"] == "delivered"


@pytest.mark.parametrize("kind", ["receipt", "alarm", "test"])
def test_a_bounced_receipt_alarm_or_test_raises_no_alarm(
    event: Event, table: Table, mailer: RecordingMailer, kind: str
) -> None:
    text = ses_event("Bounce", f"{kind}-1", kind=kind, to="x@y.example", bounceType="Permanent")
    tell(event, table, text, NOW)
    assert tend_at([NOW], event, table, mailer) == []


def test_what_ses_tells_is_logged_without_an_address_and_what_is_wrong_as_an_error(
    event: Event, table: Table, logged: list[logging.LogRecord]
) -> None:
    to = event.contacts[0].email
    tell(event, table, ses_event("Delivery", to=to), NOW)
    tell(event, table, ses_event("Bounce", "summary-1-2", to=to, bounceType="Permanent"), NOW)
    tell(event, table, "Successfully validated SNS topic", NOW)
    assert [(one.levelname, one.getMessage()) for one in logged] == [
        ("INFO", "mail event: summary-1-1 Delivery"),
        ("ERROR", "mail event: summary-1-2 bounced"),
        ("WARNING", "mail event: not about a mail of this event"),
    ]
    assert [one.facts for one in logged] == [  # type: ignore[attr-defined]
        {"what": "mail event", "outcome": "Delivery", "about": "summary-1-1", "alarming": False},
        {"what": "mail event", "outcome": "bounced", "about": "summary-1-2", "alarming": True},
        {"what": "mail event", "outcome": "not about a mail of this event"},
    ]


def test_a_mail_that_cannot_be_written_holds_up_no_other(
    event: Event, table: TableInMemory, mailer: RecordingMailer, logged: list[logging.LogRecord]
) -> None:
    broken = OutboxMail("alarm-1", Kind.ALARM, event.operator, NOW, about="broken")
    raise_alarm(Context(NOW, event, table), broken, Fault.BOUNCED, going_on=False)
    table.database.damage("ALARM#", fault={"S": "MARKNAME"})
    tend_at(minutes_from(event.closes_at, 5), event, table, mailer)
    assert {to for to, _ in mailer.letters} == {contact.email for contact in event.contacts}
    (error,) = {one.getMessage() for one in logged if one.levelname == "ERROR"}
    assert re.fullmatch(
        r"tend: alarm-alarm-1-bounced postponed: unwritable ValueError at enum\.py:\d+", error
    )


# What a second look at this found


@pytest.mark.parametrize("reopened", [False, True], ids=["changed", "reopened"])
def test_an_older_summary_is_never_sent_after_a_newer_one(
    event: Event,
    table: Table,
    reopened: bool,  # noqa: FBT001
) -> None:
    receipt = register(event, table)
    second = event.contacts[1].email
    mailer = PickyMailer({second: MailNotTaken(Fault.PAUSED)})
    tend_at(minutes_from(event.closes_at, 120), event, table, mailer)
    at = event.closes_at + 2 * HOUR
    if reopened:
        closing.reopen(Context(at, event, table), at + 10 * MINUTE)
        register(event, table, at, name="Bo")
    else:
        change_late(table, receipt, at, diet="halal")
    tend_at(minutes_from(at, 9), event, table, mailer)
    mailer.refused.clear()
    tend_at(minutes_from(at + 9 * MINUTE, 240), event, table, mailer)
    told = [letter.text for to, letter in mailer.letters if to == second]
    assert ["Version 2" in text for text in told] == [True]
    assert states(table)["summary-1-2"] == "dropped"


def test_a_summary_that_cannot_be_written_raises_the_alarm_and_goes_when_it_can_be(
    event: Event, table: TableInMemory, mailer: RecordingMailer
) -> None:
    whole: list[Any] = []

    def damage() -> None:
        whole.extend(table.database.damage("TALLY#", tally={"S": "MARKNAME"}))

    table.database.on("TransactWriteItems", "CONTROL", damage)
    tend_at(minutes_from(event.closes_at, 30), event, table, mailer)
    assert {to for to, _ in mailer.letters} == {event.operator}
    assert len(mailer.letters) == len(event.contacts)
    assert WORDS[Fault.UNWRITABLE] in mailer.letters[0][1].text
    for item in whole:
        table.database.put(item)
    tend_at(minutes_from(event.closes_at + 30 * MINUTE, 60), event, table, mailer)
    for contact in event.contacts:
        assert len(subjects(mailer, contact.email)) == 1


def test_a_fault_around_the_closing_stops_no_mail_and_raises_one_alarm_a_day(
    event: Event, table: TableInMemory, mailer: RecordingMailer
) -> None:
    reminded = event.closes_at - 8 * DAY + 8 * HOUR
    tend_at([reminded], event, table, mailer)
    mailer.letters.clear()
    register(event, table, reminded + MINUTE, email="asa@elsewhere.example")
    table.database.damage("MAIL#contact#", kind={"S": "MARKNAME"})  # what the follow-up reads
    for now in minutes_from(reminded + HOUR, 30):
        with pytest.raises(CountFailed) as failed:
            tend_at([now], event, table, mailer)
        assert "MARKNAME" not in str(failed.value)
        assert failed.value.__suppress_context__
    assert [to for to, _ in mailer.letters] == [event.operator, "asa@elsewhere.example"]
    assert WORDS[Fault.UNCOUNTABLE] in mailer.letters[0][1].text


def test_a_table_that_does_not_answer_the_count_stops_no_mail(
    event: Event, table: TableInMemory, mailer: RecordingMailer
) -> None:
    register(event, table, event.closes_at - SECOND, email="asa@elsewhere.example")
    table.database.on("Query", "REG#", refusing("ThrottlingException"))
    with pytest.raises(StoreUnavailable):
        tend_at([event.closes_at + 2 * MINUTE], event, table, mailer)
    assert [to for to, _ in mailer.letters] == ["asa@elsewhere.example"]


def test_an_alarm_that_could_not_be_raised_is_raised_by_the_follow_up(
    event: Event, table: TableInMemory, mailer: RecordingMailer
) -> None:
    _, done = close_and_mail(event, table, mailer)
    deliver_all(table)
    text = ses_event("Complaint", "summary-1-2", to=event.contacts[1].email, at=done)
    table.database.on("TransactWriteItems", "ALARM#", refusing("ThrottlingException"))
    with pytest.raises(StoreUnavailable):
        tell(event, table, text, done)
    tend_at(minutes_from(done, 62), event, table, mailer)
    (alarm,) = (letter for to, letter in mailer.letters if to == event.operator)
    assert WORDS[Fault.COMPLAINT] in alarm.text


def test_a_mail_of_which_ses_tells_nothing_is_told_of_once(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    contact, done = close_and_mail(event, table, mailer)
    tell(event, table, ses_event("Delivery", to=contact, at=done), done)
    tend_at(minutes_from(done, 24 * 60), event, table, mailer)
    (alarm,) = (letter for to, letter in mailer.letters if to == event.operator)
    assert WORDS[Fault.UNCONFIRMED] in alarm.text
    assert "nummer 2" in alarm.text


def test_a_copy_that_was_postponed_is_not_sent_once_ses_has_told_of_the_first(
    event: Event, table: Table
) -> None:
    contact = event.contacts[0].email
    mailer = PickyMailer({contact: MailInDoubt("ReadTimeoutError")})
    start = event.closes_at + 3 * MINUTE
    tend_at([event.closes_at + 2 * MINUTE, start], event, table, mailer)
    mailer.refused[contact] = MailNotTaken(Fault.THROTTLED)
    tend_at([start + LEASE], event, table, mailer)
    tell(event, table, ses_event("Delivery", to=contact, at=start), start + LEASE)
    mailer.refused.clear()
    tend_at(minutes_from(start + LEASE + MINUTE, 30), event, table, mailer)
    assert subjects(mailer, contact) == []
    assert states(table)["summary-1-1"] == "delivered"


def test_a_reminder_whose_numbers_are_a_day_old_is_not_sent(event: Event) -> None:
    table = TableInMemory(event)
    everybody = {contact.email: MailNotTaken(Fault.PAUSED) for contact in event.contacts}
    mailer = PickyMailer(dict(everybody))
    at = event.closes_at - 8 * DAY + 8 * HOUR
    tend_at([at + n * HOUR for n in range(24)], event, table, mailer)
    mailer.refused.clear()
    tend_at([at + (24 + n) * HOUR for n in range(24)], event, table, mailer)
    assert not any(subjects(mailer, to) for to in everybody)
    assert set(states(table).values()) == {"dropped"}


def test_receipts_that_are_all_rejected_raise_an_alarm_each_day_and_are_kept(
    event: Event, table: Table
) -> None:
    mailer = PickyMailer({"asa@elsewhere.example": MailNotTaken(Fault.REJECTED)})
    register(event, table, email="asa@elsewhere.example")
    tend_at([NOW + n * HOUR for n in range(30)], event, table, mailer)
    assert len(subjects(mailer, event.operator)) == 2
    mailer.refused.clear()
    tend_at([NOW + 31 * HOUR], event, table, mailer)
    assert len(subjects(mailer, "asa@elsewhere.example")) == 1


@pytest.mark.parametrize("going_on", [True, False])
def test_an_alarm_promises_to_go_on_only_if_it_does(
    event: Event,
    table: Table,
    going_on: bool,  # noqa: FBT001
) -> None:
    contact = event.contacts[0].email
    fault: Exception = MailNotTaken(Fault.PAUSED) if going_on else MailInDoubt("ReadTimeoutError")
    mailer = PickyMailer({contact: fault})
    tend_at(minutes_from(event.closes_at, 60), event, table, mailer)
    (alarm,) = (letter for to, letter in mailer.letters if to == event.operator)
    assert ("har inte gått att skicka" in alarm.text) is going_on
    assert ("fortsätter att försöka" in alarm.text) is going_on


def test_nobody_is_told_that_their_own_mail_does_not_get_through(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    receipt = register(event, table)
    _, done = close_and_mail(event, table, mailer)
    unreached = event.contacts[1]
    bounce = ses_event("Bounce", "summary-1-2", to=unreached.email, bounceType="Permanent")
    tell(event, table, bounce, done)
    change_late(table, receipt, done, diet="halal")
    tend_at(minutes_from(done, 12), event, table, mailer)
    texts = {to: letter.text for to, letter in mailer.letters if "Ändrad" in letter.subject}
    assert "inte fram till" in texts[event.contacts[0].email]
    assert "inte fram till" not in texts[unreached.email]


@pytest.mark.parametrize("write", ["register", "change", "cancel"])
def test_every_write_after_somebody_has_counted_leads_to_a_change_notice(
    event: Event, table: Table, mailer: RecordingMailer, write: str
) -> None:
    in_time = event.closes_at - SECOND
    receipt = register(event, table, in_time)
    contact, done = close_and_mail(event, table, mailer)
    answers = replace(receipt.registration.answers, diet="halal")
    context = Context(in_time, event, table)
    if write == "register":
        register(event, table, in_time, name="Bo")
    elif write == "change":
        registering.change(context, receipt.token, answers, 1, VISITOR)
    else:
        registering.cancel(context, receipt.token, 1)
    assert controls.read(table).changed_at == in_time
    tend_at(minutes_from(done, 12), event, table, mailer)
    assert len(subjects(mailer, contact)) == 2
