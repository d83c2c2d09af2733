"""What every use case works with."""

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
    """Where the links of a mail lead: the base URL `https://host/stage`, and the language `sv`."""

    base_url: str
    language: str
