"""The tick around the closing: reminders, change notices, reopening, alarms, mails in doubt."""

import logging
import re
from collections import Counter
from dataclasses import replace
from typing import Any, cast

import pytest

from chalicelib.closing import moving_deadline
from chalicelib.dynamo.errors import StoreUnavailable
from chalicelib.event.event import Contact
from chalicelib.lifecycle.state import Phase
from chalicelib.lifecycle.steps import StepFailed
from chalicelib.lifecycle.timing import BETWEEN_RECOUNTS, QUIET
from chalicelib.mail import record_store as mail_records
from chalicelib.mail.alarm_words import WORDS
from chalicelib.mail.alarms import raise_alarm
from chalicelib.mail.faults import Fault
from chalicelib.mail.lazy_mailer import LazyMailer
from chalicelib.mail.mailer import MailInDoubt, MailNotAccepted
from chalicelib.mail.outbox import MailKind, OutboxMail
from chalicelib.mail.retry import LEASE
from chalicelib.registration import store as registrations
from chalicelib.registration.registration import RegistrationClosed
from chalicelib.registration.tokens import hash_token
from tests.driving import DAY, HOUR, MINUTE, SECOND, Service, deliver_all, states
from tests.examples import NOW, VEGAN_WITHOUT_NUTS, registered
from tests.fakes import RecordingMailer
from tests.ses import ses_event
from tests.wire import no_answer, refusing

# Reminders


def test_contact_persons_are_reminded_7_and_1_days_before_the_deadline(service: Service) -> None:
    closes_at = service.event.closes_at
    first, second = (service.event.last_day - days * DAY for days in (7, 1))
    service.register(closes_at - 9 * DAY)
    steps = service.run_due_steps(*(closes_at - 10 * DAY + n * HOUR for n in range(10 * 24 - 1)))
    issued = [step for step in steps if "issued" in step]
    assert issued == [f"reminder-{first:%Y-%m-%d} issued", f"reminder-{second:%Y-%m-%d} issued"]
    for contact in service.contacts:
        numbers = "1 med allvarlig allergi, 1 portion till lunch, 1 till fika"
        subject = f"Preliminärt: specialkost till 31 maj, Säker och trygg kommun: {numbers}"
        assert service.subjects(contact) == [subject, subject]


@pytest.mark.parametrize("closed_meanwhile", [True, False])
def test_a_waiting_reminder_is_dropped_after_a_day_or_once_registration_closes(
    service: Service, *, closed_meanwhile: bool
) -> None:
    service.mailer.refused = {to: MailNotAccepted(Fault.PAUSED) for to in service.contacts}
    at = service.event.closes_at - 8 * DAY + 8 * HOUR
    service.run_due_steps(at, at + (2 * MINUTE if closed_meanwhile else 23 * HOUR))
    if closed_meanwhile:
        moving_deadline.close_now(service.at(at + 3 * MINUTE))
    service.mailer.refused.clear()
    start = at + (4 * MINUTE if closed_meanwhile else 24 * HOUR)
    service.run_due_steps(*(start + n * HOUR for n in range(24)))
    dropped = {id_ for id_, state in states(service.table).items() if state == "dropped"}
    assert dropped == {f"reminder-{at:%Y-%m-%d}-{number}" for number in (1, 2)}
    for contact in service.contacts:
        assert not any("Preliminärt" in subject for subject in service.subjects(contact))


# The summary, and change notices


