"""DynamoDB's protocol for the calls that this service makes: boto3's client in small.

It takes the same requests, gives the same answers and raises the same exceptions, but starts in a
tenth of the time, and reads ten times as fast. On Lambda only, where credentials are in the
environment.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache, partialmethod
from hashlib import sha256
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from select import POLLIN, poll
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError

# Sends a call's JSON once; returns the HTTP status and the JSON that came back.
Send = Callable[[str, bytes], tuple[int, bytes]]

_LONGEST_PAUSE = 20
# What DynamoDB answers when the same call may well succeed a moment later.
_PASSING = frozenset({
    "InternalServerError", "ProvisionedThroughputExceededException", "RequestLimitExceeded",
    "ThrottlingException", "TransactionInProgressException",
})  # fmt: skip


class Credentials(NamedTuple):
    """What AWS knows a function by."""

    access_key: str
    secret_key: str = ""
    token: str = ""


def aws_faults() -> tuple[type[BotoCoreError], type[ClientError]]:
    """What a call raises: nothing that can be used came back, or DynamoDB refused.

    To be asked for in an `except`, so that botocore is imported only when something goes wrong.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    return BotoCoreError, ClientError


def kind_of(fault: BotoCoreError | ClientError) -> str:
    """What DynamoDB answered, or what came in the way of an answer."""
    response: Any = getattr(fault, "response", None)
    return str(response["Error"]["Code"]) if response else type(fault).__name__


def long_random_pause(attempt: int) -> None:
    """Waits at most 1 s, then 2 s, 4 s, as boto3 does."""
    from random import uniform
    from time import sleep

    sleep(uniform(0, min(_LONGEST_PAUSE, 2 ** (attempt - 1))))  # noqa: S311 - nothing secret


class DynamoDB:
    """The calls, each tried so many times in all with a `pause` in between while it may help."""

    def __init__(
        self, send: Send, attempts: int, pause: Callable[[int], None] = long_random_pause
    ) -> None:
        self._send = send
        self._attempts = attempts
        self._pause = pause

    def _call(self, operation: str, **request: Any) -> Any:
        if operation == "TransactWriteItems":  # tried again it is still the same one
            request.setdefault("ClientRequestToken", _fresh_token())
        body = json.dumps(request).encode()
        for attempt in range(1, self._attempts):
            try:
                return self._once(operation, body)
            except aws_faults() as fault:
                if not _may_pass(fault):
                    raise
            self._pause(attempt)
        return self._once(operation, body)

    batch_get_item = partialmethod(_call, "BatchGetItem")
    delete_item = partialmethod(_call, "DeleteItem")
    get_item = partialmethod(_call, "GetItem")
    put_item = partialmethod(_call, "PutItem")
    query = partialmethod(_call, "Query")
    transact_write_items = partialmethod(_call, "TransactWriteItems")
    update_item = partialmethod(_call, "UpdateItem")

    def _once(self, operation: str, body: bytes) -> Any:
        try:
            status, answer = self._send(operation, body)
            told = json.loads(answer)
            if not isinstance(told, dict):
                raise ValueError("the answer is no object")
        except (OSError, HTTPException, ValueError) as fault:
            raise _unanswered(fault) from None
        if status == 200:
            return told
        raise _refused(status, told, operation)


class NotReached(OSError):
    """No connection came to be."""


