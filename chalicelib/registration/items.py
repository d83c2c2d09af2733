"""Registrations, plate codes and links as items of the table."""

from typing import Any

from chalicelib.dynamo.attributes import format_instant, from_item, parse_instant
from chalicelib.dynamo.table import Attributes, Item
from chalicelib.lifecycle.store import at_revision
from chalicelib.registration.answers import Answers
from chalicelib.registration.registration import ListEntry, ReceiptLink, Registration

_REGISTRATION = "REG#"
# Every registration's sort key lies between these two.
EVERYBODY = (_REGISTRATION, f"{_REGISTRATION}~")
# The attributes that a ListEntry needs; the note only to search in it.
ENTRY = ("sk", "name", "organisation", "email", "plate", "registered_at", "passed_on", "receipt")
# Times that most registrations do not have.
_RARE_TIMES = ("readdressed_at", "links_ended_at")


def sort_key(key: str) -> str:
    """The sort key of the registration with this key."""
    return f"{_REGISTRATION}{key}"


def key_of(sort_key: str) -> str:
    """The key of the registration with this sort key."""
    return sort_key.removeprefix(_REGISTRATION)


def link_key(link_hash: str) -> str:
    """The sort key of the link with this hash."""
    return f"LINK#{link_hash}"


def link_keys(registration: Registration) -> list[str]:
    """The sort keys of the registration's links."""
    return [link_key(one) for one in registration.links]


def registration_item(registration: Registration) -> Item:
    """The registration's item; `plate` repeats the order, so that a summary reads only that."""
    links = {"links": list(registration.links)} if registration.links else {}
    passed_on = {"passed_on": registration.passed_on} if registration.passed_on else {}
    receipt = {"receipt": registration.receipt} if registration.receipt > 1 else {}
    corrected = {"corrected": registration.corrected} if registration.corrected else {}
    return {
        **vars(registration.answers),
        **links,
        **passed_on,
        **receipt,
        **corrected,
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
        note=answers.note,
        receipt=registration.receipt,
    )


def entry_of(item: Attributes) -> ListEntry:
    """The list entry in a raw DynamoDB item: unmarshalling thousands of items would be slow."""
    return ListEntry(
        key=key_of(item["sk"]["S"]),
        name=item["name"]["S"],
        organisation=item["organisation"]["S"],
        email=item["email"]["S"],
        encoded_order=item["plate"]["S"],
        registered_at=parse_instant(item["registered_at"]["S"]),
        passed_on=item.get("passed_on", {}).get("S", ""),
        note=item.get("note", {}).get("S", ""),
        receipt=int(item.get("receipt", {}).get("N", 1)),
    )


def if_as_read(revision: int, read: Registration) -> tuple[str, dict[str, Any]]:
    """The condition that the item has this revision, and the links and `passed_on` of `read`."""
    condition, values = at_revision(revision)
    known = {"links": list(read.links), "passed_on": read.passed_on}
    held = {name: value for name, value in known.items() if value}
    parts = [
        f"{name} = :{name}" if name in held else f"attribute_not_exists({name})" for name in known
    ]
    return " AND ".join([condition, *parts]), values | {f":{n}": v for n, v in held.items()}