@pytest.mark.parametrize("is_recorded", [True, False])
def test_a_change_between_the_two_snapshots_is_in_the_summary_without_a_change_notice(
    service: Service, *, is_recorded: bool
) -> None:
    receipt, closes_at = service.register(), service.event.closes_at
    service.run_due_steps(closes_at, closes_at + 2 * MINUTE)
    if is_recorded:
        service.correct(receipt, closes_at + 150 * SECOND, diet="halal")
    else:
        late = registered(replace(VEGAN_WITHOUT_NUTS, diet="halal"), "WXYV")
        registrations.add(service.table, hash_token("late"), late)
    assert service.run_due_steps(closes_at + 3 * MINUTE) == ["snapshot taken"]
    service.tick_for(5, closes_at + 4 * MINUTE)
    deliver_all(service.table)
    service.tick_for(115, closes_at + 9 * MINUTE)
    assert service.recipients == service.contacts
    assert "Halal" in service.mailer.letters[0][1].text


def test_a_change_at_the_moment_of_the_summary_is_never_missed(service: Service) -> None:
    receipt, at = service.register(), service.event.closes_at + 3 * MINUTE
    service.table.database.on(
        "TransactWriteItems", "CONTROL", lambda: service.correct(receipt, at, diet="halal")
    )
    service.tick_for(20, service.event.closes_at)
    assert service.recipients == service.contacts
    assert "Halal" in service.mailer.letters[0][1].text


def test_a_correction_after_the_summary_makes_one_change_notice_after_ten_quiet_minutes(
    service: Service,
) -> None:
    receipt, contact = service.register(), service.contacts[0]
    done = service.summarise()
    service.correct(receipt, done, diet="halal")
    service.tick_for(10, done)
    assert len(service.letters(contact)) == 1
    service.tick_for(24 * 60, done + QUIET)
    assert service.subjects(contact) == [
        (
            "Specialkost 31 maj, Säker och trygg kommun: 1 med allvarlig allergi, "
            "1 portion till lunch, 1 till fika"
        ),
        (
            "Ändrad specialkost 31 maj, Säker och trygg kommun: 1 med allvarlig allergi, "
            "1 portion till lunch, 1 till fika"
        ),
    ]
    notice = service.letters(contact)[1].text
    assert "ALLVARLIG ALLERGI, 1 färre ”vegansk + utan nötter" in notice
    assert "ALLVARLIG ALLERGI, 1 fler ”halal + utan nötter" in notice
    assert "Version 2" in notice
    assert states(service.table)["change-2-1"] == "sent"


def test_the_ten_quiet_minutes_begin_again_with_each_correction(service: Service) -> None:
    receipt, contact = service.register(), service.contacts[0]
    done = service.summarise()
    for number, diet in enumerate(("halal", "kosher", "vegetarian")):
        at = done + number * 9 * MINUTE
        service.correct(receipt, at, diet=diet)
        service.tick_for(9, at)
    assert len(service.letters(contact)) == 1
    service.tick_for(60, done + 27 * MINUTE)
    _, notice = service.letters(contact)
    assert "vegetarisk" in notice.text
    assert "kosher till" not in notice.text


def test_a_reverted_correction_leads_to_one_recount_and_no_change_notice(
    service: Service,
) -> None:
    receipt = service.register()
    done = service.summarise()
    service.correct(receipt, done, diet="halal")
    service.correct(receipt, done + MINUTE, diet="vegan")
    assert service.tick_for(30, done) == ["nothing changed"]
    assert service.recipients == service.contacts


def test_a_second_change_notice_shows_the_difference_from_the_first(service: Service) -> None:
    receipt, contact = service.register(), service.contacts[0]
    done = service.summarise()
    for number, diet in enumerate(("halal", "kosher")):
        at = done + number * HOUR
        service.correct(receipt, at, diet=diet)
        service.tick_for(60, at)
    assert len(service.letters(contact)) == 3
    notice = service.letters(contact)[-1].text
    assert "sedan version 2" in notice
    assert "halal + utan nötter" in notice
    assert "vegan" not in notice.split("Här är alla siffror")[0]


def test_a_change_without_a_timestamp_is_found_within_an_hour(service: Service) -> None:
    done = service.summarise()
    registrations.add(service.table, hash_token("by hand"), registered(VEGAN_WITHOUT_NUTS, "WXYV"))
    steps = service.tick_for(59 + 11 + 1, done)
    assert "an unreported change was found" in steps
    assert len(service.letters(service.contacts[0])) == 2


