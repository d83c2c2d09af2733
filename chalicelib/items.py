"""What the items of the table look like: from the model's objects to attributes, and back."""

from collections.abc import Mapping
from typing import Any

from chalicelib.alarm import Alarm
from chalicelib.control import Control, Snapshot, State
from chalicelib.deletion import Datum, Deletion, Stored
from chalicelib.desk import Access, Deed, Pass, PassKind
from chalicelib.instants import instant, moment
from chalicelib.mail_faults import Fault
from chalicelib.mail_record import Happening, MailRecord
from chalicelib.outbox import Kind, OutboxMail
from chalicelib.registration import Answers, Link, Registration
from chalicelib.roll import Entry, name_key, organisation_key, person_key, time_key

Item = dict[str, Any]

# They sort right after the control, so that a tick reads it and what is due in one request.
OUTBOX, RECEIPTS = "DELIVERY#1#", "DELIVERY#2#"

# By what the list is sorted, the table's index, which has the name of the attribute it sorts by.
# Only registrations have these.
INDEXES = {
    "name": "by_name",
    "organisation": "by_organisation",
    "code": "plate_code",
    "person": "by_person",
    "newest": "by_time",
}

_CONTROL_TIMES = (
    "closes_at", "changed_at", "reminded_at", "followed_up_at", "kept_until", "moved_at",
)  # fmt: skip
_DELETION_TIMES = ("began_at", "ended_at", "swept_at")
# What an item is, by how its key begins.
_DATA = {
    "REG#": Datum.REGISTRATION,
    "CODE#": Datum.CODE,
    "LINK#": Datum.LINK,
    "DELIVERY#": Datum.MAIL,
    "MAIL#": Datum.MAIL,
    "DESK#": Datum.PASS,
    "ACCESS#": Datum.ACCESS,
}
_DOWNLOADS = {
    Deed.TOOK_XLSX: Datum.DOWNLOAD,
    Deed.TOOK_CSV: Datum.DOWNLOAD,
    Deed.TOOK_EXTRACT: Datum.EXTRACT,
}
_RECORD_TIMES = ("sent_at", "failed_at", "dropped_at")


def outbox_key(mail: OutboxMail) -> str:
    """Sorts receipts last, since a flood makes any number of them; then by when it is due."""
    queue = RECEIPTS if mail.kind is Kind.RECEIPT else OUTBOX
    return f"{queue}{instant(mail.due)}#{mail.id}"


def record_key(kind: Kind, mail_id: str) -> str:
    """By audience, so that the contact persons' mails can be read together."""
    return f"MAIL#{kind.audience}#{mail_id}"


def control_item(control: Control) -> Item:
    """The control's attributes."""
    item: Item = {
        "state": control.state.value,
        "version": control.version,
        "revision": control.revision,
    }
    for name in _CONTROL_TIMES:
        at = getattr(control, name)
        if at:
            item[name] = instant(at)
    if control.told:
        item["told"] = control.told
    if control.snapshot:
        item["fingerprint"] = control.snapshot.fingerprint
        item["registrations"] = control.snapshot.registrations
        item["taken_at"] = instant(control.snapshot.taken_at)
    if control.deletion:
        item["deletion"] = _deletion_item(control.deletion)
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
        snapshot=snapshot,
        version=int(item["version"]),
        told=item.get("told", ""),
        deletion=_deletion_of(item["deletion"]) if "deletion" in item else None,
        revision=int(item["revision"]),
        **{name: moment(item[name]) for name in _CONTROL_TIMES if name in item},
    )


def _deletion_item(deletion: Deletion) -> Item:
    times = {name: getattr(deletion, name) for name in _DELETION_TIMES}
    told = {name: instant(at) for name, at in times.items() if at}
    return {**told, "deleted": {datum.value: n for datum, n in deletion.deleted.items()}}


def _deletion_of(item: Item) -> Deletion:
    return Deletion(
        deleted={Datum(datum): int(n) for datum, n in item["deleted"].items()},
        **{name: moment(item[name]) for name in _DELETION_TIMES if name in item},
    )


def stored_of(item: Item) -> Stored:
    """What an item holds, as the deletion counts it; of its attributes only a few are needed."""
    key = item["sk"]
    data = [_DATA.get(key[: key.find("#") + 1], Datum.COUNT)]
    if item.get("email"):
        data.append(Datum.ADDRESS)
    if item.get("note"):
        data.append(Datum.NOTE)
    if item.get("deed") in _DOWNLOADS:
        data.append(_DOWNLOADS[item["deed"]])
    return Stored(key, tuple(data))


