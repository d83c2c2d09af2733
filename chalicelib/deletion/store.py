"""Deleting what is personal, and when the table forgets by itself what nobody deleted."""

from collections.abc import Iterator, Sequence
from contextlib import suppress

from chalicelib.catering import store as tallies
from chalicelib.deletion.totals import Totals
from chalicelib.desk.sessions import Deed
from chalicelib.dynamo.client import unmarshal
from chalicelib.dynamo.table import Conflict, Item, Table
from chalicelib.dynamo.writes import THERE, delete, update
from chalicelib.lifecycle import store as controls
from chalicelib.lifecycle.deadline import CONTROL
from chalicelib.lifecycle.deletion_progress import Datum, Stored
from chalicelib.lifecycle.state import Control
from chalicelib.mail.base_url import SITE

# What one transaction may hold (100), with the control's own write.
DELETED_AT_ONCE = 99
# What is nobody's, and stays after the deletion.
STAYING = frozenset({CONTROL, SITE, tallies.TOTALS})
# Passes and counters, which expire sooner.
_BRIEF = ("DESK#", "CAP#")
# The first and last that a key can be.
_EVERYTHING = ("A", "~")
# What an item is, by how its key begins.
_DATA = {
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
    table.write_all(controls.written(control), tallies.totals_written(totals))


def stored(table: Table) -> Iterator[Stored]:
    """Every item that is to be deleted in the end, whatever it is, page by page."""
    for item in map(unmarshal, table.query(*_EVERYTHING, "sk", "email", "note", "deed")):
        if item["sk"] not in STAYING:
            yield stored_of(item)


def delete_some(table: Table, control: Control, keys: Sequence[str]) -> None:
    """Deletes these items, at most DELETED_AT_ONCE, and writes the control, all or nothing.

    Raises Conflict if the control has changed since it was read.
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
    data = [_DATA.get(key[: key.find("#") + 1], Datum.COUNT)]
    if item.get("email"):
        data.append(Datum.ADDRESS)
    if item.get("note"):
        data.append(Datum.NOTE)
    if item.get("deed") in _DOWNLOADS:
        data.append(_DOWNLOADS[item["deed"]])
    return Stored(key, tuple(data))
