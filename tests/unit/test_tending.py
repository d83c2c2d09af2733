"""What `tend` does around the closing: reminders, change notices, reopening, alarms, doubts."""

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib import services
from chalicelib.control import BETWEEN_LOOKS, QUIET, State
from chalicelib.event import Contact, Event
from chalicelib.mail_faults import WORDS, Fault
from chalicelib.outbox import LEASE, Kind, Letter, MailInDoubt, MailNotTaken, OutboxMail
from chalicelib.registration import RegistrationClosed, hashed
from chalicelib.ses_events import read_ses_event
from tests.driving import MINUTE, SECOND, minutes_from, register, states, tend_at
from tests.examples import NOW, VEGAN_WITHOUT_NUTS, registered
from tests.fakes import InMemoryStore, PickyMailer, RecordingMailer
from tests.ses import ses_event

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def store() -> InMemoryStore:
    return InMemoryStore()


@pytest.fixture
def mailer() -> RecordingMailer:
    return RecordingMailer()


def subjects(mailer: RecordingMailer, to: str) -> list[str]:
    return [letter.subject for recipient, letter in mailer.letters if recipient == to]


def close_and_mail(
    event: Event, store: InMemoryStore, mailer: RecordingMailer
) -> tuple[str, datetime]:
    """The first contact person, and when the summaries had been sent."""
    done = event.closes_at + 5 * MINUTE
    tend_at(minutes_from(event.closes_at, 5), event, store, mailer)
    return event.contacts[0].email, done


def change_late(
    store: InMemoryStore, receipt: services.Receipt, at: datetime, **fields: Any
) -> None:
    """A correction after the deadline, written as every write is once somebody has counted."""
    stored = services.find(receipt.token, store=store)
    assert stored
    answers = replace(stored.answers, **fields)
    changed = replace(stored, answers=answers, revision=stored.revision + 1, changed_at=at)
    late_at = at if store.control().must_know_of_writes else None
    store.change(hashed(receipt.token), changed, [], late_at)


# Reminders


def test_contact_persons_are_reminded_7_and_1_days_before_the_deadline(
    event: Event, store: InMemoryStore, mailer: RecordingMailer
) -> None:
    first, second = event.closes_at - 8 * DAY, event.closes_at - 2 * DAY
    register(event, store, first - DAY)
    hours = [event.closes_at - 10 * DAY + n * HOUR for n in range(10 * 24 - 1)]
    steps = tend_at(hours, event, store, mailer)
    issued = [step for step in steps if "issued" in step]
    assert issued == [f"reminder-{first:%Y-%m-%d} issued", f"reminder-{second:%Y-%m-%d} issued"]
    for contact in event.contacts:
        numbers = "1 portion till lunch, 1 till fika, 1 svår allergi"
        subject = f"Hittills anmäld specialkost 31 maj: {numbers}"
        assert subjects(mailer, contact.email) == [subject, subject]


def test_a_reminder_comes_also_when_nobody_has_registered(
    event: Event, store: InMemoryStore, mailer: RecordingMailer
) -> None:
    tend_at([event.closes_at - 8 * DAY + 9 * HOUR], event, store, mailer)
    assert {letter.subject for _, letter in mailer.letters} == {
        "Hittills anmäld specialkost 31 maj: ingen har anmält specialkost"
    }


def test_a_reminder_that_could_not_be_sent_before_the_deadline_is_dropped(event: Event) -> None:
    store = InMemoryStore()
    mailer = RecordingMailer(*[MailNotTaken(Fault.THROTTLED)] * 1000)
    tend_at([event.closes_at - 2 * DAY + 9 * HOUR], event, store, mailer)
    hourly = [event.closes_at - 2 * DAY + (10 + n) * HOUR for n in range(39)]
    tend_at(hourly, event, store, mailer)
    working = RecordingMailer()
    tend_at(minutes_from(event.closes_at, 120), event, store, working)
    assert {tags["kind"] for tags in working.tags} == {"summary", "alarm"}
    assert {state for id_, state in states(store).items() if "reminder" in id_} == {"dropped"}


# Change notices


