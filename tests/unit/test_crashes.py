"""`tend` stopped at every single call it makes, before and after the effect, and ticked on."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from typing import Any

import pytest

from chalicelib import rendering, services
from chalicelib.deadline import SETTLING
from chalicelib.deletion import Datum
from chalicelib.desk import Access, Deed
from chalicelib.event import Event
from chalicelib.mail_faults import Fault
from chalicelib.outbox import MailInDoubt, MailNotTaken
from chalicelib.registration import hashed, token_for
from chalicelib.services import sending
from chalicelib.store import DELETED_AT_ONCE, StoreUnavailable
from tests.driving import deliver_all, minutes_from
from tests.examples import VEGAN_WITHOUT_NUTS
from tests.fakes import InMemoryStore, PickyMailer, RecordingMailer

MINUTE = timedelta(minutes=1)
CORRECTED_AFTER = timedelta(minutes=30)
VISITOR = services.Visitor("https://dukat.example", "sv")


_READ_BIT_BY_BIT = {"encoded_orders", "stored"}
_WRITTEN_ONCE = [
    (module, name, cache(getattr(module, name)))
    for module, name in (
        (rendering, "reminder_letter"), (rendering, "summary_letter"),
        (rendering, "change_letter"), (rendering, "alarm_letter"), (sending, "day_calendar"),
    )
]  # fmt: skip


@pytest.fixture(autouse=True)
def _same_letters_are_written_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writing one calls nobody, so that nothing can stop within it."""
    for module, name, written_once in _WRITTEN_ONCE:
        monkeypatch.setattr(module, name, written_once)


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
            answer = list(method(*arguments)) if name in _READ_BIT_BY_BIT else method(*arguments)
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


def correct(store: InMemoryStore, at: datetime) -> None:
    """One correction after the summary."""
    token = token_for(VEGAN_WITHOUT_NUTS, "form 0")
    stored = store.registration(hashed(token))
    assert stored
    answers = replace(stored.answers, diet="halal")
    store.change(hashed(token), replace(stored, answers=answers, revision=2), [], at)


@dataclass
class Ticking:
    """Ticks, of which one stops where it is to; every call that they made."""

    event: Event
    store: InMemoryStore
    mailer: RecordingMailer
    stop: Stop
    calls: list[str] = field(default_factory=list)
    tokens: Iterator[int] = field(default_factory=count)

    def register(self, people: int, now: datetime) -> None:
        for number in range(people):
            services.register(
                VEGAN_WITHOUT_NUTS, f"form {number}", now=now, event=self.event,
                store=self.store, visitor=VISITOR,
            )  # fmt: skip

    def tick(self, now: datetime) -> None:
        try:
            services.tend(
                now,
                event=self.event,
                store=Stopping(self.store, self.calls, self.stop),
                mailer=Stopping(self.mailer, self.calls, self.stop),
                new_token=lambda: f"token {next(self.tokens)}",
            )
        except (Killed, StoreUnavailable):
            return
        deliver_all(self.store)


def run(
    event: Event, stop: Stop, mailer: RecordingMailer | None = None
) -> tuple[list[str], RecordingMailer]:
    """Every call that was made, and what was mailed, with ticks from the last reminder on."""
    ticking = Ticking(event, InMemoryStore(), mailer or RecordingMailer(), stop)
    reminded_at = event.closes_at - timedelta(hours=40)
    ticking.register(3, reminded_at)
    for now in (*minutes_from(reminded_at, 20), *minutes_from(event.closes_at, 60)):
        if now == event.closes_at + CORRECTED_AFTER:
            correct(ticking.store, now)
        ticking.tick(now)
    return ticking.calls, ticking.mailer


def calls_of_a_whole_run(event: Event) -> list[str]:
    calls, mailer = run(event, Stop(0, kill=True, after=False))
    kinds = Counter(tags["kind"] for tags in mailer.tags)
    each = len(event.contacts)
    assert kinds == {"reminder": each, "summary": each, "change": each, "receipt": 3}
    idle = calls.index("record_sent", len(calls) - calls[::-1].index("record_sent") - 1)
    return calls[: idle + 3]


