"""Deleting what is personal, and when the table forgets by itself what nobody deleted."""

from collections.abc import Iterator, Sequence
from contextlib import suppress

from chalicelib.audit.log import Deed
from chalicelib.catering.store import packed, unpacked
from chalicelib.deletion.totals import Totals
from chalicelib.dynamo.attributes import unmarshal
from chalicelib.dynamo.errors import Conflict
from chalicelib.dynamo.table import Item, Table
from chalicelib.dynamo.writes import THERE, Write, delete, put, update
from chalicelib.lifecycle import store as controls
from chalicelib.lifecycle.deadline import CONTROL
from chalicelib.lifecycle.deletion_progress import Datum, Stored
from chalicelib.lifecycle.state import Control
from chalicelib.mail.base_url import SITE

TOTALS = "TOTALS"
# What is nobody's, and stays after the deletion.
STAYING = frozenset({CONTROL, SITE, TOTALS})
# Passes and counters, which expire sooner.
_BRIEF = ("DESK#", "CAP#")
# The first and last that a key can be.
_EVERYTHING = ("A", "~")
# What an item is, by how its key begins.
_KINDS = {
    "REG#": Datum.REGISTRATION,
    "CODE#": Datum.CODE,
    "LINK#": Datum.LINK,
    "DELIVERY#": Datum.MAIL,
    "MAIL#": Datum.MAIL,
    "DESK#": Datum.PASS,
    "ACCESS#": Datum.ACCESS,
}
_DOWNLOADS = {
    Deed.TOOK_XLSX: Datum.DOWNLOAD,
    Deed.TOOK_CSV: Datum.DOWNLOAD,
    Deed.TOOK_EXTRACT: Datum.EXTRACT,
}


def begin(table: Table, control: Control, totals: Totals) -> None:
    """Keeps the counts that stay, and writes the control, both or none.

    Raises Conflict if the control has changed since it was read.
    """
    table.write_all(controls.written(control), totals_written(totals))


def stored(table: Table) -> Iterator[Stored]:
    """Every item that is to be deleted in the end, whatever it is, page by page."""
    for item in map(unmarshal, table.query(*_EVERYTHING, "sk", "email", "note", "deed")):
        if item["sk"] not in STAYING:
            yield stored_of(item)


def delete_some(table: Table, control: Control, keys: Sequence[str]) -> None:
    """Deletes these items and writes the control, all or nothing.

    `keys` are at most DELETED_IN_A_TRANSACTION. Raises Conflict if the control has changed since
    it was read.
    """
    table.write_all(controls.written(control), *map(delete, keys))


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
    data = [_KINDS.get(key[: key.find("#") + 1], Datum.COUNT)]
    if item.get("email"):
        data.append(Datum.ADDRESS)
    if item.get("note"):
        data.append(Datum.NOTE)
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
