"""The HTTP connection to DynamoDB: signed calls over connections that stay open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from select import POLLIN, poll
from typing import Any
from urllib.parse import urlsplit
from zlib import crc32

from chalicelib.dynamo.signing import Credentials, signed_headers


class NotReached(OSError):
    """No connection could be opened."""


class Damaged(HTTPException):
    """The response does not match the CRC32 in its header."""


class Endpoint:
    """Sends signed calls to `address`, a URL. Each call gets `credentials` again, since they
    expire, and is signed with the time `now`. Timeouts are in seconds.
    """

    def __init__(
        self,
        address: str,
        region: str,
        credentials: Callable[[], Credentials],
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
        """Send a call once; raises OSError or HTTPException if no complete response arrives."""
        headers = signed_headers(
            operation, body, self._host, self._region, self._credentials(), self._now()
        )
        connection = self._connection()
        try:
            connection.request("POST", "/", body, headers)
            response = connection.getresponse()
            status, answer = response.status, response.read()
            checksum = response.getheader("x-amz-crc32")
            if checksum not in (None, str(crc32(answer))):
                raise Damaged
        except BaseException:
            connection.close()
            raise
        if connection.sock:  # None if the server closes it
            self._idle.append(connection)
        return status, answer

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


@lru_cache(maxsize=1)
def _tls() -> Any:
    """One TLS context per process: reading the root certificates takes longer than a call."""
    from ssl import create_default_context

    return create_default_context()


def _is_dropped(connection: HTTPConnection) -> bool:
    """Whether the server has closed the connection: nothing else makes an idle one readable."""
    poller = poll()
    poller.register(connection.sock, POLLIN)
    return bool(poller.poll(0))
