"""The audit log in the table."""

from collections.abc import Iterator
from datetime import datetime

from chalicelib.audit.log import EVERYBODY, AuditAction, AuditEntry
from chalicelib.dynamo.attributes import (
    format_instant,
    from_item,
    parse_instant,
    to_item,
    unmarshal,
)
from chalicelib.dynamo.table import Item, Table
from chalicelib.dynamo.writes import Write, put

_ENTRIES = "ACCESS#"
# Deployed tables have the attribute under this name.
_STORED_AS = {"action": "deed"}


def add_write(entry: AuditEntry) -> Write:
    """The write that adds an entry to the audit log."""
    return put(f"{_ENTRIES}{entry.key}", to_item(entry, _STORED_AS))


def latest(table: Table, before: str, at_most: int) -> list[AuditEntry]:
    """At most `at_most` entries, the newest first; only those before the key `before`, if any."""
    last = f"{_ENTRIES}{before}" if before else f"{_ENTRIES}~"
    found = map(unmarshal, table.query(_ENTRIES, last, newest=at_most + 1))
    return [entry_of(item) for item in found if item["sk"] != last][:at_most]


def about(table: Table, code: str, since: datetime) -> list[AuditEntry]:
    """The entries about the plate code `code` from `since` on, the oldest first."""
    return [entry for entry in _mentioning(table, code, since) if entry.concerns(code)]


def _mentioning(table: Table, code: str, since: datetime) -> Iterator[AuditEntry]:
    for item in table.query(f"{_ENTRIES}{format_instant(since)}", f"{_ENTRIES}~"):
        about_whom = item["about"]["S"]
        if code in about_whom or about_whom.startswith(EVERYBODY):
            yield entry_of(unmarshal(item))


def entry_of(item: Item) -> AuditEntry:
    """The audit entry in an item."""
    return from_item(AuditEntry, item, _STORED_AS, at=parse_instant, action=AuditAction)
