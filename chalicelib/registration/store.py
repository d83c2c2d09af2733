"""Registrations in the table, with their plate codes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from chalicelib.dynamo.attributes import to_item, unmarshal
from chalicelib.dynamo.errors import Conflict
from chalicelib.dynamo.table import Table
from chalicelib.dynamo.writes import ABSENT, Write, delete, put, update
from chalicelib.registration.items import (
    ENTRY,
    EVERYBODY,
    entry_of,
    if_as_read,
    key_of,
    link_key,
    link_keys,
    registration_item,
    registration_of,
    sort_key,
)
from chalicelib.registration.limits import LINKS_AT_MOST
from chalicelib.registration.link_store import bind_writes, linked
from chalicelib.registration.registration import (
    ListEntry,
    Registration,
    RegistrationRemoved,
    link_to,
)

# A registration with the hash of its token.
Keyed = tuple[str, Registration]


class Opened(NamedTuple):
    """A registration with its key. `mail` is the mail to its present address that had the link by
    which it was opened, if any: whoever has that can read the mailbox.
    """

    key: str
    registration: Registration
    mail: str = ""


class PlateCodeTaken(Exception):
    """Another registration has this plate code."""


def add(
    table: Table, key: str, registration: Registration, also: Sequence[Write] = ()
) -> Registration:
    """Store a registration and make the writes in `also`, in one transaction.

    `key` is the hash of its token. Returns the stored registration: if there was one under `key`
    already, that one, and nothing is written. Raises PlateCodeTaken if another registration has
    the plate code; RegistrationRemoved if one under `key` had it; Conflict if a write in `also`
    is refused, or the stored one just removed.
    """
    code = f"CODE#{registration.plate_code}"
    refused = table.write(
        put(sort_key(key), registration_item(registration), ABSENT),
        put(code, {"registration": key}, ABSENT),
        *also,
    )
    if not any(refused):
        return registration
    if not refused[0]:
        if not refused[1]:
            raise Conflict
        holder = table.get(code, "registration")
        raise RegistrationRemoved if holder == {"registration": key} else PlateCodeTaken
    stored = find(table, key)
    if stored is None:
        raise Conflict
    return stored


def change(
    table: Table, key: str, registration: Registration, also: Sequence[Write] = (), link: str = ""
) -> None:
    """Store the next revision and make the writes in `also`, in one transaction.

    Raises Conflict unless the previous revision is stored as it was read. `link` is the hash of a
    mailed token that is to open the registration from now on, if any.
    """
    stored = registration.with_link(link) if link else registration
    as_read = if_as_read(registration.revision - 1, registration)
    links = bind_writes(link, key, stored, registration) if link else []
    table.write_all(put(sort_key(key), registration_item(stored), *as_read), *links, *also)


def remove(table: Table, key: str, registration: Registration, also: Sequence[Write] = ()) -> None:
    """Remove a registration and its links, and make the writes in `also`.

    Its plate code stays reserved: no other plate gets it, and `add` recognises the submission.
    Raises Conflict if the registration is not stored as it was read, or a write is refused.
    """
    remove_all(table, [(key, registration)], also)


def remove_all(table: Table, removed: Iterable[Keyed], also: Sequence[Write]) -> None:
    """Remove several registrations, as `remove` does, in one transaction."""
    writes = []
    for key, registration in removed:
        as_read = if_as_read(registration.revision, registration)
        writes += [delete(sort_key(key), *as_read), *map(delete, link_keys(registration))]
    table.write_all(*writes, *also)


def merge(
    table: Table,
    kept: Keyed,
    gone: Keyed,
    merged: Registration,
    also: Sequence[Write] = (),
    links: Sequence[str] = (),
) -> None:
    """Remove `gone`, as `remove` does, and store `merged` in place of `kept`, with `also`.

    From now on `links`, hashes of tokens, open `merged`, as its newest; the other links of `gone`
    open nothing. Raises Conflict unless both are stored as they were read.
    """
    (key, before), (gone_key, removed) = kept, gone
    stored = replace(merged, links=(*before.links, *links)[-LINKS_AT_MOST:])
    bound = [one for one in stored.links if one not in before.links]
    dropped = {*before.links, *removed.links} - {*stored.links}
    table.write_all(
        put(sort_key(key), registration_item(stored), *if_as_read(before.revision, before)),
        delete(sort_key(gone_key), *if_as_read(removed.revision, removed)),
        *(put(link_key(one), to_item(link_to(key, stored))) for one in bound),
        *(delete(link_key(one)) for one in sorted(dropped)),
        *also,
    )


def end_links(
    table: Table, key: str, before: Registration, ended: Registration, also: Sequence[Write] = ()
) -> None:
    """Store `ended`, which has no links, in place of `before`, and make the writes in `also`.

    Raises Conflict unless `before` is stored as it was read.
    """
    as_read = if_as_read(before.revision, before)
    links = map(delete, link_keys(before))
    table.write_all(put(sort_key(key), registration_item(ended), *as_read), *links, *also)


def passed_on_write(key: str, registration: Registration, note_hash: str) -> Write:
    """The write that stores the hash of the note that the kitchen was told; empty for none.

    Refused unless the registration is stored as it was read. Telling leaves `plate` as it is: if it
    was stored before notes were hashed, a new one would count as a changed note.
    """
    as_read = if_as_read(registration.revision, registration)
    if note_hash:
        return update(sort_key(key), {"passed_on": note_hash}, *as_read)
    return put(sort_key(key), registration_item(replace(registration, passed_on="")), *as_read)


def opened(table: Table, link_hash: str) -> Opened | None:
    """What the token with this hash opens: its own registration, or a link's."""
    registration = find(table, link_hash)
    if registration:
        return Opened(link_hash, registration)
    link = linked(table, link_hash)
    registration = find(table, link.registration) if link else None
    if link is None or registration is None or not link.opens(registration):
        return None
    return Opened(link.registration, registration, link.mail)


