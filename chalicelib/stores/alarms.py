"""Alarms: what the operator is told."""

from collections.abc import Sequence

from chalicelib.alarm import Alarm
from chalicelib.instants import instant, moment
from chalicelib.mail_faults import Fault
from chalicelib.outbox import OutboxMail
from chalicelib.stores import outbox
from chalicelib.table import Table
from chalicelib.writes import NEW, put


def raise_once(table: Table, alarm: Alarm, mails: Sequence[OutboxMail]) -> None:
    """Keeps an alarm and queues its mails, unless it was raised before."""
    item = {**vars(alarm), "fault": alarm.fault.value, "at": instant(alarm.at)}
    table.write(put(f"ALARM#{alarm.id}", item, NEW), *outbox.queued(mails))


def find(table: Table, alarm_id: str) -> Alarm:
    """The alarm with this id; raises LookupError if there is none."""
    item = table.get(f"ALARM#{alarm_id}")
    if item is None:
        raise LookupError("there is no alarm with this id")
    return Alarm(
        id=item["id"],
        fault=Fault(item["fault"]),
        kind=item["kind"],
        contact=int(item["contact"]),
        at=moment(item["at"]),
        going_on=item["going_on"],
    )
