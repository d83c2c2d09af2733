"""A load test: fifty people at once for 30 seconds, on `make run` and on the Flask peer.

Each person opens the agenda, registers, and opens the page that the answer redirects to, again and
again without a pause. Each server has moto in its own process, on the same machine as this client.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from itertools import chain, count
from pathlib import Path
from random import Random
from secrets import token_urlsafe
from statistics import quantiles
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from bench.bundles import ROOT
from chalicelib.event.events import Events
from management.local.guests import invented_guests

PEOPLE, SECONDS = 50, 30.0
_FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
_OK, _SEE_OTHER = 200, 303


class Response(NamedTuple):
    """A response; `location` is empty without a redirect."""

    status: int
    location: str
    body: bytes


@dataclass
class Load:
    """The results of a load test: seconds per request by kind, and errors.

    `receipts` maps the path of each receipt to the name that the page must show, if the service
    has receipts at all (`has_receipts`); `lost` counts the receipts that do not show it.
    """

    has_receipts: bool
    seconds: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    receipts: dict[str, str] = field(default_factory=dict)
    lost: int = 0

    def quantile(self, kind: str, percent: int) -> float:
        """A percentile of response times in ms, of one `kind` of request, or of all if empty."""
        taken = self.seconds[kind] if kind else [*chain.from_iterable(self.seconds.values())]
        return 1000 * quantiles(taken, n=100)[percent - 1]

    @property
    def requests(self) -> int:
        """The number of requests sent."""
        return sum(map(len, self.seconds.values()))


class _Person:
    """A person with one kept-alive connection, as a browser has."""

    def __init__(self, address: str, load: Load, numbers: Iterator[int]) -> None:
        self._host, self._port = urlsplit(address).hostname, urlsplit(address).port
        self._load = load
        self._numbers = numbers
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def act(self, until: float) -> None:
        event = Events().all()[0]
        guests = invented_guests(10**9, event, Random(next(self._numbers)))
        while time.monotonic() < until:
            await self.send("agenda", "GET", "/", _OK)
            guest = next(guests)
            name = f"{guest.name} {next(self._numbers)}"
            fields = {**guest.fields, "name": [name], "nonce": [token_urlsafe(16)]}
            form = f"/{event.id}/registration"
            response = await self.send("registration", "POST", form, _SEE_OTHER, fields)
            if response.status == _SEE_OTHER:
                self._load.receipts[response.location] = name
                await self.send("receipt", "GET", response.location, _OK)
        self.disconnect()

    async def send(
        self,
        kind: str,
        method: str,
        path: str,
        expected: int,
        fields: dict[str, list[str]] | None = None,
    ) -> Response:
        body = urlencode(fields, doseq=True).encode() if fields else b""
        began = time.monotonic()
        try:
            response = await self._exchange(method, path, body)
        except (OSError, EOFError) as fault:
            self.disconnect()
            response = Response(0, "", type(fault).__name__.encode())
        self._load.seconds.setdefault(kind, []).append(time.monotonic() - began)
        if response.status != expected:
            self._load.errors.append(f"{method} {kind}: {response.status} {response.body[:40]!r}")
        return response

    async def _exchange(self, method: str, path: str, body: bytes) -> Response:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        head = f"{method} {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n"
        length = f"Content-Length: {len(body)}\r\n"
        writer.write(f"{head}{_FORM if body else ''}{length}\r\n".encode() + body)
        answer = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = {
            name.lower(): value for name, value in re.findall(r"(?m)^([\w-]+): (.*)\r$", answer)
        }
        content = await reader.readexactly(int(headers["content-length"]))
        if headers.get("connection") == "close" or answer.startswith("HTTP/1.0"):
            self.disconnect()
        return Response(int(answer.split()[1]), headers.get("location", ""), content)

    def disconnect(self) -> None:
        if self._streams:
            self._streams[1].close()
        self._streams = None


async def _simulate(address: str, people: int, seconds: float, *, has_receipts: bool) -> Load:
    load, numbers = Load(has_receipts), count(1)
    until = time.monotonic() + seconds
    await asyncio.gather(*(_Person(address, load, numbers).act(until) for _ in range(people)))
    if load.has_receipts:
        await _count_lost(address, people, load)
    return load


async def _count_lost(address: str, people: int, load: Load) -> None:
    """Open every receipt once more; add the wrong ones and failed requests to `load`."""
    checks, left = Load(has_receipts=True), iter(load.receipts.items())

    async def check() -> None:
        person = _Person(address, checks, count())
        for path, name in left:
            response = await person.send("receipt", "GET", path, _OK)
            load.lost += response.status != _OK or name not in unescape(response.body.decode())
        person.disconnect()

    await asyncio.gather(*(check() for _ in range(people)))
    load.errors += checks.errors


def simulate(address: str, people: int, seconds: float, *, has_receipts: bool) -> Load:
    """Simulate `people` at the service for `seconds`; then count its lost receipts, if any."""
    return asyncio.run(_simulate(address, people, seconds, has_receipts=has_receipts))


@contextmanager
def ours() -> Iterator[str]:
    """Start `make run`; yield its base URL."""
    yield from _serving([sys.executable, "manage.py", "run", "--port", "0"])


@contextmanager
def flask_peer(task: Path) -> Iterator[str]:
    """Start the Flask peer's package with moto in its process, as in `make run`; yield its URL."""
    yield from _serving([sys.executable, "-m", "bench.peers.flask_server", str(task)])


def _serving(command: list[str]) -> Iterator[str]:
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            first_line = server.stdout.readline() if server.stdout else ""
            yield first_line.split()[-1].rstrip("/")
        finally:
            server.terminate()
