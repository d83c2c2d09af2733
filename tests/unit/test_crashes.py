"""`tend` stopped at every single call it makes, before and after the effect, and ticked on."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import services
from chalicelib.event import Event
from chalicelib.outbox import MailInDoubt
from chalicelib.store import StoreUnavailable
from tests.examples import VEGAN_WITHOUT_NUTS
from tests.fakes import InMemoryStore, RecordingMailer

MINUTE = timedelta(minutes=1)
MINUTES = 40
VISITOR = services.Visitor("https://dukat.example", "sv")


class Killed(BaseException):
    """The process ends here; nothing of it runs on."""


class Stopping:
    """Passes every call on, and stops once: at the given call, before or after its effect."""

    def __init__(self, target: Any, calls: list[str], stop: "Stop") -> None:
        self._target, self._calls, self._stop = target, calls, stop

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._target, name)

        def call(*arguments: Any) -> Any:
            self._calls.append(name)
            here = len(self._calls) == self._stop.at
            if here and not self._stop.after:
                raise self._stop.error(name)
            answer = list(method(*arguments)) if name == "encoded_orders" else method(*arguments)
            if here:
                raise self._stop.error(name)
            return answer

        return call


class Stop:
    def __init__(self, at: int, *, kill: bool, after: bool) -> None:
        self.at, self.kill, self.after = at, kill, after

    def error(self, name: str) -> BaseException:
        if self.kill:
            return Killed()
        if name == "send":
            return MailInDoubt("ReadTimeoutError")
        return StoreUnavailable("ReadTimeoutError")


def run(event: Event, stop: Stop) -> tuple[list[str], RecordingMailer]:
    """Every call that was made, and what was mailed, with a tick each minute after the deadline."""
    store, mailer, calls = InMemoryStore(), RecordingMailer(), []  # type: ignore[var-annotated]
    for number in range(3):
        services.register(
            VEGAN_WITHOUT_NUTS, f"form {number}", now=event.closes_at - MINUTE, event=event,
            store=store, visitor=VISITOR,
        )  # fmt: skip
    tokens = iter(range(10_000))
    for minute in range(MINUTES):
        try:
            services.tend(
                event.closes_at + minute * MINUTE,
                event=event,
                store=Stopping(store, calls, stop),
                mailer=Stopping(mailer, calls, stop),
                new_token=lambda: f"token {next(tokens)}",
            )
        except (Killed, StoreUnavailable):
            continue
    return calls, mailer


def calls_of_a_whole_run(event: Event) -> list[str]:
    calls, mailer = run(event, Stop(0, kill=True, after=False))
    assert len(mailer.letters) == len(event.contacts) + 3  # the summaries, and three receipts
    idle = calls.index("record_sent", len(calls) - calls[::-1].index("record_sent") - 1)
    return calls[: idle + 3]


@pytest.mark.parametrize("kill", [True, False], ids=["killed", "fault"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_stopped_anywhere_each_contact_person_ends_with_the_summary(
    event: Event,
    kill: bool,  # noqa: FBT001
    after: bool,  # noqa: FBT001
) -> None:
    whole = calls_of_a_whole_run(event)
    assert {"save_control", "save_tally", "issue", "lease", "send", "record_sent"} <= set(whole)
    for at, name in enumerate(whole, 1):
        calls, mailer = run(event, Stop(at, kill=kill, after=after))
        where = f"stopped {'after' if after else 'before'} call {at}, {name}"
        contacts = {contact.email for contact in event.contacts}
        summaries = [(to, letter) for to, letter in mailer.letters if to in contacts]
        received = Counter(to for to, _ in summaries)
        assert set(received) == contacts, where
        copies = [letter for _, letter in summaries if letter.subject.startswith("Kopia: ")]
        doubled = sum(received.values()) - len(contacts)
        assert doubled <= 1, where
        assert len(copies) >= doubled, where
        prints = {re.search(r"kontrolltal (\w+)", letter.text)[1] for _, letter in summaries}  # type: ignore[index]
        assert len(prints) == 1, where
        if doubled:  # only where the mail was taken and the record of it did not come to be
            assert (name, after) in {("send", True), ("record_sent", False)}, where
        assert len(calls) > len(whole) / 2, where
