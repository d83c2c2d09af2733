"""A DynamoDB that does nothing but answer, over HTTP, in a process of its own: `bench.stub`.

An open event without anything due; of registrations as many as it is told, in pages of what is
1 MB of whole items.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from bench.functions import registrations
from bench.metering import item_bytes
from chalicelib.dynamo.attributes import marshal
from chalicelib.event.file import read_event
from chalicelib.lifecycle.deadline import STATE_KEY
from chalicelib.lifecycle.state import EventState
from chalicelib.lifecycle.store import state_item
from chalicelib.registration.store import registration_item

_PAGE = 1_000_000
_DIFFERENT = 5_000  # registrations that are invented; of more, the same come again
_END = b"\r\n\r\n"
_NOTHING = b'{"Items":[],"Count":0,"ScannedCount":0}'


class Pages:
    """All registrations, in whole or only the attributes asked for, page by page."""

    def __init__(self, how_many: int) -> None:
        event = read_event()
        self._event, self._how_many = event.id, how_many
        some = registrations(event, min(how_many, _DIFFERENT))
        items = [
            {**marshal(registration_item(one)), "pk": {"S": event.id}, "sk": {"S": f"REG#{key}"}}
            for key, one in some
        ]
        self._items = items
        self.on_a_page = _PAGE * len(items) // sum(map(item_bytes, items)) if items else 1
        self._bodies: dict[tuple[str, int], str] = {}

    def page(self, asked: dict[str, Any]) -> bytes:
        """The next page after the key that was asked for."""
        key = asked.get("ExclusiveStartKey", {}).get("sk", {}).get("S", "REG#0")
        start = int(key.removeprefix("REG#"))
        count = min(self.on_a_page, self._how_many - start)
        names = [*asked.get("ExpressionAttributeNames", {}).values()]
        body = f'{{"Count":{count},"ScannedCount":{count},"Items":{self._body(names, count)}'
        if start + count < self._how_many:
            last = {"pk": {"S": self._event}, "sk": {"S": f"REG#{start + count}"}}
            body += f',"LastEvaluatedKey":{json.dumps(last)}'
        return (body + "}").encode()

    def _body(self, names: list[str], count: int) -> str:
        wanted = (" ".join(names), count)
        if wanted not in self._bodies:
            rounds = (item for _ in iter(int, 1) for item in self._items)
            items = list(islice(rounds, count)) if count else []
            if names:
                items = [{name: item[name] for name in names} for item in items]
            self._bodies[wanted] = json.dumps(items, separators=(",", ":"), ensure_ascii=False)
        return self._bodies[wanted]


class _Answering(asyncio.Protocol):
    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._got = b""
        standing = EventState(kept_until=read_event().deletes_at, revision=1)
        state = marshal({**state_item(standing), "pk": "e", "sk": STATE_KEY})
        self._state_answer = json.dumps({"Item": state}).encode()
        self._standing = json.dumps({"Items": [state], "Count": 1, "ScannedCount": 1}).encode()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self._got += data
        while True:
            head, end, body = self._got.partition(_END)
            if not end:
                return
            headers = dict(
                line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line
            )
            length = int(headers.get(b"content-length", b"0"))
            if len(body) < length:
                return
            self._got = body[length:]
            answer = self._answer(headers[b"x-amz-target"].partition(b".")[2], body[:length])
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\n"
                b"Content-Length: %d\r\n\r\n%b" % (len(answer), answer)
            )

    def _answer(self, operation: bytes, body: bytes) -> bytes:
        if operation == b"getitem":
            return self._state_answer if STATE_KEY.encode() in body else b"{}"
        if operation == b"query":
            asked = json.loads(body)
            first = asked["ExpressionAttributeValues"].get(":first", {}).get("S")
            if first == "REG#":
                return self._pages.page(asked)
            return self._standing if first == STATE_KEY else _NOTHING
        return b"{}"


async def _serve(how_many: int) -> None:
    pages = Pages(how_many)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Answering(pages), "127.0.0.1", 0)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)


@contextmanager
def stub(registrations: int = 0) -> Iterator[str]:
    """The address of a stub that answers while the context lasts."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-m", "bench.stub", str(registrations)],
        stdin=pipe,
        stdout=pipe,
        text=True,
    ) as server:
        try:
            yield server.stdout.readline().strip() if server.stdout else ""
        finally:
            server.terminate()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