@pytest.mark.parametrize("write", ["register", "change", "cancel"])
def test_every_write_after_the_summary_leads_to_a_change_notice(
    service: Service, write: str
) -> None:
    in_time = service.event.closes_at - SECOND
    receipt = service.register(in_time)
    done = service.summarise()
    if write == "register":
        service.register(in_time, name="Bo")
    elif write == "change":
        service.change(receipt, now=in_time, diet="halal")
    else:
        service.cancel(receipt.token, now=in_time)
    assert service.state.changed_at == in_time
    service.tick_for(12, done)
    assert len(service.letters(service.contacts[0])) == 2


def test_no_change_notice_is_sent_once_the_event_is_over(service: Service) -> None:
    receipt = service.register()
    service.summarise()
    service.correct(receipt, service.event.ends_at, diet="halal")
    assert service.tick_for(120, service.event.ends_at) == []


def test_without_changes_there_is_one_recount_and_one_follow_up_an_hour(service: Service) -> None:
    done = service.summarise()
    deliver_all(service.table)
    steps = Counter(service.tick_for(24 * 60, done))
    assert steps == {"nothing changed": 24, "followed up": 24}
    assert BETWEEN_RECOUNTS == HOUR


# Closing early, and reopening


def test_closing_after_the_deadline_or_twice_does_not_change_the_deadline(service: Service) -> None:
    late = service.event.closes_at + SECOND
    assert moving_deadline.close_now(service.at(late)) == service.event.closes_at
    moving_deadline.close_now(service.at(NOW))
    before = service.state
    assert moving_deadline.close_now(service.at(NOW + HOUR)) == NOW
    assert service.state == before


def test_a_reopened_event_closes_again_at_its_new_deadline(
    service: Service,
) -> None:
    done = service.summarise()
    for number in range(3):
        at = done + number * HOUR
        moving_deadline.reopen(service.at(at), at + 10 * MINUTE)
        service.register(at + 9 * MINUTE, name=f"P{number}")
        with pytest.raises(RegistrationClosed):
            service.register(at + 10 * MINUTE, name="Late")
        service.tick_for(20, at)
        assert service.state.phase is Phase.SUMMARISED
        assert service.state.version == number + 2
        assert f"Antal anmälningar: {number + 1}\n" in service.mailer.letters[-1][1].text


def test_a_summary_not_yet_sent_is_dropped_when_registration_reopens(service: Service) -> None:
    service.mailer.errors += [MailNotAccepted(Fault.THROTTLED)] * 2
    start = service.event.closes_at + 3 * MINUTE
    service.run_due_steps(start - MINUTE, start)
    moving_deadline.reopen(service.at(start + SECOND), start + DAY)
    service.tick_for(60, start)
    assert service.recipients == []
    assert set(states(service.table).values()) == {"dropped"}


@pytest.mark.parametrize("reopened", [False, True], ids=["changed", "reopened"])
def test_an_older_summary_is_never_sent_after_a_newer_one(
    service: Service, *, reopened: bool
) -> None:
    receipt, second = service.register(), service.contacts[1]
    service.mailer.refused = {second: MailNotAccepted(Fault.PAUSED)}
    service.tick_for(120, service.event.closes_at)
    at = service.event.closes_at + 2 * HOUR
    if reopened:
        moving_deadline.reopen(service.at(at), at + 10 * MINUTE)
        service.register(at, name="Bo")
    else:
        service.correct(receipt, at, diet="halal")
    service.tick_for(9, at)
    service.mailer.refused.clear()
    service.tick_for(240, at + 9 * MINUTE)
    assert ["Version 2" in letter.text for letter in service.letters(second)] == [True]
    assert states(service.table)["summary-1-2"] == "dropped"


# Mails that SES refuses