def test_a_correction_after_the_summary_makes_one_change_notice_after_ten_quiet_minutes(
    event: Event, store: InMemoryStore, mailer: RecordingMailer
) -> None:
    receipt = register(event, store)
    contact, done = close_and_mail(event, store, mailer)
    change_late(store, receipt, done, diet="halal")
    tend_at(minutes_from(done, 10), event, store, mailer)
    assert len(subjects(mailer, contact)) == 1
    tend_at(minutes_from(done + QUIET, 24 * 60), event, store, mailer)
    assert subjects(mailer, contact) == [
        "Specialkost 31 maj: 1 portion till lunch, 1 till fika, 1 svår allergi",
        "Ändrad specialkost 31 maj, nu 1 portion till lunch, 1 till fika, 1 svår allergi",
    ]
    notice = mailer.letters[-1][1].text
    assert "−1 ALLVARLIG ALLERGI, vegansk + utan nötter" in notice
    assert "+1 ALLVARLIG ALLERGI, halal + utan nötter" in notice
    assert "Version 2" in notice
    assert states(store)["change-2-1"] == "sent"


def test_ten_minutes_are_counted_from_the_last_of_several_corrections(
    event: Event, store: InMemoryStore, mailer: RecordingMailer
) -> None:
    receipt = register(event, store)
    contact, done = close_and_mail(event, store, mailer)
    for number, diet in enumerate(("halal", "kosher", "vegetarian")):
        at = done + number * 9 * MINUTE
        change_late(store, receipt, at, diet=diet)
        tend_at(minutes_from(at, 9), event, store, mailer)
    assert len(subjects(mailer, contact)) == 1
    tend_at(minutes_from(done + 27 * MINUTE, 60), event, store, mailer)
    assert len(subjects(mailer, contact)) == 2
    assert "vegetarisk" in mailer.letters[-1][1].text
    assert "kosher till" not in mailer.letters[-1][1].text


def test_a_correction_that_is_taken_back_is_told_to_nobody(
    event: Event, store: InMemoryStore, mailer: RecordingMailer
) -> None:
    receipt = register(event, store)
    contact, done = close_and_mail(event, store, mailer)
    change_late(store, receipt, done, diet="halal")
    change_late(store, receipt, done + MINUTE, diet="vegan")
    steps = tend_at(minutes_from(done, 30), event, store, mailer)
    assert "nothing changed" in steps
    assert len(subjects(mailer, contact)) == 1


def test_a_second_change_is_told_against_the_first_notice(
    event: Event, store: InMemoryStore, mailer: RecordingMailer
) -> None:
    receipt = register(event, store)
    contact, done = close_and_mail(event, store, mailer)
    for number, diet in enumerate(("halal", "kosher")):
        at = done + number * HOUR
        change_late(store, receipt, at, diet=diet)
        tend_at(minutes_from(at, 60), event, store, mailer)
    assert len(subjects(mailer, contact)) == 3
    notice = mailer.letters[-1][1].text
    assert "sedan version 2" in notice
    assert "halal + utan nötter" in notice
    assert "vegan" not in notice.split("Här är alla siffror")[0]


def test_a_change_that_nobody_told_of_is_found_within_the_hour(
    event: Event, store: InMemoryStore, mailer: RecordingMailer
) -> None:
    contact, done = close_and_mail(event, store, mailer)
    store.add(hashed("by hand"), registered(VEGAN_WITHOUT_NUTS, "WXYV"))
    steps = tend_at(minutes_from(done, 59 + 11 + 1), event, store, mailer)
    assert "a change nobody told of was found" in steps
    assert len(subjects(mailer, contact)) == 2


def test_a_change_between_the_two_looks_is_in_the_summary_and_makes_no_notice(
    event: Event, store: InMemoryStore, mailer: RecordingMailer
) -> None:
    receipt = register(event, store)
    tend_at([event.closes_at, event.closes_at + 2 * MINUTE], event, store, mailer)
    change_late(store, receipt, event.closes_at + 150 * SECOND, diet="halal")
    tend_at(minutes_from(event.closes_at + 3 * MINUTE, 120), event, store, mailer)
    assert len(subjects(mailer, event.contacts[0].email)) == 1
    assert "Halal" in mailer.letters[0][1].text


