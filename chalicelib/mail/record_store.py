"""The stored records of mails that have left the outbox."""

from collections.abc import Iterator
from datetime import datetime

from chalicelib.dynamo.attributes import format_instant, from_item, parse_instant, unmarshal
from chalicelib.dynamo.table import Item, Table
from chalicelib.dynamo.writes import Write, update
from chalicelib.mail.faults import Fault
from chalicelib.mail.outbox import TO_ATTENDEES, MailKind, OutboxMail, receipt_id
from chalicelib.mail.records import MAY_BE_LOST, MailEvent, MailEventType, MailRecord


def result_write(mail: OutboxMail, result: Item) -> Write:
    """The write that records how a mail left the outbox."""
    known = _known(mail.kind, mail.id, mail.recipient)
    known |= {"version": mail.version, "language": mail.language}
    return update(key_of(mail.kind, mail.id), {**known, **result})


def drop_write(mail: OutboxMail, reason: str, now: datetime) -> Write:
    """The write that records that a mail is not sent."""
    return result_write(mail, {"reason": reason, "dropped_at": format_instant(now)})


def record_event(table: Table, event: MailEvent) -> MailRecord:
    """Record an event that SES published about a mail, and return the mail's record.

    Events may arrive in any order. Of several events of one type the first is stored.
    """
    first = {_time_of(event.event_type): format_instant(event.at), "message_id": event.message_id}
    if event.fault:
        first["fault"] = event.fault.value
    known = _known(event.kind, event.mail_id, event.recipient)
    key = key_of(event.kind, event.mail_id)
    return record_of(table.apply(update(key, known, first=first)))


def mark_once(table: Table, kind: MailKind, mail_id: str, mark: str) -> bool:
    """Put a mark on the mail's record; False if it is there already."""
    marked = {"id": mail_id, "kind": kind.value, mark: True}
    return table.applied(update(key_of(kind, mail_id), marked, f"attribute_not_exists({mark})"))


def find(table: Table, kind: MailKind, mail_id: str) -> MailRecord | None:
    """The record of the mail, or None."""
    item = table.get(key_of(kind, mail_id))
    return record_of(item) if item else None


def to_contacts(table: Table) -> list[MailRecord]:
    """The records of all mails to contact persons."""
    return list(_beginning(table, key_of(MailKind.SUMMARY, "")))


def about(table: Table, key: str) -> list[MailRecord]:
    """The records of all mails about the registration whose token has the hash `key`."""
    return list(_beginning(table, key_of(MailKind.RECEIPT, receipt_id(key))))


def lost_receipts(table: Table) -> frozenset[str]:
    """The ids of the receipts that did not reach their addresses."""
    failed = {"failed_at", *(_time_of(one) for one in MAY_BE_LOST)}
    prefix = key_of(MailKind.RECEIPT, "")
    items = table.query(prefix, f"{prefix}~")
    records = (record_of(unmarshal(item)) for item in items if not failed.isdisjoint(item))
    return frozenset(one.id for one in records if one.kind is MailKind.RECEIPT and one.is_lost)


def record_of(item: Item) -> MailRecord:
    """The record in an item. An event that arrived before the result leaves most fields empty."""
    events = {
        event_type: parse_instant(item[_time_of(event_type)])
        for event_type in MailEventType
        if _time_of(event_type) in item
    }
    times = dict.fromkeys(("sent_at", "failed_at", "dropped_at"), parse_instant)
    return from_item(MailRecord, {**item, "events": events}, kind=MailKind, fault=Fault, **times)


def _known(kind: MailKind, mail_id: str, recipient: str) -> Item:
    """The attributes that identify a mail. An attendee's address is not stored."""
    known = {"id": mail_id, "kind": kind.value}
    return known if kind in TO_ATTENDEES else {**known, "recipient": recipient}


def key_of(kind: MailKind, mail_id: str) -> str:
    """The sort key of a mail's record: by audience, so that those of contact persons can be read
    together.
    """
    return f"MAIL#{kind.audience}#{mail_id}"


def _time_of(event_type: MailEventType) -> str:
    """The attribute with the time of the event of this type."""
    return f"event_{event_type.value}"


def _beginning(table: Table, prefix: str) -> Iterator[MailRecord]:
    return (record_of(unmarshal(item)) for item in table.query(prefix, f"{prefix}~"))
