"""Deleting what is personal, and when the table forgets by itself what nobody deleted."""

from collections.abc import Iterator, Sequence
from contextlib import suppress

from chalicelib.audit.log import AuditAction
from chalicelib.catering.store import packed, unpacked
from chalicelib.deletion.totals import Totals
from chalicelib.dynamo.attributes import unmarshal
from chalicelib.dynamo.errors import Conflict
from chalicelib.dynamo.table import Item, Table
from chalicelib.dynamo.writes import THERE, Write, delete, put, update
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.deadline import STATE_KEY
from chalicelib.lifecycle.deletion_progress import DataKind, Stored
from chalicelib.lifecycle.state import EventState
from chalicelib.mail.base_url import SITE

TOTALS = "TOTALS"
# What is nobody's, and stays after the deletion.
STAYING = frozenset({STATE_KEY, SITE, TOTALS})
# Passes and counters, which expire sooner.
_BRIEF = ("DESK#", "CAP#")
# The first and last that a key can be.
_EVERYTHING = ("A", "~")
# What an item is, by how its key begins.
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
    """Keeps the counts that stay, and writes the control, both or none.

    Raises Conflict if the control has changed since it was read.
    """
    table.write_all(event_state.written(state), totals_written(totals))


def stored(table: Table) -> Iterator[Stored]:
    """Every item that is to be deleted in the end, whatever it is, page by page."""
    for item in map(unmarshal, table.query(*_EVERYTHING, "sk", "email", "note", "deed")):
        if item["sk"] not in STAYING:
            yield stored_of(item)


def delete_some(table: Table, state: EventState, keys: Sequence[str]) -> None:
    """Deletes these items and writes the control, all or nothing.

    `keys` are at most DELETED_IN_A_TRANSACTION. Raises Conflict if the control has changed since
    it was read.
    """
    table.write_all(event_state.written(state), *map(delete, keys))


def renew(table: Table, at_most: int) -> int:
    """Updates `expires_at` of items whose value isn't the table's. Updates at most `at_most` items;
    returns how many it updated. What expires before, on its own, is left alone.
    """
    renewed = 0
    for item in map(unmarshal, table.query(*_EVERYTHING, "sk", "expires_at")):
        key = item["sk"]
        if key in STAYING or key.startswith(_BRIEF) or item.get("expires_at") == table.expires_at:
            continue
        _renew(table, key)
        renewed += 1
        if renewed == at_most:
            break
    return renewed


def _renew(table: Table, key: str) -> None:
    with suppress(Conflict):  # it may be gone since
        table.apply(update(key, {}, THERE))


def stored_of(item: Item) -> Stored:
    """What an item holds, as the deletion counts it; of its attributes only a few are needed."""
    key = item["sk"]
    data = [_KINDS.get(key[: key.find("#") + 1], DataKind.COUNT)]
    if item.get("email"):
        data.append(DataKind.ADDRESS)
    if item.get("note"):
        data.append(DataKind.NOTE)
    if item.get("deed") in _DOWNLOADS:
        data.append(_DOWNLOADS[item["deed"]])
    return Stored(key, tuple(data))


def totals_written(totals: Totals) -> Write:
    """The write of the counts that stay after the deletion."""
    return put(TOTALS, {"totals": packed(totals.to_json())}, stays=True)


def read_totals(table: Table) -> Totals | None:
    """The counts that stay, once the deletion has begun."""
    item = table.get(TOTALS)
    return Totals.from_json(unpacked(item["totals"])) if item else None