class Endpoint:
    """Sends signed calls to an address, one at a time, over a connection that it keeps."""

    def __init__(
        self,
        address: str,
        region: str,
        credentials: Credentials,
        now: Callable[[], datetime],
        *,
        connect_timeout: float,
        read_timeout: float,
    ) -> None:
        parts = urlsplit(address)
        self._is_secure = parts.scheme == "https"
        self._host = parts.netloc
        self._region = region
        self._credentials = credentials
        self._now = now
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._idle: list[HTTPConnection] = []

    def __call__(self, operation: str, body: bytes) -> tuple[int, bytes]:
        """Sends a call once; raises OSError or HTTPException if no whole answer comes."""
        headers = signed_headers(
            operation, body, self._host, self._region, self._credentials, self._now()
        )
        connection = self._connection()
        try:
            connection.request("POST", "/", body, headers)
            response = connection.getresponse()
            answer = response.status, response.read()
        except BaseException:
            connection.close()
            raise
        if connection.sock:  # the other side wants to keep it too
            self._idle.append(connection)
        return answer

    def _connection(self) -> HTTPConnection:
        while self._idle:
            connection = self._idle.pop()
            if not _is_dropped(connection):
                return connection
            connection.close()
        connection = self._new()
        try:
            connection.connect()
        except OSError as fault:
            connection.close()
            raise NotReached(str(fault)) from fault
        connection.sock.settimeout(self._read_timeout)
        return connection

    def _new(self) -> HTTPConnection:
        if self._is_secure:
            return HTTPSConnection(self._host, timeout=self._connect_timeout, context=_tls())
        return HTTPConnection(self._host, timeout=self._connect_timeout)


def signed_headers(
    operation: str,
    body: bytes,
    host: str,
    region: str,
    credentials: Credentials,
    now: datetime,
) -> dict[str, str]:
    """The headers of a call, signed with AWS's Signature Version 4.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
    """
    stamp = f"{now:%Y%m%dT%H%M%SZ}"
    day = stamp[:8]
    headers = {  # in the alphabet's order
        "content-type": "application/x-amz-json-1.0",
        "host": host,
        "x-amz-date": stamp,
        **({"x-amz-security-token": credentials.token} if credentials.token else {}),
        "x-amz-target": f"DynamoDB_20120810.{operation}",
    }
    names, scope = ";".join(headers), f"{day}/{region}/dynamodb/aws4_request"
    lines = [f"{name}:{value}" for name, value in headers.items()]
    asked = "\n".join(["POST", "/", "", *lines, "", names, sha256(body).hexdigest()])
    digest = sha256(asked.encode()).hexdigest()
    to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}"
    key = _signing_key(credentials.secret_key, day, region)
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope}, "
        f"SignedHeaders={names}, Signature={signature}"
    )
    return headers


@lru_cache(maxsize=1)
def _signing_key(secret_key: str, day: str, region: str) -> bytes:
    key = f"AWS4{secret_key}".encode()
    for part in (day, region, "dynamodb", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


@lru_cache(maxsize=1)
def _tls() -> Any:
    """One for the process: each reads all root certificates, which takes longer than the call."""
    from ssl import create_default_context

    return create_default_context()


def _is_dropped(connection: HTTPConnection) -> bool:
    """Whether the other side has closed it meanwhile: nothing else would be there to read."""
    poller = poll()
    poller.register(connection.sock, POLLIN)
    return bool(poller.poll(0))


def _fresh_token() -> str:
    from secrets import token_hex

    return token_hex(16)


def _may_pass(fault: BotoCoreError | ClientError) -> bool:
    """Whether the call is worth another try."""
    response = getattr(fault, "response", None)
    if response is None:
        return True
    is_theirs = response["ResponseMetadata"]["HTTPStatusCode"] >= 500
    return is_theirs or response["Error"]["Code"] in _PASSING


def _unanswered(fault: Exception) -> BotoCoreError:
    from botocore import exceptions

    if isinstance(fault, NotReached):
        return exceptions.EndpointConnectionError(endpoint_url="DynamoDB", error=fault)
    if isinstance(fault, TimeoutError):
        return exceptions.ReadTimeoutError(endpoint_url="DynamoDB", error=fault)
    return exceptions.ConnectionClosedError(endpoint_url="DynamoDB", error=fault)


def _refused(status: int, told: Any, operation: str) -> ClientError:
    from botocore.exceptions import ClientError

    kind, message = told.get("__type", str(status)), told.get("message", told.get("Message", ""))
    error: Any = {
        "Error": {"Code": kind.rpartition("#")[2], "Message": message},
        "CancellationReasons": told.get("CancellationReasons", []),
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(error, operation)
