"""The outbox: mails not yet known to be sent, in the sequence in which they are due."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain, islice
from typing import NamedTuple

from chalicelib.dynamo.attributes import (
    format_instant,
    from_item,
    parse_instant,
    to_item,
    unmarshal,
)
from chalicelib.dynamo.errors import Conflict, StoreUnavailable
from chalicelib.dynamo.table import Item, Table
from chalicelib.dynamo.writes import Write, delete, put
from chalicelib.lifecycle.deadline import STATE_KEY
from chalicelib.lifecycle.state import EventState
from chalicelib.lifecycle.store import state_of
from chalicelib.mail.limits import RECEIPTS_AT_A_TIME
from chalicelib.mail.outbox import MailKind, OutboxMail
from chalicelib.mail.record_store import left

# They sort right after the control, so that a tick reads it and what is due in one request.
_OTHERS, _RECEIPTS = "DELIVERY#1#", "DELIVERY#2#"


# Deployed tables have the attribute under this name.
_STORED_AS = {"base_url": "site"}


class StateAndMails(NamedTuple):
    """What a tick must know: the control, and the mails that are due; None if one of them can't be
    read.
    """

    state: EventState
    mails: list[OutboxMail] | None


def queued(mails: Iterable[OutboxMail]) -> list[Write]:
    """The writes that put mails into the outbox; the same mail queued again is the same mail."""
    return [put(key_of(mail), mail_item(mail)) for mail in mails]


def due(table: Table, now: datetime) -> list[OutboxMail]:
    """The mails in the outbox that are due, receipts last, the longest waiting first.

    Of receipts it reads RECEIPTS_AT_A_TIME, however many there are: a flood holds up nothing.
    """
    return _due(map(unmarshal, table.query(_OTHERS, _receipts_until(now))), now)


def standing(table: Table, now: datetime) -> StateAndMails:
    """What a tick must know of this moment, in one request unless the mails are many.

    Without the mails if one of them can't be read: the event must go on nevertheless.
    """
    items = table.query(STATE_KEY, _receipts_until(now))
    first = next(items, None)
    state = EventState()
    if first and first["sk"]["S"] == STATE_KEY:
        state = state_of(unmarshal(first))
    elif first:
        items = chain([first], items)
    try:
        return StateAndMails(state, _due(map(unmarshal, items), now))
    except StoreUnavailable:
        raise
    except Exception:  # noqa: BLE001 - whoever sends them meets it again, and tells it
        return StateAndMails(state, None)


def lease(table: Table, mail: OutboxMail) -> None:
    """Writes the next attempt at a mail; raises Conflict if somebody else made it."""
    before = {":before": mail.attempt - 1}
    try:
        table.apply(put(key_of(mail), mail_item(mail), "attempt = :before", before))
    except Conflict:
        held = table.get(key_of(mail))
        if not held or held["owner"] != mail.owner:
            raise
        # Our own write landed, its answer was lost, and the client's second try met it.


def postpone(table: Table, leased: OutboxMail, postponed: OutboxMail) -> None:
    """Moves a leased mail to its new due time."""
    table.write(delete(key_of(leased)), *queued([postponed]))


def record_sent(table: Table, mail: OutboxMail, message_id: str, now: datetime) -> None:
    """Moves a mail out of the outbox; SES has taken it under this message id."""
    _leave(table, mail, {"message_id": message_id, "sent_at": format_instant(now)})


def record_failed(table: Table, mail: OutboxMail, reason: str, now: datetime) -> None:
    """Moves a mail out of the outbox; it will not be taken as it is."""
    _leave(table, mail, {"reason": reason, "failed_at": format_instant(now)})


def record_dropped(table: Table, mail: OutboxMail, reason: str, now: datetime) -> None:
    """Moves a mail out of the outbox; it is no longer wanted."""
    _leave(table, mail, {"reason": reason, "dropped_at": format_instant(now)})


def waiting_receipts(table: Table, key: str) -> list[OutboxMail]:
    """The receipts of a registration, by the hash of its token, that are still in the outbox."""
    items = table.query(_RECEIPTS, f"{_RECEIPTS}~")
    return [mail_of(unmarshal(one)) for one in items if one["about"]["S"] == key]


def key_of(mail: OutboxMail) -> str:
    """Sorts receipts last, since a flood makes any number of them; then by when it is due."""
    queue = _RECEIPTS if mail.kind is MailKind.RECEIPT else _OTHERS
    return f"{queue}{format_instant(mail.due)}#{mail.id}"


def mail_item(mail: OutboxMail) -> Item:
    """The mail's attributes."""
    return {"leased_until": "", **to_item(mail, _STORED_AS)}


def mail_of(item: Item) -> OutboxMail:
    """The mail in an item."""
    lease = {"leased_until": lambda text: parse_instant(text) if text else None}
    return from_item(OutboxMail, item, _STORED_AS, kind=MailKind, due=parse_instant, **lease)


def _leave(table: Table, mail: OutboxMail, result: Item) -> None:
    table.write(left(mail, result), delete(key_of(mail)))


def _receipts_until(now: datetime) -> str:
    return f"{_RECEIPTS}{format_instant(now)}#~"


def _due(items: Iterator[Item], now: datetime) -> list[OutboxMail]:
    """The mails that are due, of items in the outbox's sequence: receipts last, and not all."""
    others: list[OutboxMail] = []
    for mail in map(mail_of, items):
        if mail.kind is MailKind.RECEIPT:
            return [*others, mail, *map(mail_of, islice(items, RECEIPTS_AT_A_TIME - 1))]
        if mail.due <= now:
            others.append(mail)
    return others
