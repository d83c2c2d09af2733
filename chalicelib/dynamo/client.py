"""DynamoDB's JSON protocol for the calls that this service makes.

boto3's client does the same and more, but takes ten times as long to start and to read an answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPException
from typing import Any

# Sends a call's JSON once; returns the HTTP status and the JSON that came back.
Send = Callable[[str, bytes], tuple[int, bytes]]

_LONGEST_PAUSE = 20
# What DynamoDB answers when the same call may well succeed a moment later.
_PASSING = frozenset({
    "InternalServerError", "ProvisionedThroughputExceededException", "RequestLimitExceeded",
    "ThrottlingException", "TransactionInProgressException",
})  # fmt: skip


class CallFailed(Exception):
    """A call that did not succeed; the text is its `code`: what DynamoDB answered, or what kind of
    fault came in the way of an answer. `reasons` has a code for each write of a transaction.
    """

    def __init__(self, code: str, *, status: int = 0, reasons: Sequence[str] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.reasons = reasons
        self.may_pass = not status or status >= 500 or code in _PASSING


def random_pause(attempt: int, first: float = 1) -> None:
    """Waits at most so many seconds at `first`, then twice as many, four times, as boto3 does."""
    from random import uniform
    from time import sleep

    sleep(uniform(0, min(_LONGEST_PAUSE, first * 2 ** (attempt - 1))))  # noqa: S311 - nothing secret


class Client:
    """Makes calls, each at most `attempts` times, with a `pause` in between while it may help."""

    def __init__(
        self, send: Send, attempts: int, pause: Callable[[int], None] = random_pause
    ) -> None:
        self._send = send
        self._attempts = attempts
        self._pause = pause

    def call(self, operation: str, request: Mapping[str, Any]) -> Any:
        """The answer to a request, parsed; raises CallFailed."""
        if operation == "TransactWriteItems":  # tried again it is still the same one
            from secrets import token_hex

            request = {"ClientRequestToken": token_hex(16), **request}
        body = json.dumps(request).encode()
        for attempt in range(1, self._attempts):
            try:
                return self._once(operation, body)
            except CallFailed as fault:
                if not fault.may_pass:
                    raise
            self._pause(attempt)
        return self._once(operation, body)

    def _once(self, operation: str, body: bytes) -> Any:
        try:
            status, content = self._send(operation, body)
            answer = json.loads(content)
            if not isinstance(answer, dict):
                raise ValueError("the answer is no object")
        except (OSError, HTTPException, ValueError) as fault:
            raise CallFailed(type(fault).__name__) from None
        if status == 200:
            return answer
        code = str(answer.get("__type", status)).rpartition("#")[2]
        reasons = answer.get("CancellationReasons", ())
        codes = [reason.get("Code") or "None" for reason in reasons]
        raise CallFailed(code, status=status, reasons=codes)


def marshal(item: Mapping[str, Any]) -> dict[str, Any]:
    """Python values as DynamoDB's typed attributes."""
    return {key: _typed(value) for key, value in item.items()}


def unmarshal(item: Mapping[str, Any]) -> dict[str, Any]:
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
