"""The outbox in the table: mails not yet known to be sent, sorted by due time."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import chain
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
from chalicelib.mail.limits import DROPPED_AT_A_TIME, RECEIPTS_AT_A_TIME
from chalicelib.mail.outbox import CAPPED, MailKind, OutboxMail
from chalicelib.mail.record_store import drop_write, result_write

# Sort right after the event state, so that a tick reads the state and the due mails in one request.
_OTHERS, _RECEIPTS = "DELIVERY#1#", "DELIVERY#2#"
_LAST = f"{_RECEIPTS}~"
# One page holds the receipts of a run and the few other mails.
_AT_ONCE = RECEIPTS_AT_A_TIME + 50


class StateAndMails(NamedTuple):
    """The event state and the due mails; `mails` is None if one of them cannot be read."""

    state: EventState
    mails: list[OutboxMail] | None


def queue_writes(mails: Iterable[OutboxMail]) -> list[Write]:
    """The writes that put mails into the outbox. Idempotent: the same mail is stored once."""
    return [put(key_of(mail), mail_item(mail)) for mail in mails]


def due(table: Table, now: datetime) -> list[OutboxMail]:
    """The due mails in the outbox, the longest waiting first, but receipts after all others: those
    of the newest day first, and of a day those to the organisation's own domain.

    Reads RECEIPTS_AT_A_TIME receipts at most, and then DROPPED_AT_A_TIME from the other end, so
    that a flood of receipts delays nothing else.
    """
    return _due(table, map(unmarshal, table.query(_OTHERS, _LAST, at_once=_AT_ONCE)), now)


def read_state_and_mails(table: Table, now: datetime) -> StateAndMails:
    """Read the event state and the due mails, in one request unless there are many mails.

    `mails` is None if a mail cannot be read: closing and deletion must not depend on it.
    """
    items = table.query(STATE_KEY, _LAST, at_once=_AT_ONCE)
    first = next(items, None)
    state = EventState()
    if first and first["sk"]["S"] == STATE_KEY:
        state = state_of(unmarshal(first))
    elif first:
        items = chain([first], items)
    try:
        return StateAndMails(state, _due(table, map(unmarshal, items), now))
    except StoreUnavailable:
        raise
    except Exception:  # noqa: BLE001 - sending reads the mails again and reports the error
        return StateAndMails(state, None)


def lease(table: Table, mail: OutboxMail) -> None:
    """Store `mail` with its new lease; raises Conflict if another sender has made this attempt."""
    before = {":before": mail.attempt - 1}
    try:
        table.apply(put(key_of(mail), mail_item(mail), "attempt = :before", before))
    except Conflict:
        stored = table.get(key_of(mail))
        if not stored or stored["owner"] != mail.owner:
            raise
        # Our own write was applied: its answer was lost, and the client's retry was refused.


def postpone(table: Table, leased: OutboxMail, postponed: OutboxMail) -> None:
    """Move a leased mail to its new due time."""
    table.write(delete(key_of(leased)), *queue_writes([postponed]))


def record_sent(table: Table, mail: OutboxMail, message_id: str, now: datetime) -> None:
    """Move a mail that SES has accepted as `message_id` out of the outbox."""
    _leave(table, mail, {"message_id": message_id, "sent_at": format_instant(now)})


def record_failed(table: Table, mail: OutboxMail, reason: str, now: datetime) -> None:
    """Move a mail that is not to be retried out of the outbox."""
    _leave(table, mail, {"reason": reason, "failed_at": format_instant(now)})


def record_dropped(table: Table, mail: OutboxMail, reason: str, now: datetime) -> None:
    """Move a mail that is no longer wanted out of the outbox."""
    table.write(*_dropped(mail, reason, now), delete(key_of(mail)))


def drop(table: Table, waiting: OutboxMail, reason: str, now: datetime) -> None:
    """Move a mail that nobody has leased out of the outbox; raises Conflict if somebody has."""
    as_read = "attempt = :read", {":read": waiting.attempt}
    table.write_all(*_dropped(waiting, reason, now), delete(key_of(waiting), *as_read))


def about(table: Table, key: str) -> list[OutboxMail]:
    """The mails in the outbox about the registration whose token has the hash `key`."""
    items = table.query(_OTHERS, _LAST)
    return [mail_of(unmarshal(item)) for item in items if item["about"]["S"] == key]


def key_of(mail: OutboxMail) -> str:
    """The sort key: receipts last, since a flood makes any number of them; then by due time.

    Of receipts, the newest day comes first, so that no flood delays the next day's.
    """
    queue = _RECEIPTS if mail.kind in CAPPED else _OTHERS
    if mail.day:
        days_to_come = (date.max - date.fromisoformat(mail.day)).days
        queue += f"{days_to_come:07}#{1 if mail.is_own else 2}#"
    return f"{queue}{format_instant(mail.due)}#{mail.id}"


def mail_item(mail: OutboxMail) -> Item:
    """The item that stores the mail."""
    return {"leased_until": "", **to_item(mail)}


def mail_of(item: Item) -> OutboxMail:
    """The mail in an item."""
    lease = {"leased_until": lambda text: parse_instant(text) if text else None}
    return from_item(OutboxMail, item, kind=MailKind, due=parse_instant, **lease)


def _dropped(mail: OutboxMail, reason: str, now: datetime) -> list[Write]:
    """The record of a mail that is not sent; none of a link that somebody asked for.

    Whoever asked may have no registration, and nothing is to be kept of that.
    """
    return [] if mail.kind is MailKind.LINK else [drop_write(mail, reason, now)]


def _leave(table: Table, mail: OutboxMail, result: Item) -> None:
    table.write(result_write(mail, result), delete(key_of(mail)))


def _due(table: Table, items: Iterator[Item], now: datetime) -> list[OutboxMail]:
    """The due mails of `items`, all mails sorted as in the outbox."""
    mails: dict[str, OutboxMail] = {}
    receipts = 0
    for mail in map(mail_of, items):
        mails[mail.id] = mail
        receipts += mail.kind in CAPPED
        if receipts == RECEIPTS_AT_A_TIME:
            oldest = table.query(_RECEIPTS, _LAST, newest=DROPPED_AT_A_TIME)
            mails |= {mail.id: mail for mail in map(mail_of, map(unmarshal, oldest))}
            break
    return [mail for mail in mails.values() if mail.due <= now]
