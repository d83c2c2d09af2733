"""Alarms: what the operator is told."""

from collections.abc import Sequence

from chalicelib.dynamo.attributes import item_of, moment, thing_of
from chalicelib.dynamo.table import Table
from chalicelib.dynamo.writes import NEW, put
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail.faults import Alarm, Fault
from chalicelib.mail.outbox import OutboxMail


def raise_once(table: Table, alarm: Alarm, mails: Sequence[OutboxMail]) -> None:
    """Keeps an alarm and queues its mails, unless it was raised before."""
    table.write(put(f"ALARM#{alarm.id}", item_of(alarm), NEW), *outbox.queued(mails))


def find(table: Table, alarm_id: str) -> Alarm:
    """The alarm with this id; raises LookupError if there is none."""
    item = table.get(f"ALARM#{alarm_id}")
    if item is None:
        raise LookupError("there is no alarm with this id")
    return thing_of(Alarm, item, fault=Fault, at=moment)
