"""Telling the operator, once for each fault."""

from collections.abc import Sequence
from datetime import UTC, datetime

from chalicelib.alarm import Alarm
from chalicelib.event import Contact, Event
from chalicelib.mail_faults import Fault
from chalicelib.outbox import Kind, OutboxMail
from chalicelib.store import Store


def raise_alarm(
    mail_id: str,
    kind: Kind,
    recipient: str,
    fault: Fault,
    *,
    now: datetime,
    going_on: bool,
    event: Event,
    store: Store,
) -> None:
    """Keeps the alarm and queues its mail, unless the same was raised before.

    What stops all receipts is one alarm a day. The alarm holds a contact person's number only.
    """
    alarm_id = f"{mail_id}-{fault}"
    if kind is Kind.RECEIPT:
        alarm_id = f"receipts-{now.astimezone(UTC):%Y-%m-%d}-{fault}"
    alarm = Alarm(alarm_id, fault, kind, _number_of(recipient, event.contacts), now, going_on)
    letter = OutboxMail(f"alarm-{alarm_id}", Kind.ALARM, event.operator, now, about=alarm_id)
    store.raise_alarm(alarm, [letter])


def _number_of(recipient: str, contacts: Sequence[Contact]) -> int:
    addresses = [contact.email for contact in contacts]
    return addresses.index(recipient) + 1 if recipient in addresses else 0
