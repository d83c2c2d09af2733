"""The base URL of all pages, stored once for all events, for mails that no request triggers."""

from chalicelib.dynamo.table import Table
from chalicelib.dynamo.writes import put
from chalicelib.event.context import ALL_EVENTS

SITE = "SITE"


def read(table: Table) -> str:
    """The base URL, `https://host/stage`; empty if none is stored."""
    item = table.beside(ALL_EVENTS).get(SITE)
    return str(item["address"]) if item else ""


def save(table: Table, address: str) -> None:
    """Store the base URL."""
    table.beside(ALL_EVENTS).apply(put(SITE, {"address": address}, stays=True))
