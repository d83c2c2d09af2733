"""Where the event's pages are, for mails that nobody's visit leads to."""

from chalicelib.dynamo.table import Table
from chalicelib.dynamo.writes import put

SITE = "SITE"


def read(table: Table) -> str:
    """The address, `https://host/stage`; empty before anybody has said so."""
    item = table.get(SITE)
    return str(item["address"]) if item else ""


def save(table: Table, address: str) -> None:
    """Says where the event's pages are."""
    table.apply(put(SITE, {"address": address}, stays=True))


def desk_url(table: Table) -> str:
    """The address of the contact persons' pages; empty while the base URL is not known."""
    base_url = read(table)
    return f"{base_url}/desk" if base_url else ""
