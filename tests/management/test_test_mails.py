"""Test mails: queued, sent by the next tick, and reported with their final state."""

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest

from chalicelib.closing import moving_deadline
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail import record_store as mail_records
from chalicelib.mail.faults import Fault
from chalicelib.mail.mailer import MailInDoubt, MailNotAccepted
from chalicelib.mail.outbox import MailKind
from chalicelib.mail.records import MailEvent, MailEventType, MailRecord, MailState
from management.care.test_mails import send_test
from management.local.clock import SetClock
from tests.driving import DAY, MINUTE, Service
from tests.fakes import InMemoryComposition

ONE, OTHER = "one@boras.example", "other@boras.example"
WAIT_AT_MOST = timedelta(minutes=4)


class Waiting:
    """The pause while send_test waits: the clock moves, a tick runs each minute, SES reports."""

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
            self.report(MailEventType.DELIVERY)

    def report(self, event_type: MailEventType) -> None:
        """SES reports `event_type` for every mail that it accepted."""
        for (to, _), tags in zip(
            self._service.mailer.letters, self._service.mailer.tags, strict=False
        ):
            event = MailEvent(tags["mail"], MailKind.TEST, event_type, self._clock.now, to)
            mail_records.record_event(self._service.table, event)

    def test(
        self, *addresses: str, pause: Callable[[float], None] | None = None
    ) -> list[MailRecord | None]:
        """The record of a test mail to each address."""
        service = self._service
        parts = InMemoryComposition(service.event, self._clock, service.table, service.mailer)
        results = list(send_test(addresses, parts, self._service.event, pause=pause or self))
        assert [to for to, _ in results] == list(addresses)
        return [record for _, record in results]


@pytest.fixture
def waiting(service: Service, clock: SetClock) -> Waiting:
    return Waiting(service, clock)


def states(records: list[MailRecord | None]) -> list[str]:
    return [record.state if record else "" for record in records]


def test_each_call_sends_one_mail_to_each_recipient_and_reports_its_delivery(
    service: Service, waiting: Waiting
) -> None:
    for _ in range(2):
        assert states(waiting.test(ONE, OTHER)) == ["delivered", "delivered"]
    assert service.recipients == [ONE, OTHER] * 2
    assert {letter.subject[:8] for _, letter in service.mailer.letters} == {"Testmejl"}
    assert waiting.waited < WAIT_AT_MOST


def test_without_a_tick_nothing_is_sent_and_no_record_is_reported_after_minutes(
    service: Service, clock: SetClock, waiting: Waiting
) -> None:
    waiting.ticks = False
    assert waiting.test(ONE) == [None]
    assert waiting.waited == WAIT_AT_MOST
    assert service.mailer.calls == 0
    assert [mail.recipient for mail in outbox.due(service.table, clock.now)] == [ONE]


def test_a_mail_without_a_report_from_ses_is_reported_as_sent_after_minutes(
    waiting: Waiting,
) -> None:
    waiting.delivers = False
    assert states(waiting.test(ONE)) == ["sent"]
    assert waiting.waited == WAIT_AT_MOST


def test_waiting_continues_after_a_delay_and_ends_at_a_bounce(waiting: Waiting) -> None:
    waiting.delivers = False

    def report(seconds: float) -> None:
        waiting(seconds)
        if waiting.waited >= 2 * MINUTE:
            is_delayed = waiting.waited < 3 * MINUTE
            waiting.report(MailEventType.DELAY if is_delayed else MailEventType.BOUNCE)

    assert states(waiting.test(ONE, pause=report)) == ["bounced"]
    assert waiting.waited == 3 * MINUTE


def test_a_refusal_is_reported_at_once_with_its_reason_and_without_an_alarm(
    service: Service, clock: SetClock, waiting: Waiting, logged: list[logging.LogRecord]
) -> None:
    contact = service.contacts[0]
    refusal = MailNotAccepted(Fault.UNVERIFIED, "MailFromDomainNotVerifiedException")
    service.mailer.refused[contact] = refusal
    (record,) = waiting.test(contact)
    assert record
    assert (record.state, record.reason) == (MailState.FAILED, "sender_not_verified")
    assert waiting.waited == MINUTE
    assert outbox.due(service.table, clock.now + 9 * DAY) == []  # neither the mail nor an alarm
    assert mail_records.to_contacts(service.table) == []  # records of test mails are kept apart
    assert [one.levelname for one in logged] == ["INFO"]


@pytest.mark.parametrize(
    "fault", [MailNotAccepted(Fault.THROTTLED), MailInDoubt("ReadTimeoutError")]
)
def test_a_temporary_failure_is_retried(
    service: Service, clock: SetClock, waiting: Waiting, fault: Exception
) -> None:
    service.mailer.refused[ONE] = fault
    assert waiting.test(ONE) == [None]
    (mail,) = outbox.due(service.table, clock.now + 9 * DAY)
    service.mailer.refused.clear()
    service.run_due_steps(mail.leased_until or mail.due)
    assert service.recipients == [ONE]


def test_results_are_reported_when_all_mails_have_a_final_state(
    service: Service, waiting: Waiting
) -> None:
    refused = service.mailer.refused
    refused |= {ONE: MailNotAccepted(Fault.UNVERIFIED), OTHER: MailNotAccepted(Fault.THROTTLED)}

    def recover(seconds: float) -> None:
        waiting(seconds)
        if waiting.steps:
            refused.pop(OTHER, None)

    assert states(waiting.test(ONE, OTHER, pause=recover)) == ["failed", "delivered"]


def test_a_test_mail_has_the_moved_deadline(
    service: Service, clock: SetClock, waiting: Waiting
) -> None:
    moving_deadline.reopen(service.at(clock.now), service.event.closes_at - DAY)
    waiting.test(ONE)
    (letter,) = service.letters(ONE)
    assert "söndag 23 maj kl. 24.00" in " ".join(letter.text.split())
