"""What use cases and mails need: the time, event and table; and where links lead."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from chalicelib.dynamo.table import Table
from chalicelib.event.event import Event


@dataclass(frozen=True)
class Context:
    """The time of the request or run, the event, and the event's table."""

    now: datetime
    event: Event
    table: Table


class LinkTarget(NamedTuple):
    """Base URL and language of the links in a mail, like `https://host/stage` and `sv`."""

    base_url: str
    language: str
