"""Registrations, their plate codes, and the links that open them."""

from collections.abc import Iterator, Sequence
from typing import Any

from chalicelib.dynamo.attributes import (
    format_instant,
    from_item,
    parse_instant,
    to_item,
    unmarshal,
)
from chalicelib.dynamo.errors import Conflict
from chalicelib.dynamo.table import Attributes, Item, Table
from chalicelib.dynamo.writes import NEW, Write, check, delete, put, update
from chalicelib.lifecycle.store import at_revision
from chalicelib.registration.answers import Answers
from chalicelib.registration.registration import Link, ListEntry, Registration, link_to

_REGISTRATION = "REG#"
_EVERYBODY = (_REGISTRATION, f"{_REGISTRATION}~")
# What a line of the list needs of an item.
_ENTRY = ("sk", "name", "organisation", "email", "plate", "registered_at")


class PlateCodeTaken(Exception):
    """Another registration has this plate code."""


def add(
    table: Table, key: str, registration: Registration, also: Sequence[Write] = ()
) -> Registration:
    """Stores a registration once, with what is `also` to be written, and returns the stored one.

    `key` is the hash of its token. If it was there before, that one is returned and nothing else is
    written. Raises PlateCodeTaken if another registration has its plate code, Conflict if it comes
    and goes meanwhile.
    """
    refused = table.write(
        put(_of(key), registration_item(registration), NEW),
        put(f"CODE#{registration.plate_code}", {"registration": key}, NEW),
        *also,
    )
    if not any(refused):
        return registration
    if not refused[0]:
        raise PlateCodeTaken if refused[1] else Conflict
    stored = find(table, key)
    if stored is None:
        raise Conflict
    return stored


def change(
    table: Table, key: str, registration: Registration, also: Sequence[Write] = (), link: str = ""
) -> None:
    """Writes the next revision; raises Conflict unless the one before it is stored as read.

    With `link`, the token with that hash opens the registration in the same write.
    """
    linked = registration.with_link(link) if link else registration
    as_read = _as_read(registration.revision - 1, registration.links)
    links = _bind(link, key, linked, registration) if link else []
    table.write_all(put(_of(key), registration_item(linked), *as_read), *links, *also)


def remove(table: Table, key: str, registration: Registration, also: Sequence[Write] = ()) -> None:
    """Removes a registration with its code and its links, if it is stored as it was read.

    Raises Conflict if it isn't, or if what is `also` to be written is refused.
    """
    keys = [f"CODE#{registration.plate_code}", *map(_link, registration.links)]
    as_read = _as_read(registration.revision, registration.links)
    table.write_all(delete(_of(key), *as_read), *map(delete, keys), *also)


def while_unchanged(key: str, registration: Registration) -> Write:
    """Lets a transaction pass only while this revision of another registration is stored."""
    return check(_of(key), *at_revision(registration.revision))


def link(table: Table, link_hash: str, key: str, registration: Registration) -> None:
    """Makes another token open a registration, or binds that token anew.

    Raises Conflict unless the registration is stored as it was read.
    """
    linked = registration.with_link(link_hash)
    as_read = _as_read(registration.revision, registration.links)
    links = {"links": list(linked.links)}
    table.write_all(update(_of(key), links, *as_read), *_bind(link_hash, key, linked, registration))


def linked(table: Table, link_hash: str) -> Link | None:
    """What a mailed token opens, if it is known."""
    item = table.get(_link(link_hash))
    return from_item(Link, item, registered_at=parse_instant) if item else None


def find(table: Table, key: str) -> Registration | None:
    """The registration with this hash of its token."""
    item = table.get(_of(key))
    return registration_of(item) if item else None


def find_all(table: Table, keys: Sequence[str]) -> dict[str, Registration]:
    """Those of the registrations that are there, by the hash of their token, in this sequence."""
    items = {item["sk"]: item for item in table.get_all([_of(key) for key in keys])}
    return {key: registration_of(items[_of(key)]) for key in keys if _of(key) in items}


def entries(table: Table) -> Iterator[ListEntry]:
    """Every registration as the list needs it, read as they are asked for."""
    return map(entry_of, table.query(*_EVERYBODY, *_ENTRY))


def everybody(table: Table) -> Iterator[Registration]:
    """Every registration, whole, read as they are asked for."""
    return (registration_of(unmarshal(item)) for item in table.query(*_EVERYBODY))


def encoded_orders(table: Table) -> Iterator[str]:
    """Every registration's encoded order; empty if an item has none."""
    return (item.get("plate", {}).get("S", "") for item in table.query(*_EVERYBODY, "plate"))


def arrivals(table: Table) -> Iterator[tuple[str, str]]:
    """Every registration's encoded order, and the instant it came at as a text."""
    for item in table.query(*_EVERYBODY, "plate", "registered_at"):
        yield item["plate"]["S"], item["registered_at"]["S"]


def registration_item(registration: Registration) -> Item:
    """The registration's attributes, with `plate` apart so that a summary reads only that."""
    links = {"links": list(registration.links)} if registration.links else {}
    return {
        **vars(registration.answers),
        **links,
        "plate": registration.order.encode(),
        "plate_code": registration.plate_code,
        "revision": registration.revision,
        "registered_at": format_instant(registration.registered_at),
        "changed_at": format_instant(registration.changed_at),
    }


def registration_of(item: Item) -> Registration:
    """The registration in an item."""
    codes = dict.fromkeys(("meals", "allergens", "traces"), tuple)
    known = {**item, "answers": from_item(Answers, item, **codes)}
    return from_item(
        Registration, known, registered_at=parse_instant, changed_at=parse_instant, links=tuple
    )


def entry_of(item: Attributes) -> ListEntry:
    """The list's entry in an item as DynamoDB writes it: of these there are thousands."""
    return ListEntry(
        key=item["sk"]["S"].removeprefix(_REGISTRATION),
        name=item["name"]["S"],
        organisation=item["organisation"]["S"],
        email=item["email"]["S"],
        encoded_order=item["plate"]["S"],
        registered_at=parse_instant(item["registered_at"]["S"]),
    )


def _of(key: str) -> str:
    return f"{_REGISTRATION}{key}"


def _link(link_hash: str) -> str:
    return f"LINK#{link_hash}"


def _bind(link_hash: str, key: str, linked: Registration, before: Registration) -> list[Write]:
    """The link's own item; what the registration no longer knows of goes."""
    bound = put(_link(link_hash), to_item(link_to(key, linked)))
    forgotten = [one for one in before.links if one not in linked.links]
    return [bound, *(delete(_link(one)) for one in forgotten)]


def _as_read(revision: int, links: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """The condition that a registration has this revision and just these links."""
    condition, values = at_revision(revision)
    if not links:
        return f"{condition} AND attribute_not_exists(links)", values
    return f"{condition} AND links = :links", values | {":links": list(links)}