def test_a_change_at_the_moment_of_the_summary_is_never_missed(event: Event) -> None:
    class Overtaken(InMemoryStore):
        def issue(self, control: Any, mails: list[OutboxMail]) -> None:
            if receipts:
                change_late(self, receipts.pop(), event.closes_at + 3 * MINUTE, diet="halal")
            super().issue(control, mails)

    store, mailer = Overtaken(), RecordingMailer()
    receipts = [register(event, store)]
    tend_at(minutes_from(event.closes_at, 20), event, store, mailer)
    assert not receipts
    assert len(mailer.letters) == len(event.contacts)
    assert "Halal" in mailer.letters[0][1].text


def test_nothing_is_told_once_the_event_is_over(
    event: Event, store: InMemoryStore, mailer: RecordingMailer
) -> None:
    receipt = register(event, store)
    close_and_mail(event, store, mailer)
    change_late(store, receipt, event.ends_at, diet="halal")
    assert tend_at(minutes_from(event.ends_at, 120), event, store, mailer) == []


def test_a_quiet_day_is_looked_at_once_an_hour(
    event: Event, store: InMemoryStore, mailer: RecordingMailer
) -> None:
    _, done = close_and_mail(event, store, mailer)
    steps = tend_at(minutes_from(done, 24 * 60), event, store, mailer)
    assert set(steps) == {"nothing changed"}
    assert len(steps) == 24
    assert timedelta(hours=1) == BETWEEN_LOOKS


# Closing early, and reopening


def test_closing_early_closes_at_once_and_the_summary_follows(
    event: Event, store: InMemoryStore, mailer: RecordingMailer
) -> None:
    register(event, store)
    assert services.close_now(now=NOW, event=event, store=store) == NOW
    with pytest.raises(RegistrationClosed):
        register(event, store, NOW, name="Bo")
    tend_at(minutes_from(NOW, 5), event, store, mailer)
    assert len(mailer.letters) == len(event.contacts)
    tend_at(minutes_from(event.closes_at, 30), event, store, mailer)
    assert len(mailer.letters) == len(event.contacts)


def test_closing_what_is_closed_changes_nothing(event: Event, store: InMemoryStore) -> None:
    services.close_now(now=NOW, event=event, store=store)
    before = store.control()
    assert services.close_now(now=NOW + HOUR, event=event, store=store) == NOW
    assert store.control() == before


def test_after_the_deadline_closing_early_leaves_the_deadline(
    event: Event, store: InMemoryStore
) -> None:
    late = event.closes_at + SECOND
    assert services.close_now(now=late, event=event, store=store) == event.closes_at


def test_after_reopening_the_later_summary_says_that_it_replaces_the_first(
    event: Event, store: InMemoryStore, mailer: RecordingMailer
) -> None:
    register(event, store)
    contact, done = close_and_mail(event, store, mailer)
    until = done + DAY
    services.reopen(until, now=done, event=event, store=store)
    register(event, store, until - SECOND, name="Bo")
    with pytest.raises(RegistrationClosed):
        register(event, store, until, name="Cia")
    tend_at(minutes_from(done, 60), event, store, mailer)
    assert len(subjects(mailer, contact)) == 1
    tend_at(minutes_from(until, 60), event, store, mailer)
    assert len(subjects(mailer, contact)) == 2
    later = mailer.letters[-1][1].text
    assert "Det ersätter version 1" in later
    assert "Antal anmälningar: 2\n" in later
    assert states(store)["summary-2-1"] == "sent"


def test_a_reopened_event_closes_again_by_itself_and_is_not_open_for_ever(
    event: Event, store: InMemoryStore, mailer: RecordingMailer
) -> None:
    _, done = close_and_mail(event, store, mailer)
    for number in range(3):
        at = done + number * HOUR
        services.reopen(at + 10 * MINUTE, now=at, event=event, store=store)
        tend_at(minutes_from(at, 20), event, store, mailer)
        assert store.control().state is State.SUMMARISED
        assert store.control().version == number + 2


def test_a_summary_not_yet_sent_when_it_is_reopened_is_not_sent(event: Event) -> None:
    store, mailer = InMemoryStore(), RecordingMailer(*[MailNotTaken(Fault.THROTTLED)] * 2)
    start = event.closes_at + 3 * MINUTE
    tend_at([event.closes_at + 2 * MINUTE, start], event, store, mailer)
    services.reopen(start + DAY, now=start + SECOND, event=event, store=store)
    tend_at(minutes_from(start, 60), event, store, mailer)
    assert mailer.letters == []
    assert set(states(store).values()) == {"dropped"}


