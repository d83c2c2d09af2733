"""What is known of each mail that has left the outbox, and alarms about them."""

from collections.abc import Iterator

from chalicelib.dynamo.attributes import format_instant, from_item, parse_instant, unmarshal
from chalicelib.dynamo.table import Item, Table
from chalicelib.dynamo.writes import Write, update
from chalicelib.mail.faults import Fault
from chalicelib.mail.outbox import MailKind, OutboxMail, receipt_id
from chalicelib.mail.records import MailEvent, MailEventType, MailRecord


def left(mail: OutboxMail, result: Item) -> Write:
    """The write that records how a mail left the outbox."""
    known = _known(mail.kind, mail.id, mail.recipient)
    return update(_key(mail.kind, mail.id), {**known, "version": mail.version, **result})


def record_event(table: Table, event: MailEvent) -> MailRecord:
    """Keeps what SES told of a mail, in any order; of the same told twice, the first.

    Returns all that is known of the mail now.
    """
    happened = {_told_at(event.happening): format_instant(event.at), "message_id": event.message_id}
    if event.fault:
        happened["fault"] = event.fault.value
    known = _known(event.kind, event.mail_id, event.recipient)
    key = _key(event.kind, event.mail_id)
    return record_of(table.apply(update(key, known, first=happened)))


def find(table: Table, kind: MailKind, mail_id: str) -> MailRecord | None:
    """What is known of a mail, if anything is."""
    item = table.get(_key(kind, mail_id))
    return record_of(item) if item else None


def to_contacts(table: Table) -> list[MailRecord]:
    """What is known of each mail to a contact person that was taken or failed."""
    return list(_beginning(table, _key(MailKind.SUMMARY, "")))


def of_receipts(table: Table, key: str) -> list[MailRecord]:
    """What is known of each receipt, by the hash of the registration's token."""
    return list(_beginning(table, _key(MailKind.RECEIPT, receipt_id(key))))


def record_of(item: Item) -> MailRecord:
    """The record in an item; an event that came early leaves most of it empty."""
    events = {
        one: parse_instant(item[_told_at(one)]) for one in MailEventType if _told_at(one) in item
    }
    times = dict.fromkeys(("sent_at", "failed_at", "dropped_at"), parse_instant)
    return from_item(MailRecord, {**item, "events": events}, kind=MailKind, fault=Fault, **times)


def _known(kind: MailKind, mail_id: str, recipient: str) -> Item:
    """Which mail it is, and whose; an attendee's address goes with the mail."""
    known = {"id": mail_id, "kind": kind.value}
    return known if kind is MailKind.RECEIPT else {**known, "recipient": recipient}


def _key(kind: MailKind, mail_id: str) -> str:
    """By audience, so that the contact persons' mails can be read together."""
    return f"MAIL#{kind.audience}#{mail_id}"


def _told_at(happening: MailEventType) -> str:
    """The attribute that says when this was told of the mail."""
    return f"event_{happening.value}"


def _beginning(table: Table, prefix: str) -> Iterator[MailRecord]:
    return (record_of(unmarshal(item)) for item in table.query(prefix, f"{prefix}~"))
