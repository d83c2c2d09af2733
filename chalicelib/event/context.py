"""What use cases and mails need: the time, the event and its table."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from chalicelib.dynamo.table import Table
from chalicelib.event.event import Event

# The partition of what all events share: sessions and login links at the desk, and the counters
# that protect mailboxes and the mail account. No event's id has capital letters.
ALL_EVENTS = "ALL-EVENTS"


@dataclass(frozen=True)
class Context:
    """The time of the request or run, the event, and the event's table."""

    now: datetime
    event: Event
    table: Table

    @cached_property
    def shared(self) -> Table:
        """The items of all events."""
        return self.table.beside(ALL_EVENTS)
