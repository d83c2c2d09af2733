"""Caps on what can be set off: receipts a day, links to the desk an hour, the same form once."""

from datetime import UTC, date, datetime, time

from chalicelib.dynamo.errors import Conflict
from chalicelib.dynamo.table import Table
from chalicelib.dynamo.writes import NEW, Write, put, update
from chalicelib.mail.limits import (
    CAPS_KEPT_FOR,
    COUNTED_FOR_A_BOUNCE,
    LINKS_AN_HOUR,
    RECEIPTS_A_DAY,
    RECEIPTS_PER_ADDRESS_A_DAY,
    Cap,
)


def count_receipt(table: Table, address_hash: str, day: date) -> Cap | None:
    """Counts a receipt mail of the day, unless the address or all had as many as may be.

    Then it returns which.
    """
    expires = _end_of(day)
    if not _count(table, f"{day}#{address_hash}", RECEIPTS_PER_ADDRESS_A_DAY, expires):
        return Cap.MAILBOX
    return None if _count(table, f"{day}", RECEIPTS_A_DAY, expires) else Cap.ALL


def count_bounce(table: Table, day: date) -> None:
    """Counts a receipt that came back for COUNTED_FOR_A_BOUNCE of the day's receipts."""
    _count(table, f"{day}", RECEIPTS_A_DAY, _end_of(day), COUNTED_FOR_A_BOUNCE)


def count_link(table: Table, address_hash: str, now: datetime) -> bool:
    """Counts a link of the hour, unless the address has had as many as may be."""
    hour = f"{now.astimezone(UTC):%Y-%m-%dT%H}"
    return _count(table, f"desk#{hour}#{address_hash}", LINKS_AN_HOUR, now + CAPS_KEPT_FOR)


def once(name: str, now: datetime) -> Write:
    """Lets a transaction with this name pass only once, for as long as the table keeps it."""
    return put(f"CAP#{name}", {"expires_at": int((now + CAPS_KEPT_FOR).timestamp())}, NEW)


def _count(table: Table, name: str, at_most: int, expires: datetime, more: int = 1) -> bool:
    """Adds one, or more, unless there are as many already."""
    condition = "attribute_not_exists(mails) OR mails < :most"
    until = {"expires_at": int(expires.timestamp())}
    counted = update(f"CAP#{name}", until, condition, {":most": at_most}, add={"mails": more})
    try:
        table.apply(counted)
    except Conflict:
        return False
    return True


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC) + CAPS_KEPT_FOR