def test_one_malformed_and_one_suppressed_address_do_not_stop_the_mail_to_a_third(
    service: Service,
) -> None:
    third = Contact("Bo Ek", "Kommunkansliet", "bo.ek@boras.example", ("033-35 70 00",))
    contacts = (*service.event.contacts, third)
    service.event = replace(service.event, contacts=contacts)
    malformed, lost, well = service.contacts
    refusal = MailNotAccepted(Fault.BAD_REQUEST, "BadRequestException")
    service.mailer.refused = {malformed: refusal}
    receipt = service.register()
    done = service.summarise()
    suppressed: dict[str, Any] = {"bounceType": "Permanent"}
    suppressed["bounceSubType"] = "OnAccountSuppressionList"
    for _ in range(2):
        at = done - MINUTE
        service.hear(ses_event("Bounce", "summary-1-2", to=lost, at=at, **suppressed), done)
        service.hear(ses_event("Delivery", "summary-1-3", to=well, at=at), done)
    service.tick_for(5, done)
    assert states(service.table) == {"summary-1-2": "bounced", "summary-1-3": "delivered"}
    assert len(service.letters(well)) == 1
    first, second = service.alarms()
    assert "nummer 1" in first
    assert WORDS[Fault.BAD_REQUEST] in first
    assert "nummer 2" in second
    assert WORDS[Fault.SUPPRESSED] in second
    assert not any(to in first + second for to in service.contacts)
    # The next mail names the unreached contact persons, but not to themselves.
    service.correct(receipt, done + HOUR, diet="halal")
    service.tick_for(12, done + HOUR)
    notices = [service.letters(to)[-1].text for to in (lost, well)]
    assert ["inte fram till" in text for text in notices] == [False, True]
    assert f"inte fram till {contacts[1].name}." in notices[1]


def test_after_half_an_hour_of_throttling_each_summary_is_sent_once(
    service: Service,
) -> None:
    service.mailer.refused = {to: MailNotAccepted(Fault.THROTTLED) for to in service.contacts}
    service.tick_for(33, service.event.closes_at)
    assert service.recipients == []
    assert service.mailer.calls > len(service.contacts)
    service.mailer.refused.clear()
    for minutes in (33, 63, 93, 123):
        service.tick_for(30, service.event.closes_at + minutes * MINUTE)
        deliver_all(service.table)
    assert sorted(service.recipients) == sorted(service.contacts)
    assert not any("Kopia" in letter.subject for _, letter in service.mailer.letters)


def test_if_the_mailer_cannot_be_created_mails_wait_and_are_sent_once_it_can(
    service: Service,
) -> None:
    good = RecordingMailer()

    is_repaired = False

    def make() -> RecordingMailer:
        if not is_repaired:
            raise ImportError("no library")
        return good

    service.mailer = cast("Any", LazyMailer(make))
    service.tick_for(37, service.event.closes_at)
    is_repaired = True
    service.tick_for(60, service.event.closes_at + HOUR)
    subjects = [letter.subject for _, letter in good.letters]
    assert [one for one in subjects if one.startswith("Specialkost")] == [
        "Specialkost 31 maj, Säker och trygg kommun: ingen har anmält specialkost"
        for _ in service.contacts
    ]
    assert set(states(service.table).values()) == {"sent"}


def test_a_paused_ses_account_raises_one_alarm_and_the_summary_is_sent_once_resumed(
    service: Service,
) -> None:
    contact, operator = service.contacts[0], service.event.operator
    service.mailer.refused = {contact: MailNotAccepted(Fault.PAUSED, "SendingPausedException")}
    service.tick_for(5, service.event.closes_at)
    deliver_all(service.table)
    service.tick_for(175, service.event.closes_at + 5 * MINUTE)
    alarm = "Larm från Dukat: sammanställningen av specialkost har inte gått att skicka"
    assert service.subjects(operator) == [alarm]
    service.mailer.refused.clear()
    service.tick_for(61, service.event.closes_at + 3 * HOUR)
    assert len(service.letters(contact)) == 1


