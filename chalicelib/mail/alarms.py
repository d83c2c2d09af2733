"""Telling the operator, once for each fault."""

from collections.abc import Sequence
from datetime import UTC

from chalicelib.event.context import Context
from chalicelib.event.event import Contact
from chalicelib.mail import alarm_store as alarms
from chalicelib.mail.faults import Alarm, Fault
from chalicelib.mail.outbox import Kind, OutboxMail
from chalicelib.mail.records import MailRecord


def raise_alarm(
    context: Context, mail: OutboxMail | MailRecord, fault: Fault, *, going_on: bool
) -> None:
    """Keeps the alarm and queues its mail, unless the same was raised before.

    What stops all receipts is one alarm a day. The alarm holds a contact person's number only.
    """
    now, alarm_id = context.now, f"{mail.id}-{fault}"
    if mail.kind is Kind.RECEIPT:
        alarm_id = f"receipts-{now.astimezone(UTC):%Y-%m-%d}-{fault}"
    contact = _number_of(mail.recipient, context.event.contacts)
    _raise(context, Alarm(alarm_id, fault, mail.kind, contact, now, going_on))


def raise_alarm_of_the_day(context: Context, fault: Fault, kind: Kind) -> None:
    """Keeps the alarm of what is no single mail's fault and queues its mail, once a day.

    It keeps mails of this kind from being made.
    """
    now = context.now
    alarm_id = f"{now.astimezone(UTC):%Y-%m-%d}-{fault}"
    _raise(context, Alarm(alarm_id, fault, kind, 0, now, going_on=True))


def _raise(context: Context, alarm: Alarm) -> None:
    operator = context.event.operator
    letter = OutboxMail(f"alarm-{alarm.id}", Kind.ALARM, operator, alarm.at, about=alarm.id)
    alarms.raise_once(context.table, alarm, [letter])


def _number_of(recipient: str, contacts: Sequence[Contact]) -> int:
    addresses = [contact.email for contact in contacts]
    return addresses.index(recipient) + 1 if recipient in addresses else 0
