"""The links of receipt mails in the table: each opens one registration."""

from dataclasses import replace
from datetime import datetime

from chalicelib.dynamo.attributes import format_instant, to_item
from chalicelib.dynamo.table import Table
from chalicelib.dynamo.writes import EXISTS, Write, delete, put, update
from chalicelib.mail.outbox import MailKind
from chalicelib.registration.items import if_as_read, link_key, link_keys, link_of, sort_key
from chalicelib.registration.limits import LINKS_AT_MOST
from chalicelib.registration.registration import ReceiptLink, Registration, link_to


def link(
    table: Table,
    link_hash: str,
    key: str,
    registration: Registration,
    mail_id: str = "",
    *,
    again: bool = False,
) -> None:
    """Let the token with the hash `link_hash` open the registration, now or again.

    `mail_id` is the mail with the link. With `again`, its earlier links, which nobody has got, are
    dropped. Of too many links, the oldest that somebody asked for is dropped first: a stranger who
    keeps asking must not end those of receipts. Raises Conflict unless the registration is stored
    as it was read.
    """
    others = registration.links
    if again or len(others) >= LINKS_AT_MOST:  # one by one, since the tick may not read in batches
        mails = {one: (table.get(link_key(one), "mail") or {}).get("mail", "") for one in others}
        others = tuple(one for one in others if not again or mails[one] != mail_id)
        asked = [one for one in others if mails[one].startswith(f"{MailKind.LINK}-")]
        if asked and len(others) >= LINKS_AT_MOST:
            others = tuple(one for one in others if one != asked[0])
    linked = replace(registration, links=others).with_link(link_hash)
    as_read = if_as_read(registration.revision, registration)
    bound = bind_writes(link_hash, key, linked, registration, mail_id)
    table.write_all(update(sort_key(key), {"links": list(linked.links)}, *as_read), *bound)


def linked(table: Table, link_hash: str) -> ReceiptLink | None:
    """The link of the mailed token with this hash, or None."""
    item = table.get(link_key(link_hash))
    return link_of(item) if item else None


def opening(table: Table, registration: Registration) -> dict[str, ReceiptLink]:
    """Those of the registration's links that still open it, by their hashes, the oldest first."""
    read = {item["sk"]: link_of(item) for item in table.get_all(link_keys(registration))}
    links = {one: read[link_key(one)] for one in registration.links if link_key(one) in read}
    return {one: link for one, link in links.items() if link.opens(registration)}


def record_use(table: Table, link_hash: str, now: datetime) -> None:
    """Record when the link was last used, unless it has been deleted."""
    table.applied(update(link_key(link_hash), {"used_at": format_instant(now)}, EXISTS))


def bind_writes(
    link_hash: str, key: str, linked: Registration, before: Registration, mail_id: str = ""
) -> list[Write]:
    """The writes that store the link and delete those of `before` that `linked` drops."""
    bound = put(link_key(link_hash), {**to_item(link_to(key, linked)), "mail": mail_id})
    dropped = [other for other in before.links if other not in linked.links]
    return [bound, *(delete(link_key(other)) for other in dropped)]
