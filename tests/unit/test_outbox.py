import json
from datetime import timedelta
from pathlib import Path

from chalicelib.control import SETTLING
from chalicelib.mail_faults import Fault
from chalicelib.outbox import (
    LEASE,
    Kind,
    OutboxMail,
    leased,
    postponed,
    why_given_up,
)
from tests.examples import NOW

ROOT = Path(__file__).parents[2]
MAIL = OutboxMail("summary-1-1", Kind.SUMMARY, "a@boras.example", NOW, version=1)


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
