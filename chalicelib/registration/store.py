"""Registrations in the table, with their plate codes and the links that open them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
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
from chalicelib.dynamo.writes import ABSENT, EXISTS, Write, delete, put, update
from chalicelib.lifecycle.store import at_revision
from chalicelib.registration.answers import Answers
from chalicelib.registration.limits import LINKS_AT_MOST
from chalicelib.registration.registration import (
    ListEntry,
    ReceiptLink,
    Registration,
    RegistrationRemoved,
    link_to,
)

# A registration with the hash of its token.
Keyed = tuple[str, Registration]
_REGISTRATION = "REG#"
_EVERYBODY = (_REGISTRATION, f"{_REGISTRATION}~")
# Times that most registrations do not have.
_RARE_TIMES = ("readdressed_at", "links_ended_at")
# The attributes that a ListEntry needs.
_ENTRY = ("sk", "name", "organisation", "email", "plate", "registered_at", "passed_on")


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
        put(_of(key), registration_item(registration), ABSENT),
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
    linked = registration.with_link(link) if link else registration
    as_read = _as_read(registration.revision - 1, registration)
    links = _bind(link, key, linked, registration) if link else []
    table.write_all(put(_of(key), registration_item(linked), *as_read), *links, *also)


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
        as_read = _as_read(registration.revision, registration)
        writes += [delete(_of(key), *as_read), *map(delete, _links(registration))]
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
    linked = replace(merged, links=(*before.links, *links)[-LINKS_AT_MOST:])
    bound = [one for one in linked.links if one not in before.links]
    dropped = {*before.links, *removed.links} - {*linked.links}
    table.write_all(
        put(_of(key), registration_item(linked), *_as_read(before.revision, before)),
        delete(_of(gone_key), *_as_read(removed.revision, removed)),
        *(put(_link(one), to_item(link_to(key, linked))) for one in bound),
        *(delete(_link(one)) for one in sorted(dropped)),
        *also,
    )


def opening(table: Table, registration: Registration) -> dict[str, ReceiptLink]:
    """Those of the registration's links that still open it, by their hashes, the oldest first."""
    read = {item["sk"]: link_of(item) for item in table.get_all(_links(registration))}
    links = {one: read[_link(one)] for one in registration.links if _link(one) in read}
    return {one: link for one, link in links.items() if link.opens(registration)}


def end_links(
    table: Table, key: str, before: Registration, ended: Registration, also: Sequence[Write] = ()
) -> None:
    """Store `ended`, which has no links, in place of `before`, and make the writes in `also`.

    Raises Conflict unless `before` is stored as it was read.
    """
    as_read = _as_read(before.revision, before)
    links = map(delete, _links(before))
    table.write_all(put(_of(key), registration_item(ended), *as_read), *links, *also)


def record_use(table: Table, link_hash: str, now: datetime) -> None:
    """Record when the link was last used, unless it has been deleted."""
    table.applied(update(_link(link_hash), {"used_at": format_instant(now)}, EXISTS))


def passed_on_write(key: str, registration: Registration, note_hash: str) -> Write:
    """The write that stores the hash of the note that the kitchen was told; empty for none.

    Refused unless the registration is stored as it was read. Telling leaves `plate` as it is: if it
    was stored before notes were hashed, a new one would count as a changed note.
    """
    as_read = _as_read(registration.revision, registration)
    if note_hash:
        return update(_of(key), {"passed_on": note_hash}, *as_read)
    return put(_of(key), registration_item(replace(registration, passed_on="")), *as_read)


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
    dropped. Raises Conflict unless the registration is stored as it was read.
    """
    others = registration.links
    if again:  # one by one, since the tick may not read in batches
        sent = {"mail": mail_id}
        others = tuple(one for one in others if table.get(_link(one), "mail") != sent)
    linked = replace(registration, links=others).with_link(link_hash)
    as_read = _as_read(registration.revision, registration)
    bound = _bind(link_hash, key, linked, registration, mail_id)
    table.write_all(update(_of(key), {"links": list(linked.links)}, *as_read), *bound)


def linked(table: Table, link_hash: str) -> ReceiptLink | None:
    """The link of the mailed token with this hash, or None."""
    item = table.get(_link(link_hash))
    return link_of(item) if item else None


def opened(table: Table, link_hash: str) -> Keyed | None:
    """The key and the registration that the token with this hash opens: its own, or a link's."""
    registration = find(table, link_hash)
    if registration:
        return link_hash, registration
    link = linked(table, link_hash)
    registration = find(table, link.registration) if link else None
    if link is None or registration is None or not link.opens(registration):
        return None
    return link.registration, registration


def find(table: Table, key: str) -> Registration | None:
    """The registration whose token has the hash `key`, or None."""
    item = table.get(_of(key))
    return registration_of(item) if item else None


def find_all(table: Table, keys: Sequence[str]) -> dict[str, Registration]:
    """The registrations with these `keys`, in the same order; missing ones are left out."""
    items = {item["sk"]: item for item in table.get_all([_of(key) for key in keys])}
    return {key: registration_of(items[_of(key)]) for key in keys if _of(key) in items}


