"""What use cases and mails need: the time, the event and its table."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.dynamo.table import Table
from chalicelib.event.event import Event


@dataclass(frozen=True)
class Context:
    """The time of the request or run, the event, and the event's table."""

    now: datetime
    event: Event
    table: Table
