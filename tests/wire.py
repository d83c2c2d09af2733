"""The wire to DynamoDB, at which tests count calls and let things happen."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Lock
from typing import Any

import boto3

from management.local import moto_aws as local_aws

Item = dict[str, Any]


class Refusal(Exception):
    """What DynamoDB answers instead of doing it."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code)
        self.answer = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", **more}


@dataclass
class _Happening:
    operation: str
    key: str
    act: Callable[[], object]
    times: int
    is_after: bool
    has_happened: bool = False

    def concerns(self, operation: str, keys: list[str]) -> bool:
        return self.operation in {"", operation} and any(
            key.startswith(self.key) for key in keys or [""]
        )


def refusing(code: str) -> Callable[[], None]:
    """What happens so that DynamoDB answers this code."""

    def refuse() -> None:
        raise Refusal(code)

    return refuse


def no_answer() -> None:
    """What happens so that no answer comes."""
    raise TimeoutError


class Wire:
    """A `chalicelib.dynamodb.Send`. `calls` are the operations, `requests` what it was asked."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._happenings: list[_Happening] = []
        self.calls: list[str] = []
        self.requests: list[Item] = []

    def __call__(self, operation: str, body: bytes) -> tuple[int, bytes]:
        request = json.loads(body)
        keys = list(_sort_keys(operation, request))
        self.calls.append(operation)
        self.requests.append(request)
        try:
            self._happen(operation, keys, is_after=False)
            with self._lock:
                answer = json.dumps(self.answer(operation, request)).encode()
            self._happen(operation, keys, is_after=True)
        except Refusal as refusal:
            return 400, json.dumps(refusal.answer).encode()
        return 200, answer

    def on(
        self,
        operation: str,
        key: str,
        act: Callable[[], object],
        *,
        times: int = 1,
        is_after: bool = False,
    ) -> None:
        """Acts before (or after) the next `times` calls of this operation, of any if it is empty,
        about a sort key that begins so. What happens may write (then nothing else happens), or
        raise: `Refusal`, or OSError if no answer is to come.
        """
        self._happenings.append(_Happening(operation, key, act, times, is_after))

    def writes(self) -> list[str]:
        """The calls so far that were to write."""
        return [one for one in self.calls if one not in {"GetItem", "BatchGetItem", "Query"}]

    def still_to_happen(self) -> list[str]:
        """What a test wanted to happen and never did."""
        return [f"{one.operation} {one.key}" for one in self._happenings if not one.has_happened]

    def answer(self, operation: str, request: Item) -> Item:
        """What DynamoDB answers; raises Refusal."""
        raise NotImplementedError

    def all_items(self) -> list[Item]:
        """Every item, in the sequence of the keys."""
        raise NotImplementedError

    def put(self, item: Item) -> None:
        """Puts an item there, whatever is in it."""
        raise NotImplementedError

    def keys(self, prefix: str = "") -> list[str]:
        """The sort keys that begin so, in their sequence."""
        keys = [str(item["sk"]["S"]) for item in self.all_items()]
        return [key for key in keys if key.startswith(prefix)]

    def damage(self, prefix: str, **attributes: Any) -> list[Item]:
        """Sets attributes of every item whose sort key begins so; returns what they were."""
        whole = [item for item in self.all_items() if item["sk"]["S"].startswith(prefix)]
        for item in whole:
            self.put({**item, **attributes})
        assert whole
        return whole

    def _happen(self, operation: str, keys: list[str], *, is_after: bool) -> None:
        happenings, self._happenings = self._happenings, []
        try:
            for one in happenings:
                if one.is_after is is_after and one.concerns(operation, keys) and one.times:
                    one.times -= 1
                    one.has_happened = True
                    one.act()
        finally:
            self._happenings += happenings


class Moto(Wire):
    """The table on moto in this process."""

    def answer(self, operation: str, request: Item) -> Item:
        status, answer = local_aws.ask_moto(operation, json.dumps(request).encode())
        told: Item = json.loads(answer)
        if status != 200:
            raise Refusal(told.pop("__type").rpartition("#")[2], **told)
        return told

    def all_items(self) -> list[Item]:
        pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=local_aws.TABLE)
        items = [dict(item) for page in pages for item in page["Items"]]
        return sorted(items, key=lambda item: str(item["sk"]["S"]))

    def put(self, item: Item) -> None:
        boto3.client("dynamodb").put_item(TableName=local_aws.TABLE, Item=item)


def _sort_keys(operation: str, request: Item) -> Iterator[str]:
    match operation:
        case "Query":
            yield request["ExpressionAttributeValues"][":first"]["S"]
        case "BatchGetItem":
            for asked in request["RequestItems"].values():
                yield from (key["sk"]["S"] for key in asked["Keys"])
        case "TransactWriteItems":
            for write in request["TransactItems"]:
                (one,) = write.values()
                yield (one.get("Item") or one["Key"])["sk"]["S"]
        case _:
            yield (request.get("Item") or request["Key"])["sk"]["S"]
