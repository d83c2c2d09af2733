"""What the items of the table look like: from the model's objects to attributes, and back."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from chalicelib.control import Control, Snapshot, State
from chalicelib.outbox import OutboxMail
from chalicelib.registration import Answers, Link, Registration

Item = dict[str, Any]

_WHEN = "%Y-%m-%dT%H:%M:%S.%fZ"


def outbox_key(mail: OutboxMail) -> str:
    """Sorts by when the mail is due."""
    return f"OUTBOX#{instant(mail.due)}#{mail.id}"


def summary_key(version: int) -> str:
    """One item for each version."""
    return f"SUMMARY#{version}"


def control_item(control: Control) -> Item:
    """The control's attributes."""
    item: Item = {
        "state": control.state.value,
        "version": control.version,
        "revision": control.revision,
    }
    if control.closes_at:
        item["closes_at"] = instant(control.closes_at)
    if control.snapshot:
        item["fingerprint"] = control.snapshot.fingerprint
        item["registrations"] = control.snapshot.registrations
        item["taken_at"] = instant(control.snapshot.taken_at)
    return item


def control_of(item: Item) -> Control:
    """The control in an item."""
    snapshot = None
    if "fingerprint" in item:
        snapshot = Snapshot(
            item["fingerprint"], int(item["registrations"]), moment(item["taken_at"])
        )
    return Control(
        state=State(item["state"]),
        closes_at=moment(item["closes_at"]) if "closes_at" in item else None,
        snapshot=snapshot,
        version=int(item["version"]),
        revision=int(item["revision"]),
    )


def registration_item(registration: Registration) -> Item:
    """The registration's attributes, with `plate` apart so that a summary reads only that."""
    return {
        **asdict(registration.answers),
        "plate": registration.order.encode(),
        "plate_code": registration.plate_code,
        "revision": registration.revision,
        "registered_at": instant(registration.registered_at),
        "changed_at": instant(registration.changed_at),
    }


def registration_of(item: Item) -> Registration:
    """The registration in an item."""
    answers = Answers(
        name=item["name"],
        meals=tuple(item["meals"]),
        organisation=item["organisation"],
        email=item["email"],
        diet=item["diet"],
        allergens=tuple(item["allergens"]),
        traces=tuple(item["traces"]),
        severe=item["severe"],
        note=item["note"],
    )
    return Registration(
        answers=answers,
        plate_code=item["plate_code"],
        registered_at=moment(item["registered_at"]),
        changed_at=moment(item["changed_at"]),
        revision=int(item["revision"]),
    )


def link_item(link: Link) -> Item:
    """The link's attributes."""
    return {
        "registration": link.token_hash,
        "address": link.address_hash,
        "registered_at": instant(link.registered_at),
    }


def link_of(item: Item) -> Link:
    """The link in an item."""
    return Link(item["registration"], item["address"], moment(item["registered_at"]))


def mail_item(mail: OutboxMail) -> Item:
    """The mail's attributes."""
    item = {**asdict(mail), "due": instant(mail.due)}
    item["leased_until"] = instant(mail.leased_until) if mail.leased_until else ""
    return item


def mail_of(item: Item) -> OutboxMail:
    """The mail in an item."""
    return OutboxMail(
        id=item["id"],
        kind=item["kind"],
        recipient=item["recipient"],
        due=moment(item["due"]),
        version=int(item["version"]),
        registration=item["registration"],
        site=item["site"],
        language=item["language"],
        attempt=int(item["attempt"]),
        leased_until=moment(item["leased_until"]) if item["leased_until"] else None,
        doubts=int(item["doubts"]),
        owner=item["owner"],
        counted=item["counted"],
    )


def instant(at: datetime) -> str:
    """UTC with microseconds, so that the texts sort as the instants do."""
    return at.astimezone(UTC).strftime(_WHEN)


def moment(text: str) -> datetime:
    """The instant that was written."""
    return datetime.strptime(text, _WHEN).replace(tzinfo=UTC)


def marshal(item: Mapping[str, Any]) -> dict[str, Any]:
    """Python values as DynamoDB's typed attributes."""
    serialize = TypeSerializer().serialize
    return {key: serialize(value) for key, value in item.items()}


def unmarshal(item: Mapping[str, Any]) -> Item:
    """DynamoDB's typed attributes as Python values; numbers are Decimal."""
    deserialize = TypeDeserializer().deserialize
    return {key: deserialize(value) for key, value in item.items()}
