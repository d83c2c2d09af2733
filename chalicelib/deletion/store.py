"""Deleting items, updating their `expires_at`, and storing the anonymous totals."""

from collections.abc import Iterator, Sequence
from contextlib import suppress

from chalicelib.audit.log import AuditAction
from chalicelib.deletion.totals import Totals
from chalicelib.dynamo.attributes import packed, unmarshal, unpacked
from chalicelib.dynamo.errors import Conflict
from chalicelib.dynamo.table import Item, Table
from chalicelib.dynamo.writes import EXISTS, Write, delete, put, update
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.deadline import STATE_KEY
from chalicelib.lifecycle.deletion_progress import DataKind, Stored
from chalicelib.lifecycle.state import EventState

TOTALS = "TOTALS"
# Keys of the items without personal data, which stay after the deletion.
STAYING = frozenset({STATE_KEY, TOTALS})
# Key prefixes of access tokens, searches and counters, which expire sooner.
_SHORT_LIVED = ("DESK#", "SEARCH#", "CAP#")
_ALL_KEYS = ("A", "~")
# The kind of data in an item, by the prefix of its key.
_KINDS = {
    "REG#": DataKind.REGISTRATION,
    "CODE#": DataKind.CODE,
    "LINK#": DataKind.LINK,
    "DELIVERY#": DataKind.MAIL,
    "MAIL#": DataKind.MAIL,
    "DESK#": DataKind.PASS,
    "ACCESS#": DataKind.ACCESS,
}
_DOWNLOADS = {
    AuditAction.TOOK_XLSX: DataKind.DOWNLOAD,
    AuditAction.TOOK_CSV: DataKind.DOWNLOAD,
    AuditAction.TOOK_EXTRACT: DataKind.EXTRACT,
}


def begin(table: Table, state: EventState, totals: Totals) -> None:
    """Store the totals and the event state in one transaction.

    Raises Conflict if the event state has changed since it was read.
    """
    table.write_all(event_state.state_write(state), totals_write(totals))


def stored(table: Table) -> Iterator[Stored]:
    """Every item that the deletion must remove, of any kind, read page by page."""
    for item in map(unmarshal, table.query(*_ALL_KEYS, "sk", "email", "note", "deed")):
        if item["sk"] not in STAYING:
            yield stored_of(item)


def delete_some(table: Table, state: EventState, keys: Sequence[str]) -> None:
    """Delete these items and write the event state in one transaction.

    `keys` are at most DELETED_IN_A_TRANSACTION. Raises Conflict if the event state has changed
    since it was read.
    """
    table.write_all(event_state.state_write(state), *map(delete, keys))


def renew(table: Table, at_most: int) -> int:
    """Update `expires_at` of items whose value isn't `table.expires_at`; return how many.

    Updates at most `at_most` items, and no access tokens or counters: these expire sooner.
    """
    renewed = 0
    for item in map(unmarshal, table.query(*_ALL_KEYS, "sk", "expires_at")):
        key = item["sk"]
        if (
            key in STAYING
            or key.startswith(_SHORT_LIVED)
            or item.get("expires_at") == table.expires_at
        ):
            continue
        _renew(table, key)
        renewed += 1
        if renewed == at_most:
            break
    return renewed


def _renew(table: Table, key: str) -> None:
    with suppress(Conflict):  # the item may have been deleted since it was read
        table.apply(update(key, {}, EXISTS))


def stored_of(item: Item) -> Stored:
    """The item's key and kinds of data; reads the attributes `sk`, `email`, `note` and `deed`."""
    key = item["sk"]
    data = [_KINDS.get(key[: key.find("#") + 1], DataKind.COUNT)]
    if item.get("email"):
        data.append(DataKind.ADDRESS)
    if item.get("note"):
        data.append(DataKind.NOTE)
    if item.get("deed") in _DOWNLOADS:
        data.append(_DOWNLOADS[item["deed"]])
    return Stored(key, tuple(data))


def totals_write(totals: Totals) -> Write:
    """The write of the anonymous totals."""
    return put(TOTALS, {"totals": packed(totals.to_json())}, stays=True)


def read_totals(table: Table) -> Totals | None:
    """The anonymous totals; None before the deletion has begun."""
    item = table.get(TOTALS)
    return Totals.from_json(unpacked(item["totals"])) if item else None
