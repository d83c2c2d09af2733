"""The base URL of all pages, stored with each event for mails that no request triggers."""

from chalicelib.dynamo.table import Table
from chalicelib.dynamo.writes import put

SITE = "SITE"


def read(table: Table) -> str:
    """The base URL, `https://host/stage`; empty if none is stored."""
    item = table.get(SITE)
    return str(item["address"]) if item else ""


def save(table: Table, address: str) -> None:
    """Store the base URL."""
    table.apply(put(SITE, {"address": address}, stays=True))


def desk_url(table: Table) -> str:
    """The URL of the desk's door; empty if no base URL is stored."""
    base_url = read(table)
    return f"{base_url}/desk" if base_url else ""
