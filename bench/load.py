"""Fifty people at once for half a minute, through `make run` and through the Flask peer.

Each looks at the agenda, registers, and opens what the answer leads to, one after the other and
without a pause. Both servers have moto in their own process, and run beside this client.
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
from itertools import count
from pathlib import Path
from random import Random
from secrets import token_urlsafe
from statistics import quantiles
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from bench.bundles import ROOT
from chalicelib.event.file import read_event
from management.local.guests import invented_guests

PEOPLE, SECONDS = 50, 30.0
_FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
_OK, _SEE_OTHER = 200, 303


class Got(NamedTuple):
    """An answer: status, where it leads to, and its body."""

    status: int
    location: str
    body: bytes


@dataclass
class Load:
    """What came back: seconds of each request by kind, what was not as it should be, and the
    receipts of all that was accepted, with the name that each must show, if the service has any.
    """

    has_receipts: bool

    seconds: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    receipts: dict[str, str] = field(default_factory=dict)
    lost: int = 0

    def quantile(self, kind: str, percent: int) -> float:
        """So many percent of such requests took at most these milliseconds."""
        taken = (
            self.seconds[kind] if kind else [one for some in self.seconds.values() for one in some]
        )
        return 1000 * quantiles(taken, n=100)[percent - 1]

    @property
    def requests(self) -> int:
        """How many were answered."""
        return sum(map(len, self.seconds.values()))


class _Person:
    """One connection, which is kept as a browser keeps it."""

    def __init__(self, address: str, load: Load, numbers: Iterator[int]) -> None:
        self._host, self._port = urlsplit(address).hostname, urlsplit(address).port
        self._load = load
        self._numbers = numbers
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def live(self, until: float) -> None:
        guests = invented_guests(10**9, read_event(), Random(next(self._numbers)))
        while time.monotonic() < until:
            await self.ask("agenda", "GET", "/", _OK)
            guest = next(guests)
            name = f"{guest.name} {next(self._numbers)}"
            fields = {**guest.fields, "name": [name], "nonce": [token_urlsafe(16)]}
            done = await self.ask("registration", "POST", "/registration", _SEE_OTHER, fields)
            if done.status == _SEE_OTHER:
                self._load.receipts[done.location] = name
                await self.ask("receipt", "GET", done.location, _OK)
        self.leave()

    async def ask(
        self,
        kind: str,
        method: str,
        path: str,
        expected: int,
        fields: dict[str, list[str]] | None = None,
    ) -> Got:
        body = urlencode(fields, doseq=True).encode() if fields else b""
        began = time.monotonic()
        try:
            got = await self._exchange(method, path, body)
        except (OSError, EOFError) as fault:
            self.leave()
            got = Got(0, "", type(fault).__name__.encode())
        self._load.seconds.setdefault(kind, []).append(time.monotonic() - began)
        if got.status != expected:
            self._load.errors.append(f"{method} {kind}: {got.status} {got.body[:40]!r}")
        return got

    async def _exchange(self, method: str, path: str, body: bytes) -> Got:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        head = f"{method} {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n"
        length = f"Content-Length: {len(body)}\r\n"
        writer.write(f"{head}{_FORM if body else ''}{length}\r\n".encode() + body)
        told = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = {
            name.lower(): value for name, value in re.findall(r"(?m)^([\w-]+): (.*)\r$", told)
        }
        content = await reader.readexactly(int(headers["content-length"]))
        if headers.get("connection") == "close" or told.startswith("HTTP/1.0"):
            self.leave()
        return Got(int(told.split()[1]), headers.get("location", ""), content)

    def leave(self) -> None:
        if self._streams:
            self._streams[1].close()
        self._streams = None


async def _visit(address: str, people: int, seconds: float, *, has_receipts: bool) -> Load:
    load, numbers = Load(has_receipts), count(1)
    until = time.monotonic() + seconds
    await asyncio.gather(*(_Person(address, load, numbers).live(until) for _ in range(people)))
    if load.has_receipts:
        await _look_for_lost(address, people, load)
    return load


async def _look_for_lost(address: str, people: int, load: Load) -> None:
    """All of them open every receipt once more, when everybody has registered."""
    again, left = Load(has_receipts=True), iter(load.receipts.items())

    async def look() -> None:
        someone = _Person(address, again, count())
        for path, name in left:
            got = await someone.ask("receipt", "GET", path, _OK)
            load.lost += got.status != _OK or name not in unescape(got.body.decode())
        someone.leave()

    await asyncio.gather(*(look() for _ in range(people)))
    load.errors += again.errors


def visit(address: str, people: int, seconds: float, *, has_receipts: bool) -> Load:
    """So many people at a service for so long; receipts, if it has any, must all be there after."""
    return asyncio.run(_visit(address, people, seconds, has_receipts=has_receipts))


@contextmanager
def ours() -> Iterator[str]:
    """The address of `make run`."""
    yield from _serving([sys.executable, "manage.py", "run", "--port", "0"])


@contextmanager
def flask_peer(task: Path) -> Iterator[str]:
    """The address of the Flask peer's package, with moto in its process as `make run` has it."""
    yield from _serving([sys.executable, "-m", "bench.peers.flask_server", str(task)])


def _serving(command: list[str]) -> Iterator[str]:
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            said = server.stdout.readline() if server.stdout else ""
            yield said.split()[-1].rstrip("/")
        finally:
            server.terminate()
