"""The connection to DynamoDB, where tests count calls and inject faults or concurrent writes."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Lock
from typing import Any

import boto3

from management.local import moto_aws as local_aws

Item = dict[str, Any]


class Refusal(Exception):
    """An error answer from DynamoDB: the error code, and other fields in `more`."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code)
        self.answer = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", **more}


@dataclass
class _Action:
    operation: str
    key: str
    act: Callable[[], object]
    times: int
    is_after: bool
    has_run: bool = False

    def applies_to(self, operation: str, keys: list[str]) -> bool:
        return self.operation in {"", operation} and any(
            key.startswith(self.key) for key in keys or [""]
        )


def refusing(code: str) -> Callable[[], None]:
    """An action for `Wire.on` which makes DynamoDB answer with this error code."""

    def refuse() -> None:
        raise Refusal(code)

    return refuse


def no_answer() -> None:
    """An action for `Wire.on`: the connection times out."""
    raise TimeoutError


class Wire:
    """A `chalicelib.dynamo.client.Send` which records the operations and the request bodies."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._actions: list[_Action] = []
        self.calls: list[str] = []
        self.requests: list[Item] = []

    def __call__(self, operation: str, body: bytes) -> tuple[int, bytes]:
        request = json.loads(body)
        keys = list(_sort_keys(operation, request))
        self.calls.append(operation)
        self.requests.append(request)
        try:
            self._run_actions(operation, keys, is_after=False)
            with self._lock:
                answer = json.dumps(self.answer(operation, request)).encode()
            self._run_actions(operation, keys, is_after=True)
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
        """Run `act` before (or after) each of the next `times` calls of `operation` (any, if empty)
        with a sort key that starts with `key`. `act` may call DynamoDB, which runs no other action;
        or raise `Refusal` for an error answer, or OSError for no answer.
        """
        self._actions.append(_Action(operation, key, act, times, is_after))

    def writes(self) -> list[str]:
        """The calls so far of operations that write."""
        return [one for one in self.calls if one not in {"GetItem", "BatchGetItem", "Query"}]

    def actions_not_run(self) -> list[str]:
        """The actions set with `on` that have never run."""
        return [f"{one.operation} {one.key}" for one in self._actions if not one.has_run]

    def answer(self, operation: str, request: Item) -> Item:
        """DynamoDB's answer to the request; raises Refusal if DynamoDB refuses the request."""
        raise NotImplementedError

    def all_items(self) -> list[Item]:
        """All items, sorted by key."""
        raise NotImplementedError

    def put(self, item: Item) -> None:
        """Store the item without any checks."""
        raise NotImplementedError

    def keys(self, prefix: str = "") -> list[str]:
        """The sort keys that start with `prefix`, sorted."""
        keys = [str(item["sk"]["S"]) for item in self.all_items()]
        return [key for key in keys if key.startswith(prefix)]

    def damage(self, prefix: str, **attributes: Any) -> list[Item]:
        """Set attributes of all items whose sort key starts with `prefix`; return the old items."""
        old_items = [item for item in self.all_items() if item["sk"]["S"].startswith(prefix)]
        for item in old_items:
            self.put({**item, **attributes})
        assert old_items
        return old_items

    def _run_actions(self, operation: str, keys: list[str], *, is_after: bool) -> None:
        actions, self._actions = self._actions, []
        try:
            for one in actions:
                if one.is_after is is_after and one.applies_to(operation, keys) and one.times:
                    one.times -= 1
                    one.has_run = True
                    one.act()
        finally:
            self._actions += actions


class Moto(Wire):
    """The connection to the table that moto simulates in this process."""

    def answer(self, operation: str, request: Item) -> Item:
        status, answer = local_aws.ask_moto(operation, json.dumps(request).encode())
        parsed: Item = json.loads(answer)
        if status != 200:
            raise Refusal(parsed.pop("__type").rpartition("#")[2], **parsed)
        return parsed

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