@pytest.mark.parametrize("until", [NOW, NOW - DAY])
def test_reopening_demands_a_deadline_to_come(
    event: Event, store: InMemoryStore, until: datetime
) -> None:
    with pytest.raises(services.DeadlineRefused):
        services.reopen(until, now=NOW, event=event, store=store)
    assert store.control().revision == 0


def test_nobody_registers_for_a_day_that_has_begun(event: Event, store: InMemoryStore) -> None:
    services.reopen(event.starts_at, now=NOW, event=event, store=store)
    with pytest.raises(services.DeadlineRefused):
        services.reopen(event.starts_at + SECOND, now=NOW, event=event, store=store)


# What SES says no to


@pytest.fixture
def three(event: Event) -> Event:
    third = Contact("Bo Ek", "Kommunkansliet", ("033-35 70 00",), "bo.ek@boras.example")
    return replace(event, contacts=(*event.contacts, third))


def tell(event: Event, store: InMemoryStore, text: str, now: datetime) -> None:
    services.record_mail_event(read_ses_event(text), now=now, event=event, store=store)


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
    three: Event, store: InMemoryStore
) -> None:
    malformed, _, well = (contact.email for contact in three.contacts)
    mailer = PickyMailer({malformed: MailNotTaken(Fault.BAD_REQUEST, "BadRequestException")})
    receipt = register(three, store)
    tend_at(minutes_from(three.closes_at, 4), three, store, mailer)
    for _ in range(2):
        tell(three, store, suppressed(three, 1, "summary-1-2"), three.closes_at + 5 * MINUTE)
        delivery = ses_event("Delivery", "summary-1-3", to=well, at=three.closes_at + 4 * MINUTE)
        tell(three, store, delivery, three.closes_at + 5 * MINUTE)
    tend_at(minutes_from(three.closes_at + 5 * MINUTE, 5), three, store, mailer)
    assert states(store) == {
        "summary-1-1": "failed", "summary-1-2": "bounced", "summary-1-3": "delivered",
    }  # fmt: skip
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
    change_late(store, receipt, at, diet="halal")
    tend_at(minutes_from(at, 12), three, store, mailer)
    notice = [letter for to, letter in mailer.letters if to == well][-1]
    for unreached in three.contacts[:2]:
        assert f"inte fram till {unreached.name}." in notice.text


def test_a_contact_person_who_is_reached_again_is_no_longer_told_of(
    three: Event, store: InMemoryStore, mailer: RecordingMailer
) -> None:
    receipt = register(three, store)
    tend_at(minutes_from(three.closes_at, 5), three, store, mailer)
    bounce = ses_event("Bounce", "summary-1-2", to=three.contacts[1].email,
                       at=three.closes_at + 4 * MINUTE, bounceType="Permanent")  # fmt: skip
    tell(three, store, bounce, three.closes_at + 5 * MINUTE)
    for number, diet in enumerate(("halal", "kosher"), 1):
        at = three.closes_at + number * HOUR
        change_late(store, receipt, at, diet=diet)
        tend_at(minutes_from(at, 12), three, store, mailer)
        delivery = ses_event("Delivery", f"change-{number + 1}-2", to=three.contacts[1].email,
                             kind="change", at=at + 20 * MINUTE)  # fmt: skip
        tell(three, store, delivery, at + 20 * MINUTE)
    to_first = [letter.text for to, letter in mailer.letters if to == three.contacts[0].email]
    told = ["inte fram till" in text for text in to_first]
    assert told == [False, True, False]


def test_throttled_for_half_an_hour_and_then_fine_each_summary_is_sent_once(
    event: Event, store: InMemoryStore
) -> None:
    everybody = {contact.email: MailNotTaken(Fault.THROTTLED) for contact in event.contacts}
    mailer = PickyMailer(dict(everybody))
    start = event.closes_at + 3 * MINUTE
    tend_at(minutes_from(event.closes_at, 33), event, store, mailer)
    assert mailer.letters == []
    assert mailer.calls > len(event.contacts)
    mailer.refused.clear()
    tend_at(minutes_from(start + 30 * MINUTE, 120), event, store, mailer)
    assert sorted(to for to, _ in mailer.letters) == sorted(everybody)
    assert not any("Kopia" in letter.subject for _, letter in mailer.letters)


