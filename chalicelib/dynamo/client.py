"""A small client for DynamoDB's JSON protocol, instead of boto3's client.

boto3's client takes ten times as long to start and to parse a response.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any

from chalicelib.dynamo.errors import CallFailed
from chalicelib.dynamo.retry import random_pause

# Sends an operation's JSON once; returns the HTTP status and the body of the response.
Send = Callable[[str, bytes], tuple[int, bytes]]


class Client:
    """Makes calls, each at most `attempts` times: transient errors are retried after a `pause`."""

    def __init__(
        self, send: Send, attempts: int, pause: Callable[[int], None] = random_pause
    ) -> None:
        self._send = send
        self._attempts = attempts
        self._pause = pause

    def call(self, operation: str, request: Mapping[str, Any]) -> Any:
        """Return the parsed response; raises CallFailed."""
        if operation == "TransactWriteItems":  # a retry is the same transaction
            from secrets import token_hex

            request = {"ClientRequestToken": token_hex(16), **request}
        body = json.dumps(request).encode()
        for attempt in range(1, self._attempts):
            try:
                return self._once(operation, body)
            except CallFailed as fault:
                if not fault.is_transient:
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
