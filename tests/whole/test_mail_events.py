"""SES mail events (delivery, bounce, ...), through the entry point of the deployed function."""

import json
from typing import Any

import pytest

import app as application
from chalicelib import bootstrap
from chalicelib.event.event import Event
from chalicelib.mail import base_url
from chalicelib.mail.alarm_words import WORDS
from chalicelib.mail.faults import Fault
from management.local import moto_aws as local_aws
from management.local.clock import SetClock
from management.local.composition import LocalComposition
from management.local.gateway import Gateway
from tests.driving import HOUR, states, tick, ticks
from tests.examples import only
from tests.fakes import (
    BASE_URL,
    installed_composition,
    installed_table,
    items_in_the_table,
    sent_mails,
)
from tests.ses import ses_event, sns_event
from tests.whole.pages import submit

SesEvent = tuple[str, dict[str, Any]]
BOUNCE: SesEvent = ("Bounce", {"bounceType": "Permanent"})
SOFT_BOUNCE: SesEvent = ("Bounce", {"bounceType": "Transient"})
DELIVERY: SesEvent = ("Delivery", {})


@pytest.mark.parametrize(
    ("mail_id", "ses_events", "counted", "fault"),
    [
        ("summary-1-2", [BOUNCE], 1, Fault.BOUNCED),
        ("summary-1-2", [SOFT_BOUNCE], 1, Fault.SOFT_BOUNCED),
        ("summary-1-2", [("Complaint", {})], 1, Fault.COMPLAINT),
        ("summary-1-2", [("Reject", {})], 1, Fault.DISCARDED),
        ("summary-1-2", [DELIVERY], 0, None),
        ("summary-1-2", [("DeliveryDelay", {})], 0, None),
        ("summary-1-2", [DELIVERY, SOFT_BOUNCE], 0, None),  # an out-of-office reply
        ("receipt-1", [BOUNCE], 0, None),
        ("removed-1", [BOUNCE], 0, None),
        ("test-1", [BOUNCE], 0, None),
        ("alarm-1", [BOUNCE], 1, None),  # another mail to the operator would bounce too
    ],
)
def test_an_undelivered_or_unwanted_mail_is_counted_and_reported_to_the_operator_once(
    gateway: Gateway,
    clock: SetClock,
    event: Event,
    mail_id: str,
    ses_events: list[SesEvent],
    counted: int,
    fault: Fault | None,
) -> None:
    submit(gateway, name=["MARKNAME"])
    clock.now = event.closes_at
    ticks(clock, 5)
    installed_composition().written_lines.clear()
    contact = event.contacts[1].email
    for event_type, details in ses_events * 2:
        kind = mail_id.partition("-")[0]
        text = ses_event(event_type, mail_id, kind=kind, to=contact, at=clock.now, **details)
        application.record_mail_event(sns_event(text), None)
    assert [json.loads(line)["MailsFailed"] for line in installed_composition().written_lines] == [
        1
    ] * 2 * counted
    ticks(clock, 3)
    alarms = [mail for mail in sent_mails() if event.operator in mail.recipients]
    assert len(alarms) == (fault is not None)
    for alarm in alarms:
        assert WORDS[fault or Fault.BOUNCED] in " ".join(alarm.part("plain").split())
        content = alarm.part("plain") + alarm.part("html")
        assert "till kontaktperson nummer 2" in content
        assert "MARKNAME" not in content
        assert contact not in content


def test_an_sns_message_that_is_not_a_mail_event_is_ignored(gateway: Gateway) -> None:
    application.record_mail_event(sns_event("Successfully validated SNS topic"), None)
    assert items_in_the_table() == []
    assert installed_composition().written_lines == []


def test_on_this_machine_every_mail_is_recorded_as_delivered(
    aws: None, clock: SetClock, event: Event
) -> None:
    bootstrap.install(LocalComposition(events=only(event), clock=clock))
    clock.now = event.closes_at
    ticks(clock, 5)
    delivered = {"summary-1-1": "delivered", "summary-1-2": "delivered"}
    assert states(installed_table()) == delivered
    tick(clock, event.closes_at + 7 * HOUR)
    assert len(local_aws.sent_mails()) == len(event.contacts)


def test_on_this_machine_more_receipts_leave_each_minute(
    aws: None, clock: SetClock, event: Event, gateway: Gateway
) -> None:
    bootstrap.install(LocalComposition(events=only(event), clock=clock))
    base_url.save(bootstrap.composition().patient_table(event), BASE_URL)
    for n in range(30):
        submit(gateway, f"the-nonce-of-number-{n}", email=[f"p{n}@elsewhere.example"])
    ticks(clock, 2)
    assert len(local_aws.sent_mails()) == 30