def test_a_paused_account_raises_one_alarm_and_the_summary_goes_when_it_is_mended(
    event: Event, store: InMemoryStore
) -> None:
    contact = event.contacts[0].email
    mailer = PickyMailer({contact: MailNotTaken(Fault.PAUSED, "SendingPausedException")})
    tend_at(minutes_from(event.closes_at, 180), event, store, mailer)
    alarms = subjects(mailer, event.operator)
    assert alarms == ["Larm från Dukat: sammanställningen av specialkost har inte gått att skicka"]
    mailer.refused.clear()
    tend_at(minutes_from(event.closes_at + 3 * HOUR, 61), event, store, mailer)
    assert len(subjects(mailer, contact)) == 1


@pytest.mark.parametrize(
    "fault",
    [Fault.LIMIT, Fault.PAUSED, Fault.SUSPENDED, Fault.UNVERIFIED, Fault.NOT_ALLOWED,
     Fault.REJECTED, Fault.BAD_REQUEST],
)  # fmt: skip
def test_the_alarm_of_a_lasting_fault_is_raised_at_once(
    event: Event, store: InMemoryStore, fault: Fault
) -> None:
    mailer = PickyMailer({event.contacts[0].email: MailNotTaken(fault)})
    tend_at(minutes_from(event.closes_at, 5), event, store, mailer)
    (alarm,) = (letter for to, letter in mailer.letters if to == event.operator)
    assert WORDS[fault] in alarm.text


def test_a_throttling_that_lasts_is_told_to_the_operator_once(
    event: Event, store: InMemoryStore
) -> None:
    mailer = PickyMailer({event.contacts[0].email: MailNotTaken(Fault.THROTTLED)})
    tend_at(minutes_from(event.closes_at, 60), event, store, mailer)
    assert subjects(mailer, event.operator) == []
    tend_at(minutes_from(event.closes_at + HOUR, 240), event, store, mailer)
    assert len(subjects(mailer, event.operator)) == 1


def test_after_three_days_a_mail_is_given_up_and_that_is_told(
    event: Event, store: InMemoryStore
) -> None:
    mailer = PickyMailer({event.contacts[0].email: MailNotTaken(Fault.REJECTED)})
    hourly = [event.closes_at + 3 * MINUTE + n * HOUR for n in range(24 * 5)]
    tend_at([event.closes_at + 2 * MINUTE, *hourly], event, store, mailer)
    assert states(store)["summary-1-1"] == "failed"
    assert len(subjects(mailer, event.operator)) == 2


def test_receipts_that_a_paused_account_stops_are_one_alarm_a_day_and_go_later(
    event: Event, store: InMemoryStore
) -> None:
    addresses = [f"guest{n}@elsewhere.example" for n in range(3)]
    mailer = PickyMailer({to: MailNotTaken(Fault.PAUSED) for to in addresses})
    for to in addresses:
        register(event, store, name=to, email=to)
    tend_at(minutes_from(NOW, 30), event, store, mailer)
    assert len(subjects(mailer, event.operator)) == 1
    alarm = mailer.letters[0][1]
    assert alarm.subject == ("Larm från Dukat: kvittomejlen till anmälda har inte gått att skicka")
    assert not any(to in alarm.text for to in addresses)
    mailer.refused.clear()
    tend_at(minutes_from(NOW + 30 * MINUTE, 60), event, store, mailer)
    assert {to for to, _ in mailer.letters} == {*addresses, event.operator}


# What SES tells


def test_a_doubt_that_ses_settles_is_not_sent_again(event: Event, store: InMemoryStore) -> None:
    mailer = RecordingMailer(MailInDoubt("ReadTimeoutError"))
    start = event.closes_at + 3 * MINUTE
    tend_at([event.closes_at + 2 * MINUTE, start], event, store, mailer)
    contact = event.contacts[0].email
    tell(event, store, ses_event("Delivery", "summary-1-1", to=contact, at=start), start + SECOND)
    steps = tend_at(minutes_from(start + LEASE, 30), event, store, mailer)
    assert steps == ["summary-1-1 was sent before, as SES told"]
    assert subjects(mailer, contact) == []
    assert states(store)["summary-1-1"] == "delivered"
    record = store.mail_record(Kind.SUMMARY, "summary-1-1")
    assert record
    assert (record.message_id, record.sent_at) == ("message-1", start)


