"""Sends test mails from a deployed stage the way the summary is sent: by the tick."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from time import sleep

from chalicelib.bootstrap import Composition
from chalicelib.event.event import Event
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail import record_store as mail_records
from chalicelib.mail.outbox import MailKind, OutboxMail
from chalicelib.mail.records import MailRecord, MailState

_PAUSE = timedelta(seconds=5)
_WAIT_AT_MOST = timedelta(minutes=4)
_FINAL_STATES = frozenset(MailState) - {MailState.SENT, MailState.DELAYED}


def send_test(
    recipients: Sequence[str],
    parts: Composition,
    event: Event,
    watch: Callable[[Sequence[MailRecord | None]], None] = lambda _: None,
    pause: Callable[[float], None] = sleep,
) -> Iterator[tuple[str, MailRecord | None]]:
    """Queue a test mail to each recipient, and yield each recipient with the mail's record.

    Waits at most four minutes for the tick and for SES's reports, and calls `watch` with the
    records after each pause. The record is None for a mail that is still in the outbox: no tick
    ran, or SES has not accepted the mail.
    """
    table, now = parts.patient_table(event), parts.clock()
    mails = [
        OutboxMail(f"test-{now:%Y%m%dT%H%M%S}-{number}", MailKind.TEST, recipient, now)
        for number, recipient in enumerate(recipients, 1)
    ]
    table.write(*outbox.queue_writes(mails))
    waited = timedelta(0)
    while True:
        records = [mail_records.find(table, mail.kind, mail.id) for mail in mails]
        watch(records)
        if waited >= _WAIT_AT_MOST or all(one and one.state in _FINAL_STATES for one in records):
            break
        pause(_PAUSE.total_seconds())
        waited += _PAUSE
    yield from zip(recipients, records, strict=True)
