"""The access log: who saw or changed what at the desk."""

from collections.abc import Iterator
from datetime import datetime

from chalicelib.audit.log import AuditAction, AuditEntry
from chalicelib.dynamo.attributes import (
    format_instant,
    from_item,
    parse_instant,
    to_item,
    unmarshal,
)
from chalicelib.dynamo.table import Item, Table
from chalicelib.dynamo.writes import Write, put

_ACCESS = "ACCESS#"
# Deployed tables have the attribute under this name.
_STORED_AS = {"action": "deed"}


def added(entry: AuditEntry) -> Write:
    """The write that adds a line to the log."""
    return put(f"{_ACCESS}{entry.key}", to_item(entry, _STORED_AS))


def latest(table: Table, before: str, at_most: int) -> list[AuditEntry]:
    """The log, newest first, from before the line with this key if one is given."""
    last = f"{_ACCESS}{before}" if before else f"{_ACCESS}~"
    found = map(unmarshal, table.query(_ACCESS, last, newest=at_most + 1))
    return [entry_of(item) for item in found if item["sk"] != last][:at_most]


def about(table: Table, code: str, since: datetime) -> list[AuditEntry]:
    """The lines about this plate code, the oldest first."""
    return [line for line in _mentioning(table, code, since) if line.concerns(code)]


def _mentioning(table: Table, code: str, since: datetime) -> Iterator[AuditEntry]:
    for item in table.query(f"{_ACCESS}{format_instant(since)}", f"{_ACCESS}~"):
        if code in item["about"]["S"]:
            yield entry_of(unmarshal(item))


def entry_of(item: Item) -> AuditEntry:
    """The line in an item."""
    return from_item(AuditEntry, item, _STORED_AS, at=parse_instant, action=AuditAction)