@pytest.mark.parametrize("kill", [True, False], ids=["killed", "fault"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_stopped_anywhere_each_contact_person_ends_with_each_mail(
    event: Event,
    kill: bool,  # noqa: FBT001
    after: bool,  # noqa: FBT001
) -> None:
    whole = calls_of_a_whole_run(event)
    assert {"save_control", "save_tally", "issue", "lease", "send", "record_sent"} <= set(whole)
    contacts = {contact.email for contact in event.contacts}
    for at, name in enumerate(whole, 1):
        _, mailer = run(event, Stop(at, kill=kill, after=after))
        where = f"stopped {'after' if after else 'before'} call {at}, {name}"
        doubled = 0
        for mails in ("Hittills", "Specialkost", "Ändrad"):
            told = [
                (to, letter) for to, letter in mailer.letters
                if to in contacts and letter.subject.removeprefix("Kopia: ").startswith(mails)
            ]  # fmt: skip
            received = Counter(to for to, _ in told)
            assert set(received) == contacts, where
            more = sum(received.values()) - len(contacts)
            doubled += more
            copies = [letter for _, letter in told if letter.subject.startswith("Kopia: ")]
            assert len(copies) >= more, where
            prints = {re.search(r"kontrolltal (\w+)", letter.text)[1] for _, letter in told}  # type: ignore[index]
            assert len(prints) == 1, where
        assert doubled <= 1, where
        if doubled:  # only where the mail was taken and the record of it did not come to be
            assert (name, after) in {("send", True), ("record_sent", False)}, where
        assert {to for to, _ in mailer.letters} <= {*contacts, VEGAN_WITHOUT_NUTS.email}, where


@pytest.mark.parametrize("kill", [True, False], ids=["killed", "fault"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_stopped_anywhere_no_alarm_is_lost_and_the_others_get_their_mails(
    event: Event,
    kill: bool,  # noqa: FBT001
    after: bool,  # noqa: FBT001
) -> None:
    well, refused = (contact.email for contact in event.contacts)

    def refusing() -> PickyMailer:
        return PickyMailer({refused: MailNotTaken(Fault.BAD_REQUEST)})

    whole, undisturbed = run(event, Stop(0, kill=True, after=False), refusing())
    alarms = {letter.subject for to, letter in undisturbed.letters if to == event.operator}
    assert len(alarms) == 3  # the reminder, the summary and the change notice
    for at, name in enumerate(whole, 1):
        if name not in {"raise_alarm", "record_failed", "send", "alarm", "lease"}:
            continue
        _, mailer = run(event, Stop(at, kill=kill, after=after), refusing())
        where = f"stopped {'after' if after else 'before'} call {at}, {name}"
        told = {letter.subject for to, letter in mailer.letters if to == event.operator}
        assert told == alarms, where
        assert len({tags["mail"] for tags in mailer.tags if tags["kind"] == "alarm"}) == 3, where
        assert sum(to == well for to, _ in mailer.letters) in {3, 4}, where


PEOPLE = 60


def forget(event: Event, stop: Stop) -> tuple[list[str], InMemoryStore, RecordingMailer]:
    """Every call that the deletion made, what it left behind, and what it mailed."""
    ticking = Ticking(event, InMemoryStore(), RecordingMailer(), stop)
    ticking.register(PEOPLE, event.closes_at - MINUTE)
    for number in range(PEOPLE):
        line = Access(event.starts_at, "a@b.example", Deed.SAW_ONE, "", str(number))
        ticking.store.record_access(line)
    for now in minutes_from(event.deletes_at + SETTLING, 12):
        ticking.tick(now)
    return ticking.calls, ticking.store, ticking.mailer


@pytest.mark.parametrize("kill", [True, False], ids=["killed", "fault"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_stopped_anywhere_the_deletion_ends_complete_and_its_numbers_are_right(
    event: Event,
    kill: bool,  # noqa: FBT001
    after: bool,  # noqa: FBT001
) -> None:
    whole, undisturbed, _ = forget(event, Stop(0, kill=True, after=False))
    assert whole.count("delete") == -(-4 * PEOPLE // DELETED_AT_ONCE)
    staying = undisturbed.totals()
    for at, name in enumerate(whole, 1):
        _, store, mailer = forget(event, Stop(at, kill=kill, after=after))
        where = f"stopped {'after' if after else 'before'} call {at}, {name}"
        deletion = store.control().deletion
        assert deletion, where
        assert deletion.ended_at, where
        for datum in (Datum.REGISTRATION, Datum.ADDRESS, Datum.NOTE, Datum.CODE, Datum.ACCESS):
            assert deletion.of(datum) == PEOPLE, where
        assert all("certificate" in stored.key for stored in store.stored()), where
        left, meant = store.totals(), staying
        assert left, where
        assert meant, where
        assert (left.registrations, left.meals) == (meant.registrations, meant.meals), where
        told = [letter.text.partition("DET HÄR ÄR RADERAT")[2] for _, letter in mailer.letters]
        assert {to for to, _ in mailer.letters} == {one.email for one in event.contacts}, where
        assert len(set(told)) == 1, where
        copies = len(told) - len(event.contacts)
        assert copies <= ((name, after) in {("send", True), ("record_sent", False)}), where
