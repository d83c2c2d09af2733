"""What SES tells of a mail, through the deployed function's entry."""

import logging
from datetime import timedelta

import app as application
from chalicelib import bootstrap
from chalicelib.event import Event
from chalicelib.outbox import Kind
from chalicelib.stores import mail_records
from management import local_aws
from management.clock import SetClock
from management.gateway import Gateway
from management.local_mail import LocalComposition
from management.local_service import scheduled_event
from tests.e2e.pages import submit
from tests.fakes import items_in_the_table, sent_mails
from tests.ses import ses_event, sns_event

MINUTE = timedelta(minutes=1)


def ticks(clock: SetClock, event: Event, minutes: range) -> None:
    for minute in minutes:
        clock.now = event.closes_at + minute * MINUTE
        application.tick(scheduled_event(clock.now), None)


def test_a_bounce_marks_the_mail_and_mails_the_operator_once(
    gateway: Gateway, clock: SetClock, event: Event
) -> None:
    submit(gateway, name=["MARKNAME"])
    ticks(clock, event, range(1, 6))
    bounced = event.contacts[1].email
    text = ses_event("Bounce", "summary-1-2", to=bounced, at=clock.now, bounceType="Permanent")
    for _ in range(2):
        application.record_mail_event(sns_event(text), None)
    ticks(clock, event, range(6, 9))
    table = bootstrap.composition().patient_table
    assert {one.id: one.state.value for one in mail_records.to_contacts(table)} == {
        "summary-1-1": "sent",
        "summary-1-2": "bounced",
    }
    alarms = [mail for mail in sent_mails() if event.operator in mail.recipients]
    assert len(alarms) == 1
    content = alarms[0].part("plain") + alarms[0].part("html")
    assert "till kontaktperson nummer 2" in content
    assert "MARKNAME" not in content
    assert bounced not in content


def test_what_is_told_of_receipts_keeps_no_address(
    gateway: Gateway, clock: SetClock, event: Event, logged: list[logging.LogRecord]
) -> None:
    address = "mark@elsewhere.example"
    submit(gateway, email=[address])
    application.tick(scheduled_event(clock.now), None)
    (mail,) = [item for item in items_in_the_table() if item["sk"]["S"].startswith("MAIL#")]
    mail_id = mail["id"]["S"]
    text = ses_event("Bounce", mail_id, kind="receipt", to=address, bounceType="Permanent")
    application.record_mail_event(sns_event(text), None)
    record = mail_records.find(bootstrap.composition().patient_table, Kind.RECEIPT, mail_id)
    assert record
    assert record.state == "bounced"
    kept = [item for item in items_in_the_table() if item["sk"]["S"].startswith("MAIL#")]
    assert address not in str(kept)
    assert not any(address in one.getMessage() for one in logged)


def test_a_message_that_is_not_about_a_mail_does_no_harm(gateway: Gateway) -> None:
    application.record_mail_event(sns_event("Successfully validated SNS topic"), None)
    assert items_in_the_table() == []


def test_on_this_machine_every_mail_is_told_to_be_delivered(
    aws: None, clock: SetClock, event: Event
) -> None:
    bootstrap.install(LocalComposition(event=event, clock=clock))
    ticks(clock, event, range(1, 6))
    table = bootstrap.composition().patient_table
    assert {one.id: one.state.value for one in mail_records.to_contacts(table)} == {
        "summary-1-1": "delivered",
        "summary-1-2": "delivered",
    }
    clock.now = event.closes_at + timedelta(hours=7)
    application.tick(scheduled_event(clock.now), None)
    assert len(local_aws.sent_mails()) == len(event.contacts)
