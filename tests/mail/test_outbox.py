import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.lifecycle.timing import SETTLING
from chalicelib.mail.faults import FINAL, OF_EVERY_MAIL, TRANSIENT, Fault
from chalicelib.mail.outbox import MailKind, OutboxMail
from chalicelib.mail.retry import LEASE, is_alarming, is_final, leased, postponed, why_given_up
from chalicelib.mail.words import REMEDIES, WORDS
from tests.examples import NOW

ROOT = Path(__file__).parents[2]
MAIL = OutboxMail("summary-1-1", MailKind.SUMMARY, "a@boras.example", NOW, version=1)


def test_a_mail_that_somebody_sends_is_not_free_until_the_lease_lapses() -> None:
    taken = leased(MAIL, NOW, "me")
    assert MAIL.is_free(NOW)
    assert not taken.is_free(NOW + LEASE - timedelta(seconds=1))
    assert taken.is_free(NOW + LEASE)


def test_a_first_attempt_is_not_in_doubt_and_one_after_a_lapsed_lease_is() -> None:
    first = leased(MAIL, NOW, "me")
    second = leased(first, NOW + LEASE, "me")
    assert (first.attempt, first.doubts) == (1, 0)
    assert (second.attempt, second.doubts) == (2, 1)


def test_a_postponed_mail_is_free_again_and_not_in_doubt() -> None:
    mail = leased(postponed(leased(MAIL, NOW, "me"), NOW), NOW + timedelta(minutes=1), "me")
    assert (mail.attempt, mail.doubts) == (2, 0)


def test_pauses_grow_and_last_for_at_least_four_hours() -> None:
    mail, now, pauses = MAIL, NOW, []
    while not why_given_up(leased(mail, now, "me")):
        mail = postponed(leased(mail, now, "me"), now)
        pauses.append(mail.due - now)
        now = mail.due
    assert pauses == sorted(pauses)
    assert timedelta(hours=4) <= now - NOW <= timedelta(days=4)


def test_a_second_doubt_is_the_last() -> None:
    first = leased(MAIL, NOW, "me")
    second = leased(first, NOW + LEASE, "me")
    third = leased(second, NOW + 2 * LEASE, "me")
    assert [why_given_up(mail) for mail in (first, second, third)] == [None, None, Fault.IN_DOUBT]


def test_a_lease_outlives_the_function_that_holds_it() -> None:
    stages = json.loads((ROOT / ".chalice/config.json").read_text("utf-8"))["stages"].values()
    timeouts = [f.get("lambda_timeout", 0) for s in stages for f in s["lambda_functions"].values()]
    assert timedelta(seconds=max(timeouts)) < LEASE


def test_the_table_settles_only_after_the_web_function_must_have_ended() -> None:
    timeout = json.loads((ROOT / ".chalice/config.json").read_text("utf-8"))["lambda_timeout"]
    assert timedelta(seconds=timeout) < SETTLING


def attempts(how_many: int) -> OutboxMail:
    mail = leased(MAIL, NOW, "me")
    for _ in range(how_many - 1):
        mail = leased(postponed(mail, NOW), NOW, "me")
    return mail


@pytest.mark.parametrize("fault", Fault)
def test_a_summary_is_tried_again_unless_this_very_mail_can_never_be_taken(fault: Fault) -> None:
    never = {Fault.IN_DOUBT, Fault.OUT_OF_TRIES, Fault.USED_UP}
    assert is_final(MAIL, fault) is (fault in never)


@pytest.mark.parametrize("fault", Fault)
def test_an_alarm_is_raised_at_once_for_what_does_not_pass_by_itself(fault: Fault) -> None:
    passing = {Fault.THROTTLED, Fault.SERVICE, Fault.NETWORK}
    assert is_alarming(attempts(1), fault) is (fault not in passing)


def test_a_fault_that_should_pass_is_told_when_it_has_lasted_for_over_an_hour() -> None:
    waited = timedelta(0)
    for attempt in range(1, 20):
        mail = attempts(attempt)
        alarming = is_alarming(mail, Fault.THROTTLED)
        assert alarming is (waited > timedelta(hours=1))
        waited += postponed(mail, NOW).due - NOW


def test_one_attendees_address_is_no_alarm_and_a_paused_account_is() -> None:
    receipt = replace(attempts(20), kind=MailKind.RECEIPT)
    alarming = {fault for fault in Fault if is_alarming(receipt, fault)}
    assert alarming == OF_EVERY_MAIL
    assert is_final(receipt, Fault.BAD_REQUEST)
    assert not is_final(receipt, Fault.PAUSED)
    assert not is_final(receipt, Fault.THROTTLED)


@pytest.mark.parametrize("kind", [MailKind.ALARM, MailKind.TEST])
def test_an_alarm_or_a_test_raises_no_alarm(kind: MailKind) -> None:
    mail = replace(attempts(20), kind=kind)
    assert not [fault for fault in Fault if is_alarming(mail, fault)]


def test_a_refused_test_is_not_tried_again_since_somebody_waits_for_the_answer() -> None:
    test = replace(attempts(1), kind=MailKind.TEST)
    assert {fault for fault in Fault if not is_final(test, fault)} == TRANSIENT


def test_a_test_is_sent_before_receipts_and_is_for_whoever_tests() -> None:
    assert list(MailKind)[-2:] == [MailKind.TEST, MailKind.RECEIPT]
    assert [kind for kind in MailKind if kind.audience == MailKind.TEST.audience] == [MailKind.TEST]
    assert MailKind.CERTIFICATE.audience == MailKind.SUMMARY.audience


def test_every_fault_is_told_in_words_with_something_to_do() -> None:
    assert set(WORDS) == set(REMEDIES) == set(Fault)
    assert not TRANSIENT & OF_EVERY_MAIL & FINAL
    goes_on = {fault for fault in Fault if "fortsätter att försöka" in REMEDIES[fault]}
    assert goes_on == {*TRANSIENT, *OF_EVERY_MAIL, Fault.BAD_REQUEST}
