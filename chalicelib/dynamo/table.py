"""The items of one event in the DynamoDB table.

The partition key `pk` is the event's id; the sort key `sk` identifies the item.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any

from chalicelib.dynamo.attributes import marshal, unmarshal
from chalicelib.dynamo.errors import OUT_OF_TIME, CallFailed, Conflict, StoreUnavailable
from chalicelib.dynamo.retry import CONFLICT_ATTEMPTS, short_random_pause

if TYPE_CHECKING:  # a page that only reads need not import them
    from chalicelib.dynamo.client import Client
    from chalicelib.dynamo.writes import Write

# The most keys that one BatchGetItem accepts.
_BATCH = 100
# An item as DynamoDB's typed attributes, and as Python values.
Attributes = Mapping[str, Any]
Item = dict[str, Any]


class Table:
    """The items of the event with the id `partition`; any call may raise StoreUnavailable.

    Reads are strongly consistent. Items that nobody deletes expire at `expires_at`, in seconds
    since 1970. Conflicting transactions are retried after a `pause`. Once `out_of_time` returns
    True, no further call is made.
    """

    def __init__(
        self,
        client: Client,
        name: str,
        partition: str,
        expires_at: int,
        pause: Callable[[int], None] = short_random_pause,
        out_of_time: Callable[[], bool] = lambda: False,
    ) -> None:
        self._client = client
        self._name = name
        self._partition = partition
        self.expires_at = expires_at
        self._pause = pause
        self._out_of_time = out_of_time

    def beside(self, partition: str) -> Table:
        """The items of another partition, with the same client, time limit and expiry."""
        other = copy(self)
        other._partition = partition  # noqa: SLF001 - a Table
        return other

    def get(self, key: str, *attributes: str) -> Item | None:
        """The item with this key, or None; with `attributes`, only those attributes."""
        request = {"TableName": self._name, "Key": self._key(key), "ConsistentRead": True}
        found = self._call("GetItem", {**request, **_projection(attributes)})
        return unmarshal(found["Item"]) if "Item" in found else None

    def get_all(self, keys: Sequence[str], beside: tuple[str, ...] = ()) -> Iterator[Item]:
        """The items that exist among `keys`, in no particular order.

        Also those `beside`: a partition, and keys in it.
        """
        unique_keys = dict.fromkeys(keys)  # DynamoDB refuses duplicates
        others = [marshal({"pk": beside[0], "sk": key}) for key in beside[1:]]
        all_keys = [*map(self._key, unique_keys), *others]
        for start in range(0, len(all_keys), _BATCH):
            wanted = all_keys[start : start + _BATCH]
            while wanted:
                request = {self._name: {"Keys": wanted, "ConsistentRead": True}}
                answer = self._call("BatchGetItem", {"RequestItems": request})
                yield from map(unmarshal, answer["Responses"].get(self._name, ()))
                wanted = answer.get("UnprocessedKeys", {}).get(self._name, {}).get("Keys", [])

    def query(
        self, first: str, last: str, *attributes: str, newest: int = 0, at_once: int = 0
    ) -> Iterator[Attributes]:
        """The items from key `first` to key `last`, both included, as typed attributes.

        With `newest`, only that many items, from `last` backwards. `at_once` limits each request.
        """
        request: dict[str, Any] = {
            "TableName": self._name,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
            "ExpressionAttributeValues": marshal(
                {":pk": self._partition, ":first": first, ":last": last}
            ),
            "ConsistentRead": True,
            **_projection(attributes),
        }
        if newest or at_once:
            request["Limit"] = newest or at_once
        if newest:
            request["ScanIndexForward"] = False
        while True:
            page = self._call("Query", request)
            yield from page["Items"]
            if newest or "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def apply(self, write: Write) -> Item:
        """Make one write; raises Conflict if its condition fails.

        Returns the new item after an update, otherwise an empty dict.
        """
        request = self._request(write)
        if write.kind == "Update":
            request["ReturnValues"] = "ALL_NEW"
        try:
            answer = self._call(f"{write.kind}Item", request)
        except CallFailed:
            raise Conflict from None
        return unmarshal(answer.get("Attributes", {}))

    def applied(self, write: Write) -> bool:
        """Make one write; False if its condition fails."""
        try:
            self.apply(write)
        except Conflict:
            return False
        return True

    def write(self, *writes: Write) -> list[bool]:
        """Make all writes or none; returns for each write whether its condition failed."""
        request = {"TransactItems": [{write.kind: self._request(write)} for write in writes]}
        for attempt in range(CONFLICT_ATTEMPTS):
            if attempt:
                self._pause(attempt)
            try:
                self._call("TransactWriteItems", request)
            except CallFailed as cancelled:
                if "TransactionConflict" not in cancelled.reasons:
                    return [code == "ConditionalCheckFailed" for code in cancelled.reasons]
            else:
                return [False] * len(writes)
        raise StoreUnavailable("TransactionConflict")

    def write_all(self, *writes: Write) -> None:
        """Make all writes or none; raises Conflict if a condition fails."""
        if any(self.write(*writes)):
            raise Conflict

    def _request(self, write: Write) -> dict[str, Any]:
        from chalicelib.dynamo.writes import request

        return request(write, self._name, self._partition, self.expires_at)

    def _call(self, operation: str, request: Mapping[str, Any]) -> Any:
        """The response; raises CallFailed for a refused write, StoreUnavailable for all else."""
        if self._out_of_time():
            raise StoreUnavailable(OUT_OF_TIME)
        try:
            return self._client.call(operation, request)
        except CallFailed as fault:
            if not _is_refused(fault):
                raise StoreUnavailable(fault.code) from None
            raise

    def _key(self, key: str) -> dict[str, Any]:
        return marshal({"pk": self._partition, "sk": key})


def _projection(attributes: Sequence[str]) -> dict[str, Any]:
    """The projection with numbered names, since some attribute names are reserved words."""
    if not attributes:
        return {}
    names = {f"#{number}": name for number, name in enumerate(attributes)}
    return {"ProjectionExpression": ", ".join(names), "ExpressionAttributeNames": names}


def _is_refused(fault: CallFailed) -> bool:
    """Whether failed conditions and conflicting transactions are the only causes."""
    if fault.code == "ConditionalCheckFailedException":
        return True
    codes = set(fault.reasons) - {"None"}
    return bool(codes) and codes <= {"ConditionalCheckFailed", "TransactionConflict"}
