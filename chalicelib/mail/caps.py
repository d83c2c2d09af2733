"""Caps: receipts a day, login links an hour, and forms and keys that may be used only once."""

from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256

from chalicelib.dynamo.errors import Conflict
from chalicelib.dynamo.table import Table
from chalicelib.dynamo.writes import ABSENT, Write, put, update

# Visitors can enter anybody's address: the caps prevent flooding a mailbox through the form.
RECEIPTS_PER_MAILBOX_A_DAY = 5
# A mailbox may get the mail of a whole domain. Enough for a colleagues' outing from elsewhere.
RECEIPTS_PER_DOMAIN_A_DAY = 100
LINKS_AN_HOUR = 5
# How long the table stores a counter: from the counted request, or from the start of the day.
CAPS_KEPT_FOR = timedelta(days=2)


def count_receipt(table: Table, mailbox_hash: str, day: date, mail_id: str) -> bool:
    """Count a receipt for its mailbox on `day` (UTC), once for the same `mail_id`.

    False, and nothing is counted, if the mailbox has RECEIPTS_PER_MAILBOX_A_DAY others already.
    """
    room = "attribute_not_exists(receipts) OR size(receipts) < :most OR contains(receipts, :one)"
    values = {":most": RECEIPTS_PER_MAILBOX_A_DAY, ":one": mail_id}
    until = {"expires_at": expiry(day)}
    receipts = {"receipts": frozenset({mail_id})}
    try:
        table.apply(update(f"CAP#{day}#{mailbox_hash}", until, room, values, add=receipts))
    except Conflict:
        return False
    return True


def count_domain(table: Table, domain: str, day: date) -> bool:
    """Count a receipt for its domain on `day` (UTC); False if it has its receipts of the day."""
    name = f"{day}#{sha256(domain.encode()).hexdigest()}"
    return _count(table, name, RECEIPTS_PER_DOMAIN_A_DAY, expiry(day))


def count_link(table: Table, address_hash: str, now: datetime) -> bool:
    """Count a login link in the hour of `now` (UTC); False if LINKS_AN_HOUR are counted already."""
    hour = f"{now.astimezone(UTC):%Y-%m-%dT%H}"
    expires = int((now + CAPS_KEPT_FOR).timestamp())
    return _count(table, f"desk#{hour}#{address_hash}", LINKS_AN_HOUR, expires)


def once(name: str, now: datetime) -> Write:
    """The write that makes a second transaction with this `name` fail for CAPS_KEPT_FOR."""
    return put(f"CAP#{name}", {"expires_at": int((now + CAPS_KEPT_FOR).timestamp())}, ABSENT)


def only(name: str, use: str, now: datetime) -> Write:
    """The write that fails if `name` has had another `use` within CAPS_KEPT_FOR."""
    expires = int((now + CAPS_KEPT_FOR).timestamp())
    same_use = "attribute_not_exists(sk) OR used_for = :use"
    return put(f"CAP#{name}", {"used_for": use, "expires_at": expires}, same_use, {":use": use})


def _count(table: Table, name: str, at_most: int, expires: int) -> bool:
    """Increase the counter `name`; if it has reached `at_most`, change nothing and return False."""
    condition = "attribute_not_exists(mails) OR mails < :most"
    until = {"expires_at": expires}
    counted = update(f"CAP#{name}", until, condition, {":most": at_most}, add={"mails": 1})
    try:
        table.apply(counted)
    except Conflict:
        return False
    return True


def expiry(day: date) -> int:
    """When the table expires a counter of `day` (UTC), in seconds since 1970."""
    return int((datetime.combine(day, time.min, UTC) + CAPS_KEPT_FOR).timestamp())