def registration_item(registration: Registration) -> Item:
    """The registration's attributes, with `plate` apart so that a summary reads only that, and
    what the indexes sort by.
    """
    links = {"links": list(registration.links)} if registration.links else {}
    answers, code = registration.answers, registration.plate_code
    return {
        **vars(answers),
        "by_name": name_key(answers.name, code),
        "by_organisation": organisation_key(answers.organisation, answers.name, code),
        "by_person": person_key(answers.name, code),
        "by_time": time_key(registration.registered_at, code),
        **links,
        "plate": registration.order.encode(),
        "plate_code": code,
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
        links=tuple(item.get("links", ())),
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
    item = {**vars(mail), "kind": mail.kind.value, "due": instant(mail.due)}
    item["leased_until"] = instant(mail.leased_until) if mail.leased_until else ""
    return item


def mail_of(item: Item) -> OutboxMail:
    """The mail in an item."""
    return OutboxMail(
        id=item["id"],
        kind=Kind(item["kind"]),
        recipient=item["recipient"],
        due=moment(item["due"]),
        about=item["about"],
        since=item["since"],
        version=int(item["version"]),
        site=item["site"],
        language=item["language"],
        attempt=int(item["attempt"]),
        leased_until=moment(item["leased_until"]) if item["leased_until"] else None,
        doubts=int(item["doubts"]),
        owner=item["owner"],
        counted=item["counted"],
    )


def event_attribute(happening: Happening) -> str:
    """Where a record keeps when this was told of the mail."""
    return f"event_{happening.value}"


def record_of(item: Item) -> MailRecord:
    """The record in an item; an event that came early leaves most of it empty."""
    return MailRecord(
        id=item["id"],
        kind=Kind(item["kind"]),
        recipient=item.get("recipient", ""),
        version=int(item.get("version", 0)),
        message_id=item.get("message_id", ""),
        reason=item.get("reason", ""),
        fault=Fault(item["fault"]) if item.get("fault") else None,
        events={
            one: moment(item[event_attribute(one)])
            for one in Happening
            if event_attribute(one) in item
        },
        **{name: moment(item[name]) for name in _RECORD_TIMES if name in item},
    )


def alarm_item(alarm: Alarm) -> Item:
    """The alarm's attributes."""
    return {**vars(alarm), "fault": alarm.fault.value, "at": instant(alarm.at)}


def alarm_of(item: Item) -> Alarm:
    """The alarm in an item."""
    return Alarm(
        id=item["id"],
        fault=Fault(item["fault"]),
        kind=item["kind"],
        contact=int(item["contact"]),
        at=moment(item["at"]),
        going_on=item["going_on"],
    )


def pass_item(admitted: Pass) -> Item:
    """The pass's attributes; the table forgets it some time after it has expired."""
    return {
        "kind": admitted.kind.value,
        "contact": admitted.contact,
        "until": instant(admitted.expires_at),
        "link": admitted.link,
        "expires_at": int(admitted.expires_at.timestamp()),
    }


def pass_of(item: Item) -> Pass:
    """The pass in an item."""
    return Pass(PassKind(item["kind"]), item["contact"], moment(item["until"]), item["link"])


def access_item(access: Access) -> Item:
    """The access log line's attributes."""
    return {
        "at": instant(access.at),
        "id": access.id,
        "contact": access.contact,
        "deed": access.deed.value,
        "about": access.about,
    }


def access_of(item: Item) -> Access:
    """The access log line in an item."""
    return Access(
        moment(item["at"]), item["contact"], Deed(item["deed"]), item["about"], item["id"]
    )


# What a line of the list needs of an item.
ENTRY = ("sk", "name", "organisation", "email", "plate", "registered_at", "revision")


def entry_of(item: Mapping[str, Any]) -> Entry:
    """The list's entry in an item as DynamoDB writes it: of these there are thousands."""
    return Entry(
        key=item["sk"]["S"].removeprefix("REG#"),
        name=item["name"]["S"],
        organisation=item["organisation"]["S"],
        email=item["email"]["S"],
        encoded_order=item["plate"]["S"],
        registered_at=moment(item["registered_at"]["S"]),
        revision=int(item["revision"]["N"]),
    )


def marshal(item: Mapping[str, Any]) -> dict[str, Any]:
    """Python values as DynamoDB's typed attributes."""
    return {key: _typed(value) for key, value in item.items()}


def unmarshal(item: Mapping[str, Any]) -> Item:
    """DynamoDB's typed attributes as Python values; every number here is whole."""
    return {key: _plain(value) for key, value in item.items()}


def _typed(value: object) -> dict[str, Any]:
    match value:
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int():
            return {"N": str(value)}
        case list() | tuple():
            return {"L": [_typed(one) for one in value]}
        case dict():
            return {"M": marshal(value)}
    raise TypeError(f"the table holds no {type(value).__name__}")


def _plain(value: Mapping[str, Any]) -> Any:
    ((kind, content),) = value.items()
    match kind:
        case "S" | "BOOL":
            return content
        case "N":
            return int(content)
        case "L":
            return [_plain(one) for one in content]
        case "M":
            return unmarshal(content)
    raise TypeError(f"the table holds no {kind}")
