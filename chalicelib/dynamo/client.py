"""DynamoDB's JSON protocol for the calls that this service makes.

boto3's client does the same and more, but takes ten times as long to start and to read an answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any

from chalicelib.dynamo.errors import CallFailed
from chalicelib.dynamo.retry import random_pause

# Sends a call's JSON once; returns the HTTP status and the JSON that came back.
Send = Callable[[str, bytes], tuple[int, bytes]]


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
