"""The deadline read alone, for the page that is asked for most and needs nothing else."""

from datetime import datetime

from chalicelib.instants import moment
from chalicelib.table import Table

CONTROL = "CONTROL"


def own_deadline(table: Table) -> datetime | None:
    """The deadline in the control item; None while the announced one holds."""
    written = (table.get(CONTROL, "closes_at") or {}).get("closes_at")
    return moment(written) if written else None
