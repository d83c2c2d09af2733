"""Alarms: one mail to the operator for each fault."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.dynamo.attributes import from_item, parse_instant, to_item
from chalicelib.dynamo.table import Table
from chalicelib.dynamo.writes import ABSENT, put
from chalicelib.event.context import Context
from chalicelib.event.event import Contact, Receiver
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail.faults import Fault
from chalicelib.mail.outbox import TO_ATTENDEES, MailKind, OutboxMail
from chalicelib.mail.records import MailRecord


@dataclass(frozen=True)
class Alarm:
    """A fault to report to the operator.

    `id` is the same for the same fault. `contact` is the position, from 1, of the recipient among
    the event's contacts; 0 if the recipient is no contact person. `receiver` likewise among the
    receivers. `going_on`: retries continue.
    """

    id: str
    fault: Fault
    kind: str
    contact: int
    at: datetime
    going_on: bool
    receiver: int = 0


def raise_alarm(
    context: Context, mail: OutboxMail | MailRecord, fault: Fault, *, going_on: bool
) -> None:
    """Store an alarm about `mail` and queue its mail, unless the same alarm is stored already.

    A fault of mails to attendees raises one alarm a day (UTC). The alarm stores no address.
    """
    now, alarm_id = context.now, f"{mail.id}-{fault}"
    if mail.kind in TO_ATTENDEES:
        alarm_id = f"receipts-{now.astimezone(UTC):%Y-%m-%d}-{fault}"
    contact = _number_of(mail.recipient, context.event.contacts)
    receiver = _number_of(mail.recipient, context.event.receivers)
    _raise(context, Alarm(alarm_id, fault, mail.kind, contact, now, going_on, receiver))


def raise_alarm_of_the_day(context: Context, fault: Fault, kind: MailKind) -> None:
    """Store an alarm about a fault of no single mail and queue its mail, once a day (UTC).

    `kind` is the kind of mail that the fault prevents.
    """
    now = context.now
    alarm_id = f"{now.astimezone(UTC):%Y-%m-%d}-{fault}"
    _raise(context, Alarm(alarm_id, fault, kind, 0, now, going_on=True))


def _raise(context: Context, alarm: Alarm) -> None:
    operator = context.event.operator
    letter = OutboxMail(f"alarm-{alarm.id}", MailKind.ALARM, operator, alarm.at, about=alarm.id)
    raise_once(context.table, alarm, [letter])


def _number_of(recipient: str, people: Sequence[Contact | Receiver]) -> int:
    addresses = [one.email for one in people]
    return addresses.index(recipient) + 1 if recipient in addresses else 0


def raise_once(table: Table, alarm: Alarm, mails: Sequence[OutboxMail]) -> None:
    """Store an alarm and queue `mails`, unless an alarm with the same id is stored already."""
    table.write(put(f"ALARM#{alarm.id}", to_item(alarm), ABSENT), *outbox.queue_writes(mails))


def find_alarm(table: Table, alarm_id: str) -> Alarm:
    """The alarm with this id; raises LookupError if there is none."""
    item = table.get(f"ALARM#{alarm_id}")
    if item is None:
        raise LookupError("there is no alarm with this id")
    return from_item(Alarm, item, fault=Fault, at=parse_instant)
