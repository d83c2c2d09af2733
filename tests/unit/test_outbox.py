from datetime import timedelta

from chalicelib.outbox import LEASE, OutboxMail, leased, postponed
from tests.examples import NOW

MAIL = OutboxMail("summary-1-1", "summary", "a@boras.example", 1, NOW)


def test_a_mail_that_somebody_sends_is_not_free_until_the_lease_lapses() -> None:
    taken = leased(MAIL, NOW)
    assert MAIL.is_free(NOW)
    assert not taken.is_free(NOW + LEASE - timedelta(seconds=1))
    assert taken.is_free(NOW + LEASE)


def test_a_first_attempt_is_not_in_doubt_and_one_after_a_lapsed_lease_is() -> None:
    first = leased(MAIL, NOW)
    second = leased(first, NOW + LEASE)
    assert (first.attempt, first.in_doubt) == (1, False)
    assert (second.attempt, second.in_doubt) == (2, True)


def test_a_postponed_mail_is_free_again_and_not_in_doubt() -> None:
    mail = leased(postponed(leased(MAIL, NOW), NOW), NOW + timedelta(minutes=1))
    assert (mail.attempt, mail.in_doubt) == (2, False)


def test_pauses_grow_and_last_for_at_least_four_hours() -> None:
    mail, now, pauses = MAIL, NOW, []
    for _ in range(12):
        mail = postponed(leased(mail, now), now)
        pauses.append(mail.due - now)
        now = mail.due
    assert pauses == sorted(pauses)
    assert now - NOW >= timedelta(hours=4)
