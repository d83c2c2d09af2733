"""Crash tests: a tick is interrupted at each of its calls, and later ticks must recover."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import pytest

from chalicelib.audit import store as audit_log
from chalicelib.audit.log import AuditAction, AuditEntry
from chalicelib.closing.tick import run_due_steps
from chalicelib.deletion import store as deletions
from chalicelib.deletion.limits import DELETED_IN_A_TRANSACTION
from chalicelib.dynamo.errors import StoreUnavailable
from chalicelib.dynamo.table import Table
from chalicelib.event.context import Context
from chalicelib.event.event import Event
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.deletion_progress import DataKind
from chalicelib.lifecycle.timing import SETTLING
from chalicelib.mail import base_url
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail.faults import Fault
from chalicelib.mail.letter import Letter
from chalicelib.mail.mailer import Mailer, MailInDoubt, MailNotAccepted
from chalicelib.registration import store as registrations
from chalicelib.registration.tokens import hash_token
from tests.driving import MINUTE, deliver_all, minutes_from, new_token, register, states
from tests.dynamodb import DynamoDB
from tests.examples import VEGAN_WITHOUT_NUTS
from tests.fakes import BASE_URL, PickyMailer, RecordingMailer, TableInMemory

CORRECTED_AFTER = timedelta(minutes=30)
EMAIL = VEGAN_WITHOUT_NUTS.email
READS = frozenset({"GetItem", "BatchGetItem", "Query"})
Answer = TypeVar("Answer")


class Killed(BaseException):
    """Ends the tick at once, as the death of the process would."""


@dataclass
class Interruption:
    """Counts the calls of the ticks, and interrupts call `at`, before or `after` its effect.

    The caller is killed, or gets no answer if `kill` is False.
    """

    at: int = 0
    kill: bool = True
    after: bool = False
    is_ticking: bool = False
    calls: list[str] = field(default_factory=list)

    def call(self, name: str, do: Callable[[], Answer], no_answer: Exception) -> Answer:
        if not self.is_ticking:
            return do()
        self.calls.append(name)
        is_this_call, error = len(self.calls) == self.at, Killed() if self.kill else no_answer
        if is_this_call and not self.after:
            raise error
        answer = do()
        if is_this_call:
            raise error
        return answer

    @property
    def name(self) -> str:
        """The interrupted call: the operation with its kinds of items, or `send`."""
        return self.calls[self.at - 1]

    @property
    def may_send_twice(self) -> bool:
        """Whether the interruption leaves a mail that was sent but not recorded as sent."""
        if self.after:
            return self.name == "send"
        return "TransactWriteItems" in self.name and "MAIL" in self.name


class InterruptedDatabase(DynamoDB):
    def __init__(self, interruption: Interruption) -> None:
        super().__init__()
        self._interruption = interruption

    def __call__(self, operation: str, body: bytes) -> tuple[int, bytes]:
        kinds = dict.fromkeys(re.findall(r'"([A-Z]{3,})(?=[#"])', body.decode()))
        do = partial(super().__call__, operation, body)
        return self._interruption.call(" ".join([operation, *kinds]), do, TimeoutError())


class InterruptedMailer:
    def __init__(self, mailer: Mailer, interruption: Interruption) -> None:
        self._mailer, self._interruption = mailer, interruption

    def send(self, recipient: str, letter: Letter, tags: Mapping[str, str]) -> str:
        do = partial(self._mailer.send, recipient, letter, tags)
        return self._interruption.call("send", do, MailInDoubt("ReadTimeoutError"))


class Ticking:
    """A table, a mailer, and ticks, one of which may be interrupted."""

    def __init__(
        self, event: Event, mailer: RecordingMailer, interruption: Interruption | None = None
    ) -> None:
        self.event, self.mailer, self.interruption = event, mailer, interruption or Interruption()
        self.table = TableInMemory(event, InterruptedDatabase(self.interruption))
        base_url.save(self.table, BASE_URL)
        self._delivered = 0

    def fork(self, interruption: Interruption) -> "Ticking":
        """An independent copy of the current state."""
        mailer = copy(self.mailer)
        mailer.letters, mailer.tags = [*mailer.letters], [*mailer.tags]
        other = Ticking(self.event, mailer, interruption)
        for item in self.table.database.all_items():
            other.table.database.put(item)
        return other

    def tick(self, now: datetime) -> None:
        if now == self.event.closes_at + CORRECTED_AFTER:
            correct(self.event, self.table, now)
        self.interruption.is_ticking = True
        try:
            run_due_steps(
                [Context(now, self.event, self.table)],
                InterruptedMailer(self.mailer, self.interruption),
                new_token,
            )
        except (Killed, StoreUnavailable):
            return
        finally:
            self.interruption.is_ticking = False
        if len(self.mailer.letters) > self._delivered:
            deliver_all(self.table)
            self._delivered = len(self.mailer.letters)

    def interrupted(
        self, moments: Sequence[datetime], *, kill: bool, after: bool
    ) -> Iterator[tuple["Ticking", str]]:
        """The result of an interruption at each call, with a description of that call.

        Leaves out equal cases: after a read is like before it, and all idle ticks are alike.
        """
        was_idle = False
        for number, now in enumerate(moments):
            before, calls_before = self.fork(Interruption()), len(self.interruption.calls)
            self.tick(now)
            calls = self.interruption.calls[calls_before:]
            is_idle = len(calls) == 1
            for at, name in enumerate([] if is_idle and was_idle else calls, 1):
                if after and name.partition(" ")[0] in READS:
                    continue
                other = before.fork(Interruption(at, kill=kill, after=after))
                for later in moments[number:]:
                    other.tick(later)
                assert other.interruption.name == name
                moment = "after" if after else "before"
                yield other, f"interrupted {moment} call {at} of the tick at {now}, {name}"
            was_idle |= is_idle


def correct(event: Event, table: Table, at: datetime) -> None:
    """Correct one registration, after the summary."""
    stored = register(event, table, event.closes_at, nonce="form 0", email=EMAIL)
    answers = replace(stored.registration.answers, diet="halal")
    changed = replace(stored.registration, answers=answers, revision=2)
    read = registrations.find(table, hash_token(stored.token))
    assert read
    also = event_state.change_writes(event_state.read(table), at)
    changed = replace(changed, links=read.links)
    registrations.change(table, hash_token(stored.token), changed, also)


def registered(event: Event, people: int, now: datetime, mailer: RecordingMailer) -> Ticking:
    """A table with `people` registrations, and its ticks."""
    ticking = Ticking(event, mailer)
    for number in range(people):
        register(event, ticking.table, now, nonce=f"form {number}", email=EMAIL)
    return ticking


interrupted = pytest.mark.parametrize(
    ("kill", "after"),
    [
        pytest.param(True, False, id="killed before"),
        pytest.param(True, True, id="killed after", marks=pytest.mark.soak),
        pytest.param(False, False, id="no answer before", marks=pytest.mark.soak),
        pytest.param(False, True, id="no answer after", marks=pytest.mark.soak),
    ],
)


@interrupted
def test_interrupted_at_any_call_each_contact_person_still_gets_each_mail(
    event: Event, mailer: RecordingMailer, *, kill: bool, after: bool
) -> None:
    reminded_at = event.closes_at - timedelta(hours=40)
    moments = [*minutes_from(reminded_at, 20), *minutes_from(event.closes_at, 60)]
    contacts = {contact.email for contact in event.contacts}
    ticking = registered(event, 3, reminded_at, mailer)
    for ended, where in ticking.interrupted(moments, kill=kill, after=after):
        sent_twice = 0
        for mails in ("Preliminärt", "Specialkost", "Ändrad"):
            received = [
                (to, letter) for to, letter in ended.mailer.letters
                if to in contacts and letter.subject.removeprefix("Kopia: ").startswith(mails)
            ]  # fmt: skip
            assert {to for to, _ in received} == contacts, where
            more = len(received) - len(contacts)
            sent_twice += more
            copies = [letter for _, letter in received if letter.subject.startswith("Kopia: ")]
            assert len(copies) >= more, where
            prints = {re.search(r"kontrollnummer (\w+)", letter.text)[1] for _, letter in received}  # type: ignore[index]
            assert len(prints) == 1, where
        assert sent_twice <= ended.interruption.may_send_twice, where
        assert {to for to, _ in ended.mailer.letters} <= {*contacts, EMAIL}, where
    kinds = Counter(tags["kind"] for tags in mailer.tags)
    each = len(contacts)
    assert kinds == {"reminder": each, "summary": each, "change": each, "receipt": 3}


@interrupted
def test_interrupted_at_any_call_no_alarm_is_lost_and_the_others_get_their_mails(
    event: Event, *, kill: bool, after: bool
) -> None:
    well, refused = (contact.email for contact in event.contacts)
    mailer = PickyMailer({refused: MailNotAccepted(Fault.BAD_REQUEST)})
    moments = minutes_from(event.closes_at, 30)
    ticking = registered(event, 1, event.closes_at - MINUTE, mailer)
    for ended, where in ticking.interrupted(moments, kill=kill, after=after):
        letters, tags = ended.mailer.letters, ended.mailer.tags
        assert len({one["mail"] for one in tags if one["kind"] == "alarm"}) == 1, where
        assert sum(to == event.operator for to, _ in letters) in {1, 2}, where
        assert sum(to == well for to, _ in letters) in {1, 2}, where
        waiting = {mail.id for mail in outbox.due(ended.table, event.starts_at)}
        assert {*waiting, *states(ended.table)} >= {"summary-1-1", "summary-1-2"}, where


PEOPLE = 60


@interrupted
def test_interrupted_at_any_call_the_deletion_completes_with_correct_counts(
    event: Event, mailer: RecordingMailer, *, kill: bool, after: bool
) -> None:
    ticking = registered(event, PEOPLE, event.closes_at - MINUTE, mailer)
    for number in range(PEOPLE):
        entry = AuditEntry(event.starts_at, "a@b.example", AuditAction.SAW_ONE, "", str(number))
        ticking.table.apply(audit_log.add_write(entry))
    moments = minutes_from(event.deletes_at + SETTLING, 12)
    kept = set()
    for ended, where in ticking.interrupted(moments, kill=kill, after=after):
        deletion = event_state.read(ended.table).deletion
        assert deletion, where
        assert deletion.ended_at, where
        for datum in (
            DataKind.REGISTRATION,
            DataKind.ADDRESS,
            DataKind.NOTE,
            DataKind.CODE,
            DataKind.ACCESS,
        ):
            assert deletion.of(datum) == PEOPLE, where
        left = deletions.stored(ended.table)
        assert all("certificate" in stored.key for stored in left), where
        totals = deletions.read_totals(ended.table)
        assert totals, where
        kept.add(replace(totals, taken_at=event.deletes_at).to_json())
        letters = ended.mailer.letters
        deleted = [letter.text.partition("DET HÄR ÄR RADERAT")[2] for _, letter in letters]
        assert {to for to, _ in letters} == {one.email for one in event.contacts}, where
        assert len(set(deleted)) == 1, where
        assert len(deleted) - len(event.contacts) <= ended.interruption.may_send_twice, where
    assert len(kept) == 1
    deleting = [name for name in ticking.interruption.calls if "REG" in name and "Transact" in name]
    assert 1 < len(deleting) < 4 * PEOPLE / DELETED_IN_A_TRANSACTION + 1