def test_after_three_days_a_mail_is_given_up_with_an_alarm(service: Service) -> None:
    service.mailer.refused = {service.contacts[0]: MailNotAccepted(Fault.REJECTED)}
    first, *hourly = (service.event.closes_at + 3 * MINUTE + n * HOUR for n in range(24 * 5))
    service.run_due_steps(first - MINUTE, first)
    deliver_all(service.table)
    given_up = f"ALARM#summary-1-1-{Fault.OUT_OF_TRIES}"
    service.table.database.on("TransactWriteItems", given_up, no_answer)
    service.run_due_steps(*hourly)
    assert states(service.table)["summary-1-1"] == "failed"
    goes_on = ["fortsätter att försöka" in alarm for alarm in service.alarms()]
    assert goes_on == [True, False]


def test_receipts_that_ses_refuses_raise_one_alarm_a_day_and_are_sent_later(
    service: Service,
) -> None:
    addresses = [f"guest{n}@elsewhere.example" for n in range(3)]
    service.mailer.refused = {to: MailNotAccepted(Fault.PAUSED) for to in addresses}
    for to in addresses:
        service.register(name=to, email=to)
    service.run_due_steps(*(NOW + n * HOUR for n in range(30)))
    alarm = "Larm från Dukat: kvittomejlen till anmälda har inte gått att skicka"
    assert service.subjects(service.event.operator) == [alarm] * 2
    assert not any(to in text for text in service.alarms() for to in addresses)
    service.mailer.refused.clear()
    service.run_due_steps(NOW + 31 * HOUR)
    assert [len(service.letters(to)) for to in addresses] == [1, 1, 1]


# Events from SES


def doubted(service: Service) -> tuple[str, str]:
    """Send a summary and get no answer; return the later delivery event, and the recipient."""
    contact, start = service.contacts[0], service.event.closes_at + 3 * MINUTE
    service.mailer.refused = {contact: MailInDoubt("ReadTimeoutError")}
    service.run_due_steps(start - MINUTE, start)
    return ses_event("Delivery", to=contact, at=start), contact


def test_a_mail_in_doubt_is_not_sent_again_if_ses_reports_its_delivery(service: Service) -> None:
    delivery, contact = doubted(service)
    start = service.event.closes_at + 3 * MINUTE
    service.mailer.refused.clear()
    service.hear(delivery, start + SECOND)
    steps = service.tick_for(30, start + LEASE)
    assert steps == ["summary-1-1 already sent, as SES reported"]
    assert service.letters(contact) == []
    record = mail_records.find(service.table, MailKind.SUMMARY, "summary-1-1")
    assert record
    assert (record.state, record.message_id, record.sent_at) == ("delivered", "message-1", start)


def test_a_postponed_copy_is_not_sent_once_ses_reports_delivery_of_the_first_mail(
    service: Service,
) -> None:
    delivery, contact = doubted(service)
    again = service.event.closes_at + 3 * MINUTE + LEASE
    service.mailer.refused[contact] = MailNotAccepted(Fault.THROTTLED)
    service.run_due_steps(again)
    service.hear(delivery, again)
    service.mailer.refused.clear()
    service.tick_for(30, again + MINUTE)
    assert service.letters(contact) == []
    assert states(service.table)["summary-1-1"] == "delivered"


