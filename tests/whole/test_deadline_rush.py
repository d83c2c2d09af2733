"""Many people register at the deadline: the summary counts exactly those with a receipt."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import count
from random import Random

import pytest

from chalicelib.closing.tick import run_due_steps
from chalicelib.event.context import Context
from chalicelib.event.event import Event
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.state import Phase
from chalicelib.lifecycle.timing import SETTLING
from chalicelib.registration import registering
from chalicelib.registration.answers import Answers
from chalicelib.registration.registration import RegistrationClosed
from chalicelib.texts.language import SWEDISH
from tests.examples import MEALS
from tests.fakes import RecordingMailer, TableInMemory

MILLISECOND, MINUTE = timedelta(milliseconds=1), timedelta(minutes=1)


@pytest.mark.parametrize(
    ("rounds", "people"), [(10, 50), pytest.param(100, 200, marks=pytest.mark.soak)]
)
def test_the_summary_counts_every_registration_that_got_a_receipt_at_the_deadline(
    event: Event, rounds: int, people: int
) -> None:
    receipts = [receipts_of_a_round(event, seed, people) for seed in range(rounds)]
    assert all(0 < given < people for given in receipts)
    assert len(set(receipts)) > 1


def receipts_of_a_round(event: Event, seed: int, people: int) -> int:
    """Let `people` register around the deadline while the tick runs; return how many succeed."""
    table = TableInMemory(event)
    mailer, random, closed_at = RecordingMailer(), Random(seed), event.closes_at
    start = threading.Barrier(people + 1)

    def register(number: int, asked_at: datetime) -> bool:
        answers = Answers(f"Person {number}", MEALS[: 1 + number % 2], diet="vegan")
        start.wait()
        try:
            registering.register(Context(asked_at, event, table), answers, "n", SWEDISH)
        except RegistrationClosed:
            return False
        return True

    def tick_at(*times: datetime) -> None:
        tokens = map(str, count())
        for now in times:
            run_due_steps([Context(now, event, table)], mailer, lambda: next(tokens))

    def tick_during_registrations() -> None:
        # Up to 115 s after closing: within SETTLING (120 s), in which late writes may still arrive.
        start.wait()
        tick_at(*(closed_at + n * 23 * timedelta(seconds=1) for n in range(-1, 6)))

    asked = [closed_at + random.randint(-20, 10) * MILLISECOND for _ in range(people)]
    with ThreadPoolExecutor(people + 1) as pool:
        ticking = pool.submit(tick_during_registrations)
        given = list(pool.map(register, range(people), asked))
        ticking.result()
    assert given == [at < closed_at for at in asked]
    assert event_state.read(table).phase is Phase.CLOSED
    settled = closed_at + SETTLING
    tick_at(*(settled + n * MINUTE for n in range(4)))
    assert [to for to, _ in mailer.letters] == [contact.email for contact in event.contacts]
    for _, letter in mailer.letters:
        assert f"Antal anmälningar: {sum(given)}\n" in letter.text
    return sum(given)
