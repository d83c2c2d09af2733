"""Mails to the operator."""

import re
from datetime import timedelta
from html import unescape

import pytest

from chalicelib.event.event import Event
from chalicelib.mail import operator_mails
from chalicelib.mail.alarm_words import REMEDIES, WORDS, outcome_in_words
from chalicelib.mail.alarms import Alarm
from chalicelib.mail.faults import Fault
from chalicelib.mail.outbox import MailKind
from chalicelib.mail.words import MAILED_THINGS
from management.local.gateway import as_typed
from tests.catering.test_mails import GOING_ON
from tests.examples import NOW


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("going_on", [True, False])
def test_an_alarm_says_what_is_wrong_and_what_to_do(
    event: Event,
    fault: Fault,
    going_on: bool,  # noqa: FBT001
) -> None:
    alarm = Alarm("id", fault, MailKind.SUMMARY, 2, NOW, going_on)
    mail = operator_mails.alarm_letter(alarm, event)
    for content in (mail.text, as_typed(unescape(mail.html))):
        assert WORDS[fault] in content
        assert " ".join(REMEDIES[fault]) in content
        assert "till kontaktperson nummer 2" in content
        assert not re.search(r"\w@\w", content)
        assert not any(contact.name in content for contact in event.contacts)
    end = outcome_in_words(fault, going_on=going_on)
    assert mail.subject == f"Larm från Dukat: sammanställningen av specialkost {end}"
    assert ("fortsätter att försöka" in mail.text) is (fault in {*GOING_ON})


@pytest.mark.parametrize(
    ("fault", "going_on", "end"),
    [
        (Fault.PAUSED, True, "har inte gått att skicka"),
        (Fault.BOUNCED, False, "nådde inte fram"),
        (Fault.IN_DOUBT, False, "har kanske inte kommit fram"),
        (Fault.COMPLAINT, False, "har anmälts som skräppost"),
    ],
)
def test_the_result_in_an_alarm_fits_the_fault(fault: Fault, going_on: bool, end: str) -> None:  # noqa: FBT001
    assert outcome_in_words(fault, going_on=going_on) == end


def test_a_test_mail_explains_its_purpose_and_when_the_summary_is_sent(event: Event) -> None:
    closes_at = event.closes_at - timedelta(days=1)
    mail = operator_mails.test_letter(event, closes_at)
    assert mail.subject == "Testmejl från Dukat: Säker och trygg kommun, 31 maj"
    for content in (" ".join(mail.text.split()), as_typed(unescape(mail.html))):
        assert "Det här mejlet visar att mejlen från Dukat kommer fram." in content
        assert "när anmälan har stängt (söndag 23 maj kl. 24.00)" in content
        assert not re.search(r"\w@\w", content)
        assert not any(contact.name in content for contact in event.contacts)


def test_every_kind_of_mail_whose_fault_raises_an_alarm_has_a_name_in_alarms() -> None:
    assert set(MAILED_THINGS) == set(MailKind) - {MailKind.ALARM, MailKind.TEST}
