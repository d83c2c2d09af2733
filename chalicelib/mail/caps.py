"""Caps: receipts a day, login links at a time, forms and keys that may be used only once."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256

from chalicelib.dynamo.attributes import from_item, parse_instant, to_item
from chalicelib.dynamo.table import Item, Table
from chalicelib.dynamo.writes import ABSENT, Write, put, update
from chalicelib.mail.limits import ASKS_A_DAY, LINK_MAILS_A_DAY

# Visitors can enter anybody's address: the caps prevent flooding a mailbox through the form.
RECEIPTS_PER_MAILBOX_A_DAY = 5
# A mailbox may get the mail of a whole domain. Enough for a colleagues' outing from elsewhere.
RECEIPTS_PER_DOMAIN_A_DAY = 100
# A contact person is mailed at most three login links at once, then one every twenty minutes. That
# is sooner than a link expires, so that whoever has to wait for the next has a valid one.
LINKS_AT_ONCE = 3
A_LINK_EVERY = timedelta(minutes=20)
# How long the table stores a counter: from the counted request, or from the start of the day.
CAPS_KEPT_FOR = timedelta(days=2)


_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def count_receipt(table: Table, mailbox_hash: str, day: date, mail_id: str) -> bool:
    """Count a receipt for its mailbox on `day` (UTC), once for the same `mail_id`.

    False, and nothing is counted, if the mailbox has RECEIPTS_PER_MAILBOX_A_DAY others already.
    """
    room = "attribute_not_exists(receipts) OR size(receipts) < :most OR contains(receipts, :one)"
    values = {":most": RECEIPTS_PER_MAILBOX_A_DAY, ":one": mail_id}
    until = {"expires_at": expiry(day)}
    receipts = {"receipts": frozenset({mail_id})}
    return table.applied(update(mailbox_key(mailbox_hash, day), until, room, values, add=receipts))


def mailbox_key(mailbox_hash: str, day: date) -> str:
    """The sort key of a mailbox's receipts of `day` (UTC), among the items of all events."""
    return f"CAP#{day}#{mailbox_hash}"


def receipts_left(item: Item) -> int:
    """How many receipts more the mailbox with this item, or an empty one, may get in its day."""
    return max(RECEIPTS_PER_MAILBOX_A_DAY - len(item.get("receipts", ())), 0)


def count_domain(table: Table, domain: str, day: date) -> bool:
    """Count a receipt for its domain on `day` (UTC); False if it has its receipts of the day."""
    name = f"{day}#{sha256(domain.encode()).hexdigest()}"
    return table.applied(_counting(name, RECEIPTS_PER_DOMAIN_A_DAY, expiry(day)))


def ask_write(now: datetime) -> Write:
    """The write that counts that somebody asked for an address's links on the day of `now` (UTC).

    Refused if as many as may have asked already.
    """
    day = now.astimezone(UTC).date()
    return _counting(f"links#{day}", ASKS_A_DAY, expiry(day))


def count_link_mail(table: Table, mailbox_hash: str, day: date) -> bool:
    """Count a mail with links for its mailbox on `day` (UTC); False if it has had its mails."""
    return table.applied(_counting(f"links#{day}#{mailbox_hash}", LINK_MAILS_A_DAY, expiry(day)))


@dataclass(frozen=True)
class MailedLinks:
    """The login links mailed to one contact person in one day (UTC), and when the last was.

    Each takes up A_LINK_EVERY, one after the other; `taken_until` is the end of the last.
    """

    mails: int = 0
    last_at: datetime = _LONG_AGO
    taken_until: datetime = _LONG_AGO

    def has_place(self, now: datetime) -> bool:
        """Whether one more may be mailed at `now`."""
        return self.taken_until - now <= (LINKS_AT_ONCE - 1) * A_LINK_EVERY


def mailed_links(table: Table, mailbox_hash: str, day: date) -> MailedLinks:
    """The login links mailed to the contact person with this mailbox on `day` (UTC)."""
    item = table.get(f"CAP#desk#{day}#{mailbox_hash}") or {}
    return from_item(MailedLinks, item, last_at=parse_instant, taken_until=parse_instant)


def count_link(table: Table, mailbox_hash: str, now: datetime) -> bool:
    """Count a login link that is about to be mailed; False if there is no place for it.

    There is none either if another run counts one at the same time.
    """
    day = now.astimezone(UTC).date()
    before = mailed_links(table, mailbox_hash, day)
    if not before.has_place(now):
        return False
    after = MailedLinks(before.mails + 1, now, max(before.taken_until, now) + A_LINK_EVERY)
    item = {**to_item(after), "expires_at": expiry(day)}
    unchanged = "attribute_not_exists(mails) OR mails = :before"
    counted = put(f"CAP#desk#{day}#{mailbox_hash}", item, unchanged, {":before": before.mails})
    # Ours may be the write that was applied: its answer lost, the client's retry refused.
    return table.applied(counted) or mailed_links(table, mailbox_hash, day) == after


def count_ask(table: Table, now: datetime) -> None:
    """Count that somebody asked for a login link, on the day of `now` (UTC)."""
    day = now.astimezone(UTC).date()
    until = {"expires_at": expiry(day)}
    table.apply(update(f"CAP#desk#{day}", until, add={"mails": 1}))


def asks_for_links(table: Table, day: date) -> int:
    """How often anybody asked for a login link on `day` (UTC), with whatever address."""
    item = table.get(f"CAP#desk#{day}")
    return int(item["mails"]) if item else 0


def once(name: str, now: datetime) -> Write:
    """The write that makes a second transaction with this `name` fail for CAPS_KEPT_FOR."""
    return put(f"CAP#{name}", {"expires_at": int((now + CAPS_KEPT_FOR).timestamp())}, ABSENT)


def only(name: str, use: str, now: datetime) -> Write:
    """The write that fails if `name` has had another `use` within CAPS_KEPT_FOR."""
    expires = int((now + CAPS_KEPT_FOR).timestamp())
    same_use = "attribute_not_exists(sk) OR used_for = :use"
    return put(f"CAP#{name}", {"used_for": use, "expires_at": expires}, same_use, {":use": use})


def _counting(name: str, at_most: int, expires: int) -> Write:
    """The write that increases the counter `name`; refused if it has reached `at_most`."""
    condition = "attribute_not_exists(mails) OR mails < :most"
    until = {"expires_at": expires}
    return update(f"CAP#{name}", until, condition, {":most": at_most}, add={"mails": 1})


def expiry(day: date) -> int:
    """When the table expires a counter of `day` (UTC), in seconds since 1970."""
    return int((datetime.combine(day, time.min, UTC) + CAPS_KEPT_FOR).timestamp())
