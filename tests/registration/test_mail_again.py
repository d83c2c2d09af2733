"""Mailing a receipt once more, as contact persons may for somebody who did not get it."""

import re
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.event.mail_address import mailbox_hash
from chalicelib.mail import blocks
from chalicelib.mail.caps import RECEIPTS_PER_MAILBOX_A_DAY
from chalicelib.mail.faults import Fault
from chalicelib.mail.mailer import MailNotAccepted
from chalicelib.registration import store as registrations
from chalicelib.registration.receipt import Again, ReceiptMail, mail_again, receipt_mail
from chalicelib.registration.registering import Receipt
from chalicelib.registration.tokens import hash_token
from chalicelib.texts.language import SWEDISH
from tests.driving import HOUR, MINUTE, Service
from tests.examples import NOW
from tests.ses import ses_event

ADDRESS = "asa@elsewhere.example"
LATER = NOW + HOUR
BOUNCE: dict[str, Any] = {"bounceType": "Permanent", "bounceSubType": "General"}


def ask(service: Service, receipt: Receipt, after: timedelta = HOUR) -> Again:
    key = hash_token(receipt.token)
    registration = registrations.find(service.table, key)
    assert registration
    writes, again = mail_again(service.at(NOW + after), key, registration, SWEDISH)
    if writes:
        service.table.write_all(*writes)
    return again


def state(service: Service, receipt: Receipt) -> ReceiptMail:
    key = hash_token(receipt.token)
    registration = registrations.find(service.table, key)
    assert registration
    return receipt_mail(service.at(LATER), key, registration)


def tokens(service: Service) -> list[str]:
    """The tokens of the links that were mailed, the oldest first."""
    return [
        re.findall(r"/registration/(\S+)", letter.text)[0] for letter in service.letters(ADDRESS)
    ]


def test_a_receipt_that_bounced_is_mailed_again_with_a_new_link_and_the_old_ones_keep_working(
    service: Service,
) -> None:
    receipt = service.register(email=ADDRESS)
    service.run_due_steps(NOW)
    mail_id = service.mailer.tags[0]["mail"]
    service.hear(ses_event("Bounce", mail_id, kind="receipt", to=ADDRESS, **BOUNCE), NOW)
    assert state(service, receipt) is ReceiptMail.LOST
    assert ask(service, receipt) is Again.QUEUED
    assert state(service, receipt) is ReceiptMail.QUEUED
    service.run_due_steps(LATER)
    assert state(service, receipt) is ReceiptMail.SENT
    first, second = tokens(service)
    assert first != second
    assert all(service.find(token, LATER) for token in (first, second, receipt.token))


def test_a_second_attempt_at_the_mail_leaves_the_link_of_the_first_mail_alone(
    service: Service,
) -> None:
    receipt = service.register(email=ADDRESS)
    service.run_due_steps(NOW)
    ask(service, receipt)
    service.mailer.errors.append(MailNotAccepted(Fault.THROTTLED))
    service.tick_for(5, LATER)
    assert all(service.find(token, LATER) for token in tokens(service))
    assert len(tokens(service)) == len(service.table.database.keys("LINK#")) == 2


def test_a_mail_on_its_way_is_not_queued_twice(service: Service) -> None:
    receipt = service.register(email=ADDRESS)
    assert ask(service, receipt) is Again.UNDER_WAY
    service.run_due_steps(NOW)
    assert [ask(service, receipt) for _ in range(2)] == [Again.QUEUED, Again.UNDER_WAY]
    service.tick_for(3, LATER)
    assert len(tokens(service)) == 2


def test_each_mail_counts_for_its_mailbox(service: Service) -> None:
    receipt = service.register(email=ADDRESS)
    service.run_due_steps(NOW)
    answers = []
    for number in range(RECEIPTS_PER_MAILBOX_A_DAY):
        answers.append(ask(service, receipt, HOUR + number * MINUTE))
        service.run_due_steps(LATER + number * MINUTE)
    assert answers == [Again.QUEUED] * (RECEIPTS_PER_MAILBOX_A_DAY - 1) + [Again.USED_UP]
    assert len(tokens(service)) == RECEIPTS_PER_MAILBOX_A_DAY
    assert state(service, receipt) is ReceiptMail.SENT, "the record of the last mail stays"


@pytest.mark.parametrize(
    ("address", "expected"), [("", Again.NO_ADDRESS), (ADDRESS, Again.BLOCKED)]
)
def test_without_an_address_or_to_a_blocked_one_nothing_is_mailed(
    service: Service, address: str, expected: Again
) -> None:
    receipt = service.register(email=address)
    service.run_due_steps(NOW)
    service.table.apply(blocks.block_write(mailbox_hash(ADDRESS)))
    before = service.table.database.keys("")
    assert ask(service, receipt) is expected
    assert service.table.database.keys("") == before
