"""What every use case works with."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.dynamo.table import Table
from chalicelib.event.event import Event
from chalicelib.mail.outbox import Kind, OutboxMail


@dataclass(frozen=True)
class Context:
    """The time of the request or run, the event, and the event's table."""

    now: datetime
    event: Event
    table: Table

    def to_contacts(
        self, kind: Kind, name: str, about: str = "", since: str = "", version: int = 0
    ) -> list[OutboxMail]:
        """A mail to each contact person, who has a number in its id."""
        return [
            OutboxMail(f"{name}-{number}", kind, contact.email, self.now, about, since, version)
            for number, contact in enumerate(self.event.contacts, 1)
        ]
