"""Everything about the DynamoDB table, and nothing else.

One table; partition key `pk` is the event's id, sort key `sk` says what the item is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.control import Control, Snapshot, State
from chalicelib.outbox import OutboxMail
from chalicelib.registration import Answers, Registration
from chalicelib.store import Conflict, PlateCodeTaken, StoreUnavailable
from chalicelib.summary import Tally

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]

_CONTROL = "CONTROL"
_NEW = "attribute_not_exists(sk)"
_WHEN = "%Y-%m-%dT%H:%M:%S.%fZ"


class Repository:
    """The items of one event; every method is one request, or one per page."""

    def __init__(self, client: DynamoDBClient, table: str, event_id: str) -> None:
        self._client = client
        self._table = table
        self._event_id = event_id

    def control(self) -> Control:
        """Where the event stands, strongly consistent; a fresh Control before the first write."""
        item = self._get(_CONTROL)
        return _control(item) if item else Control()

    def save_control(self, control: Control) -> None:
        """Writes a control that was read before; raises Conflict if it has changed since."""
        self._put_if_unchanged(**self._control_write(control))

    def add(self, token_hash: str, registration: Registration) -> Registration:
        """Stores a registration once and returns the stored one, also if it was there before.

        Raises PlateCodeTaken if another registration has its plate code.
        """
        key = f"REG#{token_hash}"
        writes = [
            self._put(key, _registration_item(registration)),
            self._put(f"CODE#{registration.plate_code}", {"registration": token_hash}),
        ]
        taken = self._write(writes)
        if taken[0]:
            return self.registration(token_hash) or registration
        if taken[1]:
            raise PlateCodeTaken
        return registration

    def registration(self, token_hash: str) -> Registration | None:
        """The registration with this hash of its token, strongly consistent."""
        item = self._get(f"REG#{token_hash}")
        return _registration(item) if item else None

    def encoded_orders(self) -> Iterator[str]:
        """Every registration's encoded order, strongly consistent, page by page."""
        yield from (item["plate"] for item in self._query("REG#", "REG#~", "plate"))

    def issue_summary(self, control: Control, tally: Tally, mails: list[OutboxMail]) -> None:
        """Writes the control, its version's tally and its mails, all or nothing.

        Raises Conflict if the control has changed since it was read.
        """
        summary = {"tally": tally.to_json()}
        writes = [{"Put": self._control_write(control)}, self._put(_summary_key(control), summary)]
        writes += [self._put(_outbox_key(mail), _mail_item(mail)) for mail in mails]
        if any(self._write(writes)):
            raise Conflict

    def tally(self, version: int) -> Tally:
        """The tally that the summary of this version told."""
        item = self._get(f"SUMMARY#{version}")
        if item is None:
            raise LookupError(f"there is no summary of version {version}")
        return Tally.from_json(item["tally"])

    def due_mails(self, now: datetime) -> list[OutboxMail]:
        """The mails in the outbox that are due, the longest waiting first."""
        until = f"OUTBOX#{_instant(now)}#~"
        return [_mail(item) for item in self._query("OUTBOX#", until)]

    def lease(self, mail: OutboxMail) -> None:
        """Writes the next attempt at a mail; raises Conflict if somebody else made it."""
        self._put_if_unchanged(
            TableName=self._table,
            Item=self._item(_outbox_key(mail), _mail_item(mail)),
            ConditionExpression="attempt = :before",
            ExpressionAttributeValues=_marshal({":before": mail.attempt - 1}),
        )

    def record_sent(self, mail: OutboxMail, message_id: str, now: datetime) -> None:
        """Moves a mail out of the outbox; SES has taken it under this message id."""
        self._leave_outbox(mail, f"SENT#{mail.id}", {"message_id": message_id}, now)

    def record_failed(self, mail: OutboxMail, reason: str, now: datetime) -> None:
        """Moves a mail out of the outbox; it will not be taken as it is."""
        self._leave_outbox(mail, f"FAILED#{mail.id}", {"reason": reason}, now)

    def postpone(self, leased: OutboxMail, postponed: OutboxMail) -> None:
        """Moves a leased mail to its new due time."""
        self._write(
            [
                self._delete(_outbox_key(leased)),
                self._put(_outbox_key(postponed), _mail_item(postponed)),
            ]
        )

    def _leave_outbox(self, mail: OutboxMail, key: str, result: Item, now: datetime) -> None:
        kept = {"kind": mail.kind, "recipient": mail.recipient, "version": mail.version}
        written = {**kept, **result, "at": _instant(now)}
        move = {"TableName": self._table, "Item": self._item(key, written)}
        self._write([{"Put": move}, self._delete(_outbox_key(mail))])

    def _get(self, key: str) -> Item | None:
        with _faults():
            found = self._client.get_item(
                TableName=self._table, Key=self._key(key), ConsistentRead=True
            )
        return _unmarshal(found["Item"]) if "Item" in found else None

    def _query(self, first: str, last: str, *attributes: str) -> Iterator[Item]:
        request: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
            "ExpressionAttributeValues": _marshal(
                {":pk": self._event_id, ":first": first, ":last": last}
            ),
            "ConsistentRead": True,
        }
        if attributes:
            request["ProjectionExpression"] = ", ".join(attributes)
        while True:
            with _faults():
                page = self._client.query(**request)
            yield from map(_unmarshal, page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def _write(self, writes: list[Any]) -> list[bool]:
        """Writes all or nothing; for each write, whether its condition refused it."""
        try:
            with _faults():
                self._client.transact_write_items(TransactItems=writes)
        except ClientError as refused:
            reasons: list[Any] = refused.response.get("CancellationReasons", [])
            return [reason.get("Code") == "ConditionalCheckFailed" for reason in reasons]
        return [False] * len(writes)

    def _put_if_unchanged(self, **request: Any) -> None:
        try:
            with _faults():
                self._client.put_item(**request)
        except ClientError as refused:
            raise Conflict from refused

    def _control_write(self, control: Control) -> dict[str, Any]:
        written = replace(control, revision=control.revision + 1)
        request = {
            "TableName": self._table,
            "Item": self._item(_CONTROL, _control_item(written)),
        }
        if control.revision == 0:
            return {**request, "ConditionExpression": _NEW}
        return {
            **request,
            "ConditionExpression": "revision = :revision",
            "ExpressionAttributeValues": _marshal({":revision": control.revision}),
        }

    def _put(self, key: str, item: Item) -> Item:
        put = {"TableName": self._table, "Item": self._item(key, item)}
        return {"Put": {**put, "ConditionExpression": _NEW}}

    def _delete(self, key: str) -> Item:
        return {"Delete": {"TableName": self._table, "Key": self._key(key)}}

    def _item(self, key: str, item: Mapping[str, Any]) -> dict[str, Any]:
        return {**_marshal(item), **self._key(key)}

    def _key(self, key: str) -> dict[str, Any]:
        return {"pk": {"S": self._event_id}, "sk": {"S": key}}


@contextmanager
def _faults() -> Iterator[None]:
    """Lets a refused condition through as ClientError; anything else becomes StoreUnavailable."""
    try:
        yield
    except ClientError as error:
        if not _is_refused_condition(error):
            raise StoreUnavailable(error.response["Error"]["Code"]) from None
        raise
    except BotoCoreError as error:
        raise StoreUnavailable(type(error).__name__) from None


def _is_refused_condition(error: ClientError) -> bool:
    if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
        return True
    reasons: list[Any] = error.response.get("CancellationReasons", [])
    codes = {reason.get("Code") for reason in reasons} - {"None", None}
    return codes == {"ConditionalCheckFailed"}


def _outbox_key(mail: OutboxMail) -> str:
    return f"OUTBOX#{_instant(mail.due)}#{mail.id}"


def _summary_key(control: Control) -> str:
    return f"SUMMARY#{control.version}"


def _control_item(control: Control) -> Item:
    item: Item = {
        "state": control.state.value,
        "version": control.version,
        "revision": control.revision,
    }
    if control.closes_at:
        item["closes_at"] = _instant(control.closes_at)
    if control.snapshot:
        item["fingerprint"] = control.snapshot.fingerprint
        item["registrations"] = control.snapshot.registrations
        item["taken_at"] = _instant(control.snapshot.taken_at)
    return item


def _control(item: Item) -> Control:
    snapshot = None
    if "fingerprint" in item:
        snapshot = Snapshot(
            item["fingerprint"], int(item["registrations"]), _moment(item["taken_at"])
        )
    return Control(
        state=State(item["state"]),
        closes_at=_moment(item["closes_at"]) if "closes_at" in item else None,
        snapshot=snapshot,
        version=int(item["version"]),
        revision=int(item["revision"]),
    )


def _registration_item(registration: Registration) -> Item:
    return {
        **asdict(registration.answers),
        "plate": registration.order.encode(),
        "plate_code": registration.plate_code,
        "revision": registration.revision,
        "registered_at": _instant(registration.registered_at),
        "changed_at": _instant(registration.changed_at),
    }


def _registration(item: Item) -> Registration:
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
        registered_at=_moment(item["registered_at"]),
        changed_at=_moment(item["changed_at"]),
        revision=int(item["revision"]),
    )


def _mail_item(mail: OutboxMail) -> Item:
    item = {**asdict(mail), "due": _instant(mail.due)}
    item["leased_until"] = _instant(mail.leased_until) if mail.leased_until else ""
    return item


def _mail(item: Item) -> OutboxMail:
    return OutboxMail(
        id=item["id"],
        kind=item["kind"],
        recipient=item["recipient"],
        version=int(item["version"]),
        due=_moment(item["due"]),
        attempt=int(item["attempt"]),
        leased_until=_moment(item["leased_until"]) if item["leased_until"] else None,
        in_doubt=item["in_doubt"],
    )


def _instant(at: datetime) -> str:
    """UTC with microseconds, so that the texts sort as the instants do."""
    return at.astimezone(UTC).strftime(_WHEN)


def _moment(text: str) -> datetime:
    return datetime.strptime(text, _WHEN).replace(tzinfo=UTC)


def _marshal(item: Mapping[str, Any]) -> dict[str, Any]:
    serialize = TypeSerializer().serialize
    return {key: serialize(value) for key, value in item.items()}


def _unmarshal(item: Mapping[str, Any]) -> Item:
    deserialize = TypeDeserializer().deserialize
    return {key: deserialize(value) for key, value in item.items()}
