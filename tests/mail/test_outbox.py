"""Mails in the outbox: leases, retries, alarms."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.lifecycle.timing import SETTLING
from chalicelib.mail.alarm_words import REMEDIES, WORDS
from chalicelib.mail.faults import FINAL, OF_EVERY_MAIL, TRANSIENT, Fault
from chalicelib.mail.outbox import TO_ATTENDEES, MailKind, OutboxMail
from chalicelib.mail.retry import LEASE, is_alarming, is_final, leased, postponed, why_given_up
from tests.examples import NOW

ROOT = Path(__file__).parents[2]
MAIL = OutboxMail("summary-1-1", MailKind.SUMMARY, "a@boras.example", NOW, version=1)


def test_a_leased_mail_is_not_free_until_its_lease_lapses() -> None:
    taken = leased(MAIL, NOW, "me")
    assert MAIL.is_free(NOW)
    assert not taken.is_free(NOW + LEASE - timedelta(seconds=1))
    assert taken.is_free(NOW + LEASE)


def test_an_attempt_is_in_doubt_only_after_a_lapsed_lease() -> None:
    first = leased(MAIL, NOW, "me")
    second = leased(first, NOW + LEASE, "me")
    assert (first.attempt, first.doubts) == (1, 0)
    assert (second.attempt, second.doubts) == (2, 1)


def test_a_postponed_mail_is_free_again_and_not_in_doubt() -> None:
    mail = leased(postponed(leased(MAIL, NOW, "me"), NOW), NOW + timedelta(minutes=1), "me")
    assert (mail.attempt, mail.doubts) == (2, 0)


def test_retry_pauses_grow_and_retries_last_between_four_hours_and_four_days() -> None:
    mail, now, pauses = MAIL, NOW, []
    while not why_given_up(leased(mail, now, "me")):
        mail = postponed(leased(mail, now, "me"), now)
        pauses.append(mail.due - now)
        now = mail.due
    assert pauses == sorted(pauses)
    assert timedelta(hours=4) <= now - NOW <= timedelta(days=4)


def test_a_mail_is_given_up_at_its_second_doubt() -> None:
    first = leased(MAIL, NOW, "me")
    second = leased(first, NOW + LEASE, "me")
    third = leased(second, NOW + 2 * LEASE, "me")
    assert [why_given_up(mail) for mail in (first, second, third)] == [None, None, Fault.IN_DOUBT]


def test_a_lease_outlives_the_function_that_holds_it() -> None:
    stages = json.loads((ROOT / ".chalice/config.json").read_text("utf-8"))["stages"].values()
    timeouts = [f.get("lambda_timeout", 0) for s in stages for f in s["lambda_functions"].values()]
    assert timedelta(seconds=max(timeouts)) < LEASE


def test_the_settling_time_is_longer_than_the_timeout_of_the_web_function() -> None:
    timeout = json.loads((ROOT / ".chalice/config.json").read_text("utf-8"))["lambda_timeout"]
    assert timedelta(seconds=timeout) < SETTLING


def attempts(how_many: int) -> OutboxMail:
    mail = leased(MAIL, NOW, "me")
    for _ in range(how_many - 1):
        mail = leased(postponed(mail, NOW), NOW, "me")
    return mail


@pytest.mark.parametrize("fault", Fault)
def test_a_summary_is_retried_after_every_fault_that_is_not_final(fault: Fault) -> None:
    never = {Fault.IN_DOUBT, Fault.OUT_OF_TRIES, Fault.USED_UP}
    assert is_final(MAIL, fault) is (fault in never)


@pytest.mark.parametrize("fault", Fault)
def test_a_fault_that_is_not_transient_raises_an_alarm_at_once(fault: Fault) -> None:
    passing = {Fault.THROTTLED, Fault.SERVICE, Fault.NETWORK}
    assert is_alarming(attempts(1), fault) is (fault not in passing)


def test_a_transient_fault_raises_an_alarm_once_it_has_lasted_over_an_hour() -> None:
    waited = timedelta(0)
    for attempt in range(1, 20):
        mail = attempts(attempt)
        alarming = is_alarming(mail, Fault.THROTTLED)
        assert alarming is (waited > timedelta(hours=1))
        waited += postponed(mail, NOW).due - NOW


@pytest.mark.parametrize("kind", sorted(TO_ATTENDEES))
def test_an_attendees_mail_raises_an_alarm_only_for_faults_of_every_mail(kind: MailKind) -> None:
    receipt = replace(attempts(20), kind=kind)
    alarming = {fault for fault in Fault if is_alarming(receipt, fault)}
    assert alarming == OF_EVERY_MAIL
    assert is_final(receipt, Fault.BAD_REQUEST)
    assert not is_final(receipt, Fault.PAUSED)
    assert not is_final(receipt, Fault.THROTTLED)


@pytest.mark.parametrize("kind", [MailKind.ALARM, MailKind.TEST])
def test_a_failed_alarm_or_test_mail_raises_no_alarm(kind: MailKind) -> None:
    mail = replace(attempts(20), kind=kind)
    assert not [fault for fault in Fault if is_alarming(mail, fault)]


def test_a_test_mail_is_retried_only_after_transient_faults() -> None:
    test = replace(attempts(1), kind=MailKind.TEST)
    assert {fault for fault in Fault if not is_final(test, fault)} == TRANSIENT


def test_test_mails_are_sent_before_attendees_mails_and_have_their_own_audience() -> None:
    assert [kind.audience for kind in list(MailKind)[-8:]] == ["test", *["attendee"] * 7]
    assert list(MailKind)[-1] is MailKind.RECEIPT
    assert {kind for kind in MailKind if kind.audience == "attendee"} == TO_ATTENDEES
    assert [kind for kind in MailKind if kind.audience == MailKind.TEST.audience] == [MailKind.TEST]
    assert MailKind.CERTIFICATE.audience == MailKind.SUMMARY.audience


def test_every_fault_has_a_description_and_a_remedy() -> None:
    assert set(WORDS) == set(REMEDIES) == set(Fault)
    assert not TRANSIENT & OF_EVERY_MAIL & FINAL
    retried = {fault for fault in Fault if "fortsätter att försöka" in " ".join(REMEDIES[fault])}
    assert retried == {*TRANSIENT, *OF_EVERY_MAIL, Fault.BAD_REQUEST}
