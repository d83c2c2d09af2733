"""Test mails: queued, sent by the next tick, and what became of each."""

import logging
from datetime import timedelta

import pytest

from chalicelib.event import Event
from chalicelib.mail_faults import Fault
from chalicelib.mail_record import Happening, MailEvent, MailRecord, MailState
from chalicelib.outbox import Kind, MailInDoubt, MailNotTaken
from chalicelib.services import closing
from chalicelib.services.context import Context
from chalicelib.stores import mail_records, outbox
from chalicelib.table import Table
from management.clock import SetClock
from management.trial import send_test
from tests.driving import MINUTE, tend_at
from tests.fakes import InMemoryComposition, PickyMailer, TableInMemory

ONE, OTHER = "one@boras.example", "other@boras.example"
PATIENCE = timedelta(minutes=4)


@pytest.fixture
def picky() -> PickyMailer:
    return PickyMailer({})


@pytest.fixture
def parts(
    event: Event, clock: SetClock, table: TableInMemory, picky: PickyMailer
) -> InMemoryComposition:
    return InMemoryComposition(event, clock, table, picky)


class Waiting:
    """What happens while somebody waits: time passes, a tick each minute, SES tells."""

    def __init__(
        self, parts: InMemoryComposition, clock: SetClock, table: Table, picky: PickyMailer
    ) -> None:
        self._parts, self._clock, self._table, self._picky = parts, clock, table, picky
        self._ticked_at = clock.now
        self.waited = timedelta(0)
        self.ticks = True
        self.delivers = True
        self.steps: list[str] = []

    def __call__(self, seconds: float) -> None:
        self._clock.move(timedelta(seconds=seconds))
        self.waited += timedelta(seconds=seconds)
        if self.ticks and self._clock.now >= self._ticked_at + MINUTE:
            self._ticked_at = self._clock.now
            self.steps += tend_at([self._clock.now], self._parts.event, self._table, self._picky)
            return
        for (to, _), tags in zip(self._picky.letters, self._picky.tags, strict=False):
            if self.delivers:
                at = self._clock.now
                told = MailEvent(tags["mail"], Kind.TEST, Happening.DELIVERY, at, to)
                mail_records.record_event(self._table, told)


@pytest.fixture
def waiting(
    parts: InMemoryComposition, clock: SetClock, table: Table, picky: PickyMailer
) -> Waiting:
    return Waiting(parts, clock, table, picky)


def became(records: list[tuple[str, MailRecord | None]]) -> dict[str, str]:
    return {to: str(record.state) if record else "" for to, record in records}


def test_each_gets_one_test_mail_with_the_next_tick_and_it_is_said_that_it_arrived(
    event: Event, parts: InMemoryComposition, picky: PickyMailer, waiting: Waiting
) -> None:
    records = list(send_test([ONE, OTHER], parts, waiting))
    assert became(records) == {ONE: "delivered", OTHER: "delivered"}
    assert [to for to, _ in picky.letters] == [ONE, OTHER]
    assert {letter.subject[:8] for _, letter in picky.letters} == {"Testmejl"}
    assert waiting.waited < PATIENCE


def test_the_same_addresses_can_be_tried_again(
    parts: InMemoryComposition, picky: PickyMailer, waiting: Waiting
) -> None:
    for _ in range(2):
        assert became(list(send_test([ONE], parts, waiting))) == {ONE: "delivered"}
    assert [to for to, _ in picky.letters] == [ONE, ONE]


def test_nothing_is_sent_but_by_a_tick_and_after_some_minutes_that_is_said(
    parts: InMemoryComposition, table: Table, picky: PickyMailer, waiting: Waiting
) -> None:
    waiting.ticks = False
    assert list(send_test([ONE], parts, waiting)) == [(ONE, None)]
    assert waiting.waited == PATIENCE
    assert picky.calls == 0
    assert [mail.recipient for mail in outbox.due(table, parts.clock())] == [ONE]


