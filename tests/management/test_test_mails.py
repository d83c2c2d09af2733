"""Test mails: queued, sent by the next tick, and what became of each."""

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest

from chalicelib.closing import moving_deadline
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail import record_store as mail_records
from chalicelib.mail.faults import Fault
from chalicelib.mail.mailer import MailInDoubt, MailNotTaken
from chalicelib.mail.outbox import MailKind
from chalicelib.mail.records import MailEvent, MailEventType, MailRecord, MailState
from management.care.test_mails import send_test
from management.local.clock import SetClock
from tests.driving import DAY, MINUTE, Service
from tests.fakes import InMemoryComposition

ONE, OTHER = "one@boras.example", "other@boras.example"
PATIENCE = timedelta(minutes=4)


class Waiting:
    """What happens while somebody waits: time passes, a tick each minute, SES tells."""

    def __init__(self, service: Service, clock: SetClock) -> None:
        self._service, self._clock, self._ticked_at = service, clock, clock.now
        self.waited = timedelta(0)
        self.ticks = True
        self.delivers = True
        self.steps: list[str] = []

    def __call__(self, seconds: float) -> None:
        self._clock.move(timedelta(seconds=seconds))
        self.waited += timedelta(seconds=seconds)
        if self.ticks and self._clock.now >= self._ticked_at + MINUTE:
            self._ticked_at = self._clock.now
            self.steps += self._service.run_due_steps(self._clock.now)
        elif self.delivers:
            self.hear(MailEventType.DELIVERY)

    def hear(self, happening: MailEventType) -> None:
        """SES tells this of every mail that it took."""
        for (to, _), tags in zip(
            self._service.mailer.letters, self._service.mailer.tags, strict=False
        ):
            told = MailEvent(tags["mail"], MailKind.TEST, happening, self._clock.now, to)
            mail_records.record_event(self._service.table, told)

    def test(
        self, *addresses: str, pause: Callable[[float], None] | None = None
    ) -> list[MailRecord | None]:
        """What became of a test mail to each."""
        service = self._service
        parts = InMemoryComposition(service.event, self._clock, service.table, service.mailer)
        became = list(send_test(addresses, parts, pause or self))
        assert [to for to, _ in became] == list(addresses)
        return [record for _, record in became]


@pytest.fixture
def waiting(service: Service, clock: SetClock) -> Waiting:
    return Waiting(service, clock)


def states(records: list[MailRecord | None]) -> list[str]:
    return [record.state if record else "" for record in records]


def test_each_gets_one_test_mail_with_the_next_tick_each_time_and_it_is_said_that_it_arrived(
    service: Service, waiting: Waiting
) -> None:
    for _ in range(2):
        assert states(waiting.test(ONE, OTHER)) == ["delivered", "delivered"]
    assert service.recipients == [ONE, OTHER] * 2
    assert {letter.subject[:8] for _, letter in service.mailer.letters} == {"Testmejl"}
    assert waiting.waited < PATIENCE


def test_nothing_is_sent_but_by_a_tick_and_after_some_minutes_that_is_said(
    service: Service, clock: SetClock, waiting: Waiting
) -> None:
    waiting.ticks = False
    assert waiting.test(ONE) == [None]
    assert waiting.waited == PATIENCE
    assert service.mailer.calls == 0
    assert [mail.recipient for mail in outbox.due(service.table, clock.now)] == [ONE]


def test_a_mail_that_ses_took_and_told_nothing_of_is_said_to_be_sent_after_some_minutes(
    waiting: Waiting,
) -> None:
    waiting.delivers = False
    assert states(waiting.test(ONE)) == ["sent"]
    assert waiting.waited == PATIENCE


def test_a_delay_is_waited_for_and_a_bounce_is_not(waiting: Waiting) -> None:
    waiting.delivers = False

    def hear(seconds: float) -> None:
        waiting(seconds)
        if waiting.waited >= 2 * MINUTE:
            is_delayed = waiting.waited < 3 * MINUTE
            waiting.hear(MailEventType.DELAY if is_delayed else MailEventType.BOUNCE)

    assert states(waiting.test(ONE, pause=hear)) == ["bounced"]
    assert waiting.waited == 3 * MINUTE


def test_a_refusal_is_said_at_once_with_its_reason_and_nobody_else_is_told(
    service: Service, clock: SetClock, waiting: Waiting, logged: list[logging.LogRecord]
) -> None:
    contact = service.contacts[0]
    refusal = MailNotTaken(Fault.UNVERIFIED, "MailFromDomainNotVerifiedException")
    service.mailer.refused[contact] = refusal
    (record,) = waiting.test(contact)
    assert record
    assert (record.state, record.reason) == (MailState.FAILED, "sender_not_verified")
    assert waiting.waited == MINUTE
    assert outbox.due(service.table, clock.now + 9 * DAY) == []  # neither it nor an alarm
    assert mail_records.to_contacts(service.table) == []  # for mails to them to tell
    assert [one.levelname for one in logged] == ["INFO"]


@pytest.mark.parametrize("fault", [MailNotTaken(Fault.THROTTLED), MailInDoubt("ReadTimeoutError")])
def test_what_passes_by_itself_is_tried_again(
    service: Service, clock: SetClock, waiting: Waiting, fault: Exception
) -> None:
    service.mailer.refused[ONE] = fault
    assert waiting.test(ONE) == [None]
    (mail,) = outbox.due(service.table, clock.now + 9 * DAY)
    service.mailer.refused.clear()
    service.run_due_steps(mail.leased_until or mail.due)
    assert service.recipients == [ONE]


def test_what_became_of_one_is_said_when_all_have_come_to_an_end(
    service: Service, waiting: Waiting
) -> None:
    refused = service.mailer.refused
    refused |= {ONE: MailNotTaken(Fault.UNVERIFIED), OTHER: MailNotTaken(Fault.THROTTLED)}

    def mend(seconds: float) -> None:
        waiting(seconds)
        if waiting.steps:
            refused.pop(OTHER, None)

    assert states(waiting.test(ONE, OTHER, pause=mend)) == ["failed", "delivered"]


def test_a_test_mail_says_the_deadline_that_holds(
    service: Service, clock: SetClock, waiting: Waiting
) -> None:
    moving_deadline.reopen(service.at(clock.now), service.event.closes_at - DAY)
    waiting.test(ONE)
    (letter,) = service.letters(ONE)
    assert "söndag 23 maj kl. 24.00" in letter.text
