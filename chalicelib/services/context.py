"""What every use case works with."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.event import Event
from chalicelib.table import Table


@dataclass(frozen=True)
class Context:
    """The time of the request or run, the event, and the event's table."""

    now: datetime
    event: Event
    table: Table