def test_a_mail_that_ses_took_and_told_nothing_of_is_said_to_be_sent_after_some_minutes(
    parts: InMemoryComposition, waiting: Waiting
) -> None:
    waiting.delivers = False
    assert became(list(send_test([ONE], parts, waiting))) == {ONE: "sent"}
    assert waiting.waited == PATIENCE


def test_a_delay_is_waited_for_and_a_bounce_is_not(
    parts: InMemoryComposition, table: Table, waiting: Waiting
) -> None:
    waiting.delivers = False

    def tell(seconds: float) -> None:
        waiting(seconds)
        minute = waiting.waited // MINUTE
        if minute in {2, 3}:
            happening = Happening.DELAY if minute == 2 else Happening.BOUNCE
            (mail_id,) = {tags["mail"] for tags in waiting._picky.tags}
            at = parts.clock()
            mail_records.record_event(table, MailEvent(mail_id, Kind.TEST, happening, at, ONE))

    assert became(list(send_test([ONE], parts, tell))) == {ONE: "bounced"}
    assert waiting.waited == 3 * MINUTE


def test_a_refusal_is_said_at_once_with_its_reason_and_nobody_else_is_told(
    event: Event,
    parts: InMemoryComposition,
    table: Table,
    picky: PickyMailer,
    waiting: Waiting,
    logged: list[logging.LogRecord],
) -> None:
    picky.refused[ONE] = MailNotTaken(Fault.UNVERIFIED, "MailFromDomainNotVerifiedException")
    ((_, record),) = send_test([ONE], parts, waiting)
    assert record
    assert (record.state, record.reason) == (MailState.FAILED, "sender_not_verified")
    assert waiting.waited == MINUTE
    assert outbox.due(table, parts.clock() + timedelta(days=9)) == []  # neither it nor an alarm
    assert [one.levelname for one in logged] == ["INFO"]


@pytest.mark.parametrize("fault", [MailNotTaken(Fault.THROTTLED), MailInDoubt("ReadTimeoutError")])
def test_what_passes_by_itself_is_tried_again(
    parts: InMemoryComposition,
    table: Table,
    picky: PickyMailer,
    waiting: Waiting,
    fault: Exception,
) -> None:
    picky.refused[ONE] = fault
    assert became(list(send_test([ONE], parts, waiting))) == {ONE: ""}
    (mail,) = outbox.due(table, parts.clock() + timedelta(days=9))
    picky.refused.clear()
    later = mail.leased_until or mail.due
    tend_at([later], parts.event, table, picky)
    assert [to for to, _ in picky.letters] == [ONE]


def test_what_became_of_one_is_said_when_all_have_come_to_an_end(
    parts: InMemoryComposition, picky: PickyMailer, waiting: Waiting
) -> None:
    picky.refused = {ONE: MailNotTaken(Fault.UNVERIFIED), OTHER: MailNotTaken(Fault.THROTTLED)}

    def mend(seconds: float) -> None:
        waiting(seconds)
        if waiting.steps:
            picky.refused.pop(OTHER, None)

    assert became(list(send_test([ONE, OTHER], parts, mend))) == {ONE: "failed", OTHER: "delivered"}


def test_a_test_mail_says_the_deadline_that_holds(
    event: Event,
    parts: InMemoryComposition,
    table: Table,
    picky: PickyMailer,
    waiting: Waiting,
) -> None:
    until = event.closes_at - timedelta(days=1)
    closing.reopen(Context(parts.clock(), event, table), until)
    list(send_test([ONE], parts, waiting))
    ((_, letter),) = picky.letters
    assert "söndag 23 maj kl. 24.00" in letter.text


def test_what_a_test_met_is_not_told_in_mails_to_contact_persons(
    event: Event,
    parts: InMemoryComposition,
    table: Table,
    picky: PickyMailer,
    waiting: Waiting,
) -> None:
    contact = event.contacts[0].email
    picky.refused[contact] = MailNotTaken(Fault.REJECTED)
    assert became(list(send_test([contact], parts, waiting))) == {contact: "failed"}
    assert mail_records.to_contacts(table) == []
