"""A stub of DynamoDB over HTTP, in a process of its own: `python -m bench.stub REGISTRATIONS`.

It stores the registry only. Every event is open with no mail or step due, and its registrations are
served in pages of as many as 1 MB of whole items holds.
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
from chalicelib.event.events import Events
from chalicelib.event.registry_store import REGISTRY
from chalicelib.lifecycle.deadline import STATE_KEY
from chalicelib.lifecycle.state import EventState
from chalicelib.lifecycle.store import state_item
from chalicelib.registration.items import registration_item

_PAGE = 1_000_000
_DIFFERENT = 5_000  # invented registrations; beyond this number they repeat
_END = b"\r\n\r\n"
_NOTHING = b'{"Items":[],"Count":0,"ScannedCount":0}'


class Pages:
    """Pages of `how_many` registrations, with all attributes or the requested ones."""

    def __init__(self, how_many: int) -> None:
        event = Events().all()[0]
        self._event, self._how_many = event.id, how_many
        different = registrations(event, min(how_many, _DIFFERENT))
        items = [
            {**marshal(registration_item(one)), "pk": {"S": event.id}, "sk": {"S": f"REG#{key}"}}
            for key, one in different
        ]
        self._items = items
        self.on_a_page = _PAGE * len(items) // sum(map(item_bytes, items)) if items else 1
        self._bodies: dict[tuple[str, int], str] = {}

    def page(self, query: dict[str, Any]) -> bytes:
        """Answer a Query: the first page, or the page after its `ExclusiveStartKey`."""
        key = query.get("ExclusiveStartKey", {}).get("sk", {}).get("S", "REG#0")
        start = int(key.removeprefix("REG#"))
        count = min(self.on_a_page, self._how_many - start)
        names = [*query.get("ExpressionAttributeNames", {}).values()]
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
    def __init__(self, pages: Pages, registry: dict[str, Any]) -> None:
        self._pages, self._registry = pages, registry
        self._got = b""
        state_now = EventState(kept_until=Events().all()[0].deletes_at, revision=1)
        state = marshal({**state_item(state_now), "pk": "e", "sk": STATE_KEY})
        self._state_answer = json.dumps({"Item": state}).encode()
        self._states_answer = json.dumps({"Items": [state], "Count": 1, "ScannedCount": 1}).encode()

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
            query = json.loads(body)
            if REGISTRY.encode() in body:
                return json.dumps({"Items": [*self._registry.values()]}).encode()
            first = query["ExpressionAttributeValues"].get(":first", {}).get("S")
            if first == "REG#":
                return self._pages.page(query)
            return self._states_answer if first == STATE_KEY else _NOTHING
        if operation == b"putitem" and REGISTRY.encode() in body:
            item = json.loads(body)["Item"]
            if item["sk"]["S"].startswith("EVENT#"):
                self._registry[item["sk"]["S"]] = item
        return b"{}"


async def _serve(how_many: int) -> None:
    pages, registry = Pages(how_many), dict[str, Any]()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Answering(pages, registry), "127.0.0.1", 0)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)


@contextmanager
def stub(registrations: int = 0) -> Iterator[str]:
    """Start a stub with `registrations` registrations in another process; yield its URL."""
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
