"""The deadline read alone, for the page that is asked for most and needs nothing else."""

from datetime import datetime

from chalicelib.dynamo.attributes import parse_instant
from chalicelib.dynamo.table import Table

STATE_KEY = "CONTROL"


def own_deadline(table: Table) -> datetime | None:
    """The deadline in the control item; None while the announced one holds."""
    written = (table.get(STATE_KEY, "closes_at") or {}).get("closes_at")
    return parse_instant(written) if written else None


def is_open(now: datetime, closes_at: datetime) -> bool:
    """The one rule of the deadline: the first closed instant is `closes_at` itself."""
    return now < closes_at
