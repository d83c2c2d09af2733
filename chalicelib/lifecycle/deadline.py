"""The deadline without the rest of the event state, for the agenda: the most requested page."""

from datetime import datetime

from chalicelib.dynamo.attributes import parse_instant
from chalicelib.dynamo.table import Table

STATE_KEY = "CONTROL"


def stored_deadline(table: Table) -> datetime | None:
    """The deadline in the event state; None while the event file's deadline applies."""
    text = (table.get(STATE_KEY, "closes_at") or {}).get("closes_at")
    return parse_instant(text) if text else None


def is_open(now: datetime, closes_at: datetime) -> bool:
    """Whether registration is open; it is closed from the instant `closes_at` on."""
    return now < closes_at
