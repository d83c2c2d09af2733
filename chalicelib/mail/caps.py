"""Caps: receipts a day, login links an hour, and forms that may be sent only once."""

from datetime import UTC, date, datetime, time

from chalicelib.dynamo.errors import Conflict
from chalicelib.dynamo.table import Table
from chalicelib.dynamo.writes import ABSENT, Write, put, update
from chalicelib.mail.limits import (
    CAPS_KEPT_FOR,
    COUNTED_FOR_A_BOUNCE,
    LINKS_AN_HOUR,
    RECEIPTS_A_DAY,
    RECEIPTS_PER_ADDRESS_A_DAY,
    Cap,
)


def count_receipt(table: Table, address_hash: str, day: date) -> Cap | None:
    """Count a receipt against the caps of `day` (UTC): first the mailbox's, then that of all.

    Returns the cap that was used up already, or None.
    """
    expires = _expiry(day)
    if not _count(table, f"{day}#{address_hash}", RECEIPTS_PER_ADDRESS_A_DAY, expires):
        return Cap.MAILBOX
    return None if _count(table, f"{day}", RECEIPTS_A_DAY, expires) else Cap.ALL


def count_bounce(table: Table, day: date) -> None:
    """Count a bounced or unwanted receipt as COUNTED_FOR_A_BOUNCE receipts of `day` (UTC)."""
    _count(table, f"{day}", RECEIPTS_A_DAY, _expiry(day), COUNTED_FOR_A_BOUNCE)


def count_link(table: Table, address_hash: str, now: datetime) -> bool:
    """Count a login link in the hour of `now` (UTC); False if LINKS_AN_HOUR are counted already."""
    hour = f"{now.astimezone(UTC):%Y-%m-%dT%H}"
    return _count(table, f"desk#{hour}#{address_hash}", LINKS_AN_HOUR, now + CAPS_KEPT_FOR)


def once(name: str, now: datetime) -> Write:
    """The write that makes a second transaction with this `name` fail for CAPS_KEPT_FOR."""
    return put(f"CAP#{name}", {"expires_at": int((now + CAPS_KEPT_FOR).timestamp())}, ABSENT)


def _count(table: Table, name: str, at_most: int, expires: datetime, by: int = 1) -> bool:
    """Increase the counter `name`; if it has reached `at_most`, change nothing and return False."""
    condition = "attribute_not_exists(mails) OR mails < :most"
    until = {"expires_at": int(expires.timestamp())}
    counted = update(f"CAP#{name}", until, condition, {":most": at_most}, add={"mails": by})
    try:
        table.apply(counted)
    except Conflict:
        return False
    return True


def _expiry(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC) + CAPS_KEPT_FOR
