"""The whole service on this machine: the app over HTTP, its schedules, and the outbox pages."""

from __future__ import annotations

import errno
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import urlsplit

from chalicelib import bootstrap
from chalicelib.bootstrap import Composition
from chalicelib.lifecycle.timing import SETTLING
from chalicelib.mail import base_url
from management.local import outbox_pages as outbox
from management.local.composition import LocalComposition
from management.local.console import log_as_plain_text
from management.local.following import Follower
from management.local.gateway import Answer, Gateway
from management.local.moto_aws import local_aws
from management.stage.stages import compresses_from

log = logging.getLogger(__name__)

HOST = "127.0.0.1"


class PortTaken(Exception):
    """Another program listens on the port."""


class LocalService:
    """Serves the app over HTTP on 127.0.0.1; `port` 0 takes any free port. Raises PortTaken."""

    def __init__(self, parts: Composition, port: int, follower: Follower | None = None) -> None:
        import app as application

        bootstrap.install(parts)
        self._application = application
        self._clock = parts.clock
        self._ticked_at = parts.clock()
        self._stopping = threading.Event()
        self._follower = follower
        gateway = Gateway(application.app, parts.clock, compresses_from=compresses_from())
        values = {"gateway": gateway, "service": self}
        handler = type("Handler", (_Handler,), values)
        try:
            self._server = _Server((HOST, port), handler)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise PortTaken(port) from error

    @property
    def address(self) -> str:
        """The base URL of the pages."""
        return f"http://{HOST}:{self._server.server_address[1]}"

    def serve(self) -> None:
        """Serve until the process is interrupted or `stop` is called."""
        try:
            self._server.serve_forever()
        finally:
            self._stopping.set()
            self._server.server_close()

    def stop(self) -> None:
        """End `serve`, which runs in another thread, and wait for its end."""
        self._server.shutdown()

    def follow(self) -> list[str]:
        """Show the events' files as they are now; what is wrong in them."""
        return self._follower.follow() if self._follower else []

    def tick_every(self, seconds: float) -> None:
        """Start a thread that ticks every `seconds` seconds while the service runs."""

        def tick_on() -> None:
            while not self._stopping.wait(seconds):
                self.tick()

        threading.Thread(target=tick_on, daemon=True).start()

    def tick(self) -> None:
        """Run the app's `tick`, after `close_registration` if that has come due since last time."""
        now = self._clock()
        for event in bootstrap.composition().events.readable():
            closing_at = event.closes_at + SETTLING
            if self._ticked_at < closing_at <= now:
                self._run(self._application.close_registration, closing_at)
        self._run(self._application.tick, now)
        self._ticked_at = now

    def _run(self, function: Callable[[dict[str, Any], None], None], at: datetime) -> None:
        try:
            function(scheduled_event(at), None)
        except Exception:  # as on AWS: one failed run does not stop the schedule
            log.exception("a scheduled function failed")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # it would delay an answer of several small writes
    gateway: ClassVar[Gateway]
    service: ClassVar[LocalService]

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = urlsplit(self.path).path
        faults = self.service.follow()
        if path == outbox.PATH or path.startswith(f"{outbox.PATH}/"):
            self._send(outbox.answer(path, bootstrap.composition().events.all()))
        elif faults:
            self._send(outbox.page("faults.html", HTTPStatus.INTERNAL_SERVER_ERROR, faults=faults))
        else:
            headers = {**self.headers, "X-Forwarded-Proto": "http"}
            self._send(self.gateway.request(self.command, self.path, headers, body))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _answer  # noqa: N815 - as http.server calls them

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in {"content-length": str(len(answer.body)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def log_message(self, *_args: Any) -> None:
        """Log nothing: the paths of receipts are private."""


def scheduled_event(at: datetime) -> dict[str, Any]:
    """The event that EventBridge sends to a scheduled function at `at`."""
    return {
        "version": "0",
        "id": "00000000-0000-0000-0000-000000000000",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": "eu-north-1",
        "resources": [],
        "detail": {},
    }


@contextmanager
def local_service(
    parts: LocalComposition, port: int, follower: Follower | None = None
) -> Iterator[LocalService]:
    """Start a local AWS with an empty table, and yield a service that is ready to serve."""
    service = LocalService(parts, port, follower)
    log_as_plain_text(logging.INFO)
    with local_aws():
        base_url.save(parts.shared_table(), service.address)
        yield service