def entries(table: Table) -> Iterator[ListEntry]:
    """Every registration as a list entry; reads the table page by page."""
    return map(entry_of, table.query(*_EVERYBODY, *_ENTRY))


def everybody(table: Table) -> Iterator[Registration]:
    """Every registration, complete; reads the table page by page."""
    return (registration for _, registration in keyed(table))


def keyed(table: Table, after: str = "") -> Iterator[Keyed]:
    """Every registration with its key, in the order of keys; only later ones than `after`."""
    # All keys are equally long, so that what sorts after one with a `#` sorts after the key.
    for item in table.query(f"{_of(after)}#" if after else _REGISTRATION, f"{_REGISTRATION}~"):
        yield item["sk"]["S"].removeprefix(_REGISTRATION), registration_of(unmarshal(item))


def encoded_orders(table: Table) -> Iterator[str]:
    """Every registration's encoded order; an empty text if an item has none."""
    return (item.get("plate", {}).get("S", "") for item in table.query(*_EVERYBODY, "plate"))


def arrivals(table: Table) -> Iterator[tuple[str, str, str]]:
    """Every registration's encoded order, when it was registered, and its `passed_on`, as stored.

    `passed_on` is empty if the item has none.
    """
    for item in table.query(*_EVERYBODY, "plate", "registered_at", "passed_on"):
        yield item["plate"]["S"], item["registered_at"]["S"], _passed_on(item)


def registration_item(registration: Registration) -> Item:
    """The registration's item; `plate` repeats the order, so that a summary reads only that."""
    links = {"links": list(registration.links)} if registration.links else {}
    passed_on = {"passed_on": registration.passed_on} if registration.passed_on else {}
    receipt = {"receipt": registration.receipt} if registration.receipt > 1 else {}
    return {
        **vars(registration.answers),
        **links,
        **passed_on,
        **receipt,
        "plate": registration.order.encode(),
        "plate_code": registration.plate_code,
        "revision": registration.revision,
        "registered_at": format_instant(registration.registered_at),
        "changed_at": format_instant(registration.changed_at),
        **{name: format_instant(at) for name in _RARE_TIMES if (at := getattr(registration, name))},
    }


def registration_of(item: Item) -> Registration:
    """The registration in an item."""
    codes = dict.fromkeys(("meals", "allergens", "traces"), tuple)
    known = {**item, "answers": from_item(Answers, item, **codes)}
    times = dict.fromkeys(("registered_at", "changed_at", *_RARE_TIMES), parse_instant)
    return from_item(Registration, known, links=tuple, **times)


def link_of(item: Item) -> ReceiptLink:
    """The link in an item."""
    return from_item(ReceiptLink, item, registered_at=parse_instant, used_at=parse_instant)


def list_entry(key: str, registration: Registration) -> ListEntry:
    """The list entry of a registration."""
    answers = registration.answers
    return ListEntry(
        key=key,
        name=answers.name,
        organisation=answers.organisation,
        email=answers.email,
        encoded_order=registration.order.encode(),
        registered_at=registration.registered_at,
        passed_on=registration.passed_on,
    )


def entry_of(item: Attributes) -> ListEntry:
    """The list entry in a raw DynamoDB item: unmarshalling thousands of items would be slow."""
    return ListEntry(
        key=item["sk"]["S"].removeprefix(_REGISTRATION),
        name=item["name"]["S"],
        organisation=item["organisation"]["S"],
        email=item["email"]["S"],
        encoded_order=item["plate"]["S"],
        registered_at=parse_instant(item["registered_at"]["S"]),
        passed_on=_passed_on(item),
    )


def _passed_on(item: Attributes) -> str:
    text: str = item.get("passed_on", {}).get("S", "")
    return text


def _of(key: str) -> str:
    return f"{_REGISTRATION}{key}"


def _link(link_hash: str) -> str:
    return f"LINK#{link_hash}"


def _links(registration: Registration) -> list[str]:
    return [_link(one) for one in registration.links]


def _bind(
    link_hash: str, key: str, linked: Registration, before: Registration, mail_id: str = ""
) -> list[Write]:
    """The writes that store the link and delete the links that the registration drops."""
    bound = put(_link(link_hash), {**to_item(link_to(key, linked)), "mail": mail_id})
    dropped = [other for other in before.links if other not in linked.links]
    return [bound, *(delete(_link(other)) for other in dropped)]


def _as_read(revision: int, read: Registration) -> tuple[str, dict[str, Any]]:
    """The condition that the item has this revision, and the links and `passed_on` of `read`."""
    condition, values = at_revision(revision)
    known = {"links": list(read.links), "passed_on": read.passed_on}
    held = {name: value for name, value in known.items() if value}
    parts = [
        f"{name} = :{name}" if name in held else f"attribute_not_exists({name})" for name in known
    ]
    return " AND ".join([condition, *parts]), values | {f":{n}": v for n, v in held.items()}
