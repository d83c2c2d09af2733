"""The access log: who saw or changed what at the desk."""

from collections.abc import Iterator
from datetime import datetime

from chalicelib.audit.log import Access, Deed
from chalicelib.dynamo.attributes import instant, item_of, moment, thing_of, unmarshal
from chalicelib.dynamo.table import Item, Table
from chalicelib.dynamo.writes import Write, put

_ACCESS = "ACCESS#"


def entered(access: Access) -> Write:
    """The write that adds a line to the log."""
    return put(f"{_ACCESS}{access.key}", item_of(access))


def latest(table: Table, before: str, at_most: int) -> list[Access]:
    """The log, newest first, from before the line with this key if one is given."""
    last = f"{_ACCESS}{before}" if before else f"{_ACCESS}~"
    found = map(unmarshal, table.query(_ACCESS, last, newest=at_most + 1))
    return [access_of(item) for item in found if item["sk"] != last][:at_most]


def about(table: Table, code: str, since: datetime) -> list[Access]:
    """The lines about this plate code, the oldest first."""
    return [line for line in _mentioning(table, code, since) if line.concerns(code)]


def _mentioning(table: Table, code: str, since: datetime) -> Iterator[Access]:
    for item in table.query(f"{_ACCESS}{instant(since)}", f"{_ACCESS}~"):
        if code in item["about"]["S"]:
            yield access_of(unmarshal(item))


def access_of(item: Item) -> Access:
    """The line in an item."""
    return thing_of(Access, item, at=moment, deed=Deed)
