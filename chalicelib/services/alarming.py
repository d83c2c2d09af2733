"""Telling the operator, once for each fault."""

from collections.abc import Sequence
from datetime import UTC, datetime

from chalicelib.alarm import Alarm
from chalicelib.event import Contact, Event
from chalicelib.mail_faults import Fault
from chalicelib.mail_record import MailRecord
from chalicelib.outbox import Kind, OutboxMail
from chalicelib.stores import alarms
from chalicelib.table import Table


def raise_alarm(
    mail: OutboxMail | MailRecord,
    fault: Fault,
    *,
    now: datetime,
    going_on: bool,
    event: Event,
    table: Table,
) -> None:
    """Keeps the alarm and queues its mail, unless the same was raised before.

    What stops all receipts is one alarm a day. The alarm holds a contact person's number only.
    """
    alarm_id = f"{mail.id}-{fault}"
    if mail.kind is Kind.RECEIPT:
        alarm_id = f"receipts-{now.astimezone(UTC):%Y-%m-%d}-{fault}"
    contact = _number_of(mail.recipient, event.contacts)
    _raise(Alarm(alarm_id, fault, mail.kind, contact, now, going_on), event, table)


def raise_alarm_of_the_day(
    fault: Fault, kind: Kind, *, now: datetime, event: Event, table: Table
) -> None:
    """Keeps the alarm of what is no single mail's fault and queues its mail, once a day.

    It keeps mails of this kind from being made.
    """
    alarm_id = f"{now.astimezone(UTC):%Y-%m-%d}-{fault}"
    _raise(Alarm(alarm_id, fault, kind, 0, now, going_on=True), event, table)


def _raise(alarm: Alarm, event: Event, table: Table) -> None:
    letter = OutboxMail(f"alarm-{alarm.id}", Kind.ALARM, event.operator, alarm.at, about=alarm.id)
    alarms.raise_once(table, alarm, [letter])


def _number_of(recipient: str, contacts: Sequence[Contact]) -> int:
    addresses = [contact.email for contact in contacts]
    return addresses.index(recipient) + 1 if recipient in addresses else 0