def find(table: Table, key: str) -> Registration | None:
    """The registration whose token has the hash `key`, or None."""
    item = table.get(sort_key(key))
    return registration_of(item) if item else None


def find_all(table: Table, keys: Sequence[str]) -> dict[str, Registration]:
    """The registrations with these `keys`, in the same order; missing ones are left out."""
    items = {item["sk"]: item for item in table.get_all([sort_key(key) for key in keys])}
    return {key: registration_of(items[sort_key(key)]) for key in keys if sort_key(key) in items}


def entries(table: Table, *, with_notes: bool = False) -> Iterator[ListEntry]:
    """Every registration as a list entry; reads the table page by page."""
    attributes = (*ENTRY, "note") if with_notes else ENTRY
    return map(entry_of, table.query(*EVERYBODY, *attributes))


def addresses(table: Table) -> Iterator[tuple[str, str, str]]:
    """Every registration's mail address, when it was registered, as stored, and its key.

    Without those that have no address. Reads the table page by page.
    """
    for item in table.query(*EVERYBODY, "sk", "email", "registered_at"):
        if item["email"]["S"]:
            yield item["email"]["S"], item["registered_at"]["S"], key_of(item["sk"]["S"])


def everybody(table: Table) -> Iterator[Registration]:
    """Every registration, complete; reads the table page by page."""
    return (registration for _, registration in keyed(table))


def keyed(table: Table, after: str = "") -> Iterator[Keyed]:
    """Every registration with its key, in the order of keys; only later ones than `after`."""
    # All keys are equally long, so that what sorts after one with a `#` sorts after the key.
    for item in table.query(f"{sort_key(after)}#" if after else EVERYBODY[0], EVERYBODY[1]):
        yield key_of(item["sk"]["S"]), registration_of(unmarshal(item))


def encoded_orders(table: Table) -> Iterator[str]:
    """Every registration's encoded order; an empty text if an item has none."""
    return (item.get("plate", {}).get("S", "") for item in table.query(*EVERYBODY, "plate"))