def test_ses_events_are_logged_without_addresses_and_failures_as_errors(
    service: Service, logged: list[logging.LogRecord]
) -> None:
    to = service.contacts[0]
    service.hear(ses_event("Delivery", to=to), NOW)
    service.hear(ses_event("Bounce", "summary-1-2", to=to, bounceType="Permanent"), NOW)
    service.hear("Successfully validated SNS topic", NOW)
    assert [(one.levelname, one.getMessage()) for one in logged] == [
        ("INFO", "mail event: summary-1-1 Delivery"),
        ("ERROR", "mail event: summary-1-2 bounced"),
        ("WARNING", "mail event: not about a mail of an event"),
    ]
    assert [one.facts for one in logged] == [  # type: ignore[attr-defined]
        {"what": "mail event", "outcome": "Delivery", "about": "summary-1-1", "alarming": False},
        {"what": "mail event", "outcome": "bounced", "about": "summary-1-2", "alarming": True},
        {"what": "mail event", "outcome": "not about a mail of an event"},
    ]


def test_a_mail_without_any_ses_event_raises_one_alarm(service: Service) -> None:
    done = service.summarise()
    service.hear(ses_event("Delivery", to=service.contacts[0], at=done), done)
    service.tick_for(24 * 60, done)
    (alarm,) = service.alarms()
    assert WORDS[Fault.UNCONFIRMED] in alarm
    assert "nummer 2" in alarm


def test_an_alarm_that_could_not_be_raised_is_raised_by_the_follow_up(service: Service) -> None:
    done = service.summarise()
    deliver_all(service.table)
    text = ses_event("Complaint", "summary-1-2", to=service.contacts[1], at=done)
    service.table.database.on("TransactWriteItems", "ALARM#", refusing("ThrottlingException"))
    with pytest.raises(StoreUnavailable):
        service.hear(text, done)
    service.tick_for(62, done)
    (alarm,) = service.alarms()
    assert WORDS[Fault.COMPLAINT] in alarm


# Mails that can't be rendered, and steps that fail


def test_a_mail_that_cannot_be_rendered_delays_no_other(
    service: Service, logged: list[logging.LogRecord]
) -> None:
    broken = OutboxMail("alarm-1", MailKind.ALARM, service.event.operator, NOW, about="broken")
    raise_alarm(service.at(NOW), broken, Fault.BOUNCED, going_on=False)
    service.table.database.damage("ALARM#", fault={"S": "MARKNAME"})
    service.summarise()
    assert service.recipients == service.contacts
    (error,) = {one.getMessage() for one in logged if one.levelname == "ERROR"}
    assert re.fullmatch(
        r"tick: alarm-alarm-1-bounced postponed: unwritable ValueError at enum\.py:\d+", error
    )


def test_a_summary_that_cannot_be_rendered_raises_an_alarm_and_is_sent_once_it_can(
    service: Service,
) -> None:
    database, undamaged = service.table.database, []
    database.on(
        "TransactWriteItems",
        "CONTROL",
        lambda: undamaged.extend(database.damage("TALLY#", tally={"S": "MARKNAME"})),
    )
    service.tick_for(30, service.event.closes_at)
    assert service.recipients == [service.event.operator] * len(service.contacts)
    assert WORDS[Fault.UNWRITABLE] in service.alarms()[0]
    for item in undamaged:
        database.put(item)
    service.tick_for(60, service.event.closes_at + 30 * MINUTE)
    for contact in service.contacts:
        assert len(service.letters(contact)) == 1


def test_a_failing_closing_step_stops_no_mail_and_raises_one_alarm_a_day(
    service: Service,
) -> None:
    reminded = service.event.closes_at - 8 * DAY + 8 * HOUR
    service.run_due_steps(reminded)
    service.mailer.letters.clear()
    service.register(reminded + MINUTE, email="asa@elsewhere.example")
    service.table.database.damage("MAIL#contact#", kind={"S": "MARKNAME"})  # for the follow-up
    for minute in range(30):
        with pytest.raises(StepFailed) as failed:
            service.run_due_steps(reminded + HOUR + minute * MINUTE)
        assert "MARKNAME" not in str(failed.value)
        assert failed.value.__suppress_context__
    assert service.recipients == [service.event.operator, "asa@elsewhere.example"]
    assert WORDS[Fault.UNCOUNTABLE] in service.alarms()[0]
