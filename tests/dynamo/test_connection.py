"""The connections of the small client, to a local server that can also misbehave."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from socket import socket
from threading import Event, Thread
from typing import Any, Protocol
from zlib import crc32

import pytest

from chalicelib.dynamo.connection import Damaged, Endpoint, NotReached
from chalicelib.dynamo.signing import Credentials

ANSWER = b'{"Item": {}}'
TIMEOUT = 300  # seconds; only ends a test that hangs, and checks no speed


class Server(ThreadingHTTPServer):
    """A server that keeps connections open, unless a test sets another `behaviour`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.connections = 0
        self.asked: list[tuple[dict[str, str], bytes]] = []
        self.behaviour = ""
        self.closed = Event()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.asked.append((dict(self.headers), body))
        if self.server.behaviour == "silent":
            self.server.closed.wait()
            self.close_connection = True
            return
        self.send_response(400 if self.server.behaviour == "refuses" else 200)
        promised = len(ANSWER) + 5 * (self.server.behaviour == "cuts off")
        self.send_header("Content-Length", str(promised))
        if self.server.behaviour in {"sums up", "is damaged"}:
            damage = self.server.behaviour == "is damaged"
            self.send_header("x-amz-crc32", str(crc32(ANSWER) + damage))
        if self.server.behaviour == "says that it closes":
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(ANSWER)
        self.close_connection = self.server.behaviour in {"closes", "cuts off"}

    def finish(self) -> None:
        super().finish()
        self.server.shutdown_request(self.connection)
        self.server.closed.set()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.closed.set()
        server.shutdown()
        thread.join()


class EndpointOf(Protocol):
    def __call__(self, port: int, read_timeout: float = TIMEOUT) -> Endpoint: ...


@pytest.fixture
def endpoint_of() -> Iterator[EndpointOf]:
    made: list[Endpoint] = []
    keys = (f"key-{number}" for number in count())

    def make(port: int, read_timeout: float = TIMEOUT) -> Endpoint:
        endpoint = Endpoint(
            f"http://127.0.0.1:{port}",
            "eu-north-1",
            lambda: Credentials(next(keys), "secret", "token"),
            lambda: datetime(2027, 5, 20, tzinfo=UTC),
            connect_timeout=TIMEOUT,
            read_timeout=read_timeout,
        )
        made.append(endpoint)
        return endpoint

    yield make
    for endpoint in made:
        for connection in endpoint._idle:
            connection.close()


@pytest.fixture
def endpoint(server: Server, endpoint_of: EndpointOf) -> Endpoint:
    return endpoint_of(server.server_port)


def test_each_call_is_signed_with_new_credentials_over_the_same_connection(
    server: Server, endpoint: Endpoint
) -> None:
    for number, body in enumerate((b"{}", '{"å": 1}'.encode())):
        assert endpoint("GetItem", body) == (200, ANSWER)
        headers, sent = server.asked[-1]
        assert sent == body
        assert headers["x-amz-target"] == "DynamoDB_20120810.GetItem"
        signed = f"AWS4-HMAC-SHA256 Credential=key-{number}/20270520/"
        assert headers["authorization"].startswith(signed)
    assert server.connections == 1


def test_the_connection_stays_open_after_a_refusal(server: Server, endpoint: Endpoint) -> None:
    server.behaviour = "refuses"
    assert [endpoint("GetItem", b"{}")[0] for _ in range(2)] == [400, 400]
    assert server.connections == 1


@pytest.mark.parametrize("behaviour", ["closes", "says that it closes"])
def test_a_connection_that_the_server_closed_is_replaced(
    server: Server, endpoint: Endpoint, behaviour: str
) -> None:
    """As after Lambda froze the process for some time."""
    server.behaviour = behaviour
    for _ in range(3):
        assert endpoint("PutItem", b"{}") == (200, ANSWER)
        assert server.closed.wait(TIMEOUT)
        server.closed.clear()
    assert server.connections == 3


def test_an_incomplete_response_is_an_error_and_its_connection_is_not_reused(
    server: Server, endpoint: Endpoint
) -> None:
    server.behaviour = "cuts off"
    with pytest.raises(HTTPException):
        endpoint("GetItem", b"{}")
    server.behaviour = ""
    assert endpoint("GetItem", b"{}") == (200, ANSWER)
    assert server.connections == 2


def test_a_response_with_a_wrong_checksum_is_an_error(server: Server, endpoint: Endpoint) -> None:
    server.behaviour = "sums up"
    assert endpoint("GetItem", b"{}") == (200, ANSWER)
    server.behaviour = "is damaged"
    with pytest.raises(Damaged):
        endpoint("GetItem", b"{}")


def test_a_call_times_out_and_its_connection_is_not_reused(
    server: Server, endpoint_of: EndpointOf
) -> None:
    endpoint = endpoint_of(server.server_port, read_timeout=0.05)
    server.behaviour = "silent"
    with pytest.raises(TimeoutError):
        endpoint("GetItem", b"{}")
    server.behaviour = ""
    endpoint._read_timeout = TIMEOUT
    assert endpoint("GetItem", b"{}")[0] == 200
    assert server.connections == 2


def test_a_port_without_a_server_is_not_reached(endpoint_of: EndpointOf) -> None:
    with socket() as bound:  # reserves the port, but does not listen
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(NotReached):
            endpoint_of(bound.getsockname()[1])("GetItem", b"{}")


def test_simultaneous_calls_have_separate_connections(server: Server, endpoint: Endpoint) -> None:
    first = endpoint._connection()
    assert endpoint("GetItem", b"{}")[0] == 200
    endpoint._idle.append(first)
    assert endpoint("GetItem", b"{}")[0] == 200
    assert endpoint("GetItem", b"{}")[0] == 200
    assert server.connections == 2
