"""What pages show of the event state, without the rest: the agenda is the most requested page."""

from datetime import datetime
from typing import NamedTuple

from chalicelib.dynamo.attributes import parse_instant
from chalicelib.dynamo.table import Table

STATE_KEY = "CONTROL"


class ShownState(NamedTuple):
    """The deadline, None while the event file's applies, and the changes of the programme."""

    closes_at: datetime | None
    changes: str


def shown_state(table: Table) -> ShownState:
    """What pages show of the event state, in one request."""
    item = table.get(STATE_KEY, "closes_at", "changes") or {}
    closes_at = item.get("closes_at")
    return ShownState(parse_instant(closes_at) if closes_at else None, item.get("changes", ""))


def is_open(now: datetime, closes_at: datetime) -> bool:
    """Whether registration is open; it is closed from the instant `closes_at` on."""
    return now < closes_at