def test_an_event_before_the_record_of_sending_is_kept(event: Event, store: InMemoryStore) -> None:
    contact = event.contacts[0].email

    class Eager(RecordingMailer):
        def send(self, recipient: str, letter: Letter, tags: Any) -> str:
            if recipient == contact:
                delivery = ses_event("Delivery", tags["mail"], to=recipient, at=event.closes_at)
                tell(event, store, delivery, event.closes_at)
            return super().send(recipient, letter, tags)

    tend_at(minutes_from(event.closes_at, 5), event, store, Eager())
    assert states(store) == {"summary-1-1": "delivered", "summary-1-2": "sent"}


@pytest.mark.parametrize(
    ("event_type", "details", "fault"),
    [
        ("Bounce", {"bounceType": "Permanent"}, Fault.BOUNCED),
        ("Bounce", {"bounceType": "Transient"}, Fault.BOUNCED),
        ("Complaint", {}, Fault.COMPLAINT),
        ("Reject", {}, Fault.DISCARDED),
    ],
)
def test_what_a_contact_person_did_not_get_or_want_raises_one_alarm(
    event: Event,
    store: InMemoryStore,
    mailer: RecordingMailer,
    event_type: str,
    details: dict[str, Any],
    fault: Fault,
) -> None:
    _, done = close_and_mail(event, store, mailer)
    text = ses_event(event_type, "summary-1-2", to=event.contacts[1].email, at=done, **details)
    for _ in range(3):
        tell(event, store, text, done)
    tend_at(minutes_from(done, 3), event, store, mailer)
    (alarm,) = (letter for to, letter in mailer.letters if to == event.operator)
    assert WORDS[fault] in alarm.text
    assert "nummer 2" in alarm.text


def test_a_notice_of_absence_after_the_delivery_is_no_alarm(
    event: Event, store: InMemoryStore, mailer: RecordingMailer
) -> None:
    contact, done = close_and_mail(event, store, mailer)
    tell(event, store, ses_event("Delivery", to=contact), done)
    tell(event, store, ses_event("Bounce", to=contact, bounceType="Transient"), done)
    tend_at(minutes_from(done, 3), event, store, mailer)
    assert subjects(mailer, event.operator) == []
    assert states(store)["summary-1-1"] == "delivered"


@pytest.mark.parametrize("kind", ["receipt", "alarm"])
def test_a_bounced_receipt_or_alarm_raises_no_alarm(
    event: Event, store: InMemoryStore, mailer: RecordingMailer, kind: str
) -> None:
    text = ses_event("Bounce", f"{kind}-1", kind=kind, to="x@y.example", bounceType="Permanent")
    tell(event, store, text, NOW)
    assert tend_at([NOW], event, store, mailer) == []


def test_what_ses_tells_is_logged_without_an_address_and_what_is_wrong_as_an_error(
    event: Event, store: InMemoryStore, logged: list[logging.LogRecord]
) -> None:
    to = event.contacts[0].email
    tell(event, store, ses_event("Delivery", to=to), NOW)
    tell(event, store, ses_event("Bounce", "summary-1-2", to=to, bounceType="Permanent"), NOW)
    tell(event, store, "Successfully validated SNS topic", NOW)
    assert [(one.levelname, one.getMessage()) for one in logged] == [
        ("INFO", "mail event: summary-1-1 Delivery"),
        ("ERROR", "mail event: summary-1-2 bounced"),
        ("WARNING", "mail event: not about a mail of this event"),
    ]


def test_a_mail_that_cannot_be_written_holds_up_no_other(
    event: Event, mailer: RecordingMailer, logged: list[logging.LogRecord]
) -> None:
    class Damaged(InMemoryStore):
        def alarm(self, alarm_id: str) -> Any:  # noqa: ARG002
            raise ValueError("MARKNAME")

    store = Damaged()
    broken = OutboxMail("alarm-1", Kind.ALARM, event.operator, NOW, about="gone")
    store.issue(store.control(), [broken])
    tend_at(minutes_from(event.closes_at, 5), event, store, mailer)
    assert {to for to, _ in mailer.letters} == {contact.email for contact in event.contacts}
    errors = {one.getMessage() for one in logged if one.levelname == "ERROR"}
    assert errors == {"tend: alarm-1 failed: ValueError"}
