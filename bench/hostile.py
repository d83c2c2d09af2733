"""Compares hostile requests' CPU time with that of usual ones: `python -m bench.hostile`.

Measured in this process; moto runs as DynamoDB in another one. A ratio is the median of rounds, and
each round measures all requests.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from secrets import token_urlsafe
from statistics import median
from urllib.parse import urlencode

import boto3
import click

from bench.desk import Patient
from bench.functions import moto, put, registrations
from bench.markdown import table
from chalicelib import bootstrap
from chalicelib.desk import session_store
from chalicelib.desk.request import COOKIE
from chalicelib.desk.sessions import session_token
from chalicelib.event.context import ALL_EVENTS
from chalicelib.event.event import Event
from chalicelib.event.events import Events
from chalicelib.registration.items import registration_item
from chalicelib.registration.tokens import hash_token
from management.local.clock import SetClock
from management.local.gateway import Gateway
from management.local.guests import invented_guests

ROUNDS = 15
REGISTRATION, SEARCH = "a registration", "a search"
_REGISTRATIONS = 300
_ROOM = 15_000  # bytes of a body of 16 KB
_HOST = "bench.example"
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Host": _HOST, "Accept": "*/*"}
_JSON = {**_FORM, "Content-Type": "application/json"}
_AT_THE_DESK = {**_FORM, "Origin": f"https://{_HOST}", "Cookie": f"{COOKIE}=bench"}
_TEXTS = ("name", "organisation", "email", "note", "website")
_MARKS, _LIGATURE = "\u0301" * 3750 + "\u0323" * 3750, "\ufdfa" * 5000

Send = Callable[[], int]


@dataclass(frozen=True)
class Hostile:
    """A hostile request's CPU seconds, and their ratio to those of the `usual` request."""

    request: str
    usual: str
    seconds: float
    ratio: float


def measure(rounds: int = ROUNDS) -> list[Hostile]:
    """Measure each hostile request."""
    import app as application

    application.app.log.setLevel(logging.ERROR)
    event = Events().all()[0]
    now = event.closes_at - timedelta(days=14)
    with moto():
        stored = [one for _, one in registrations(event, _REGISTRATIONS)]
        items = {f"REG#{hash_token(one.plate_code)}": registration_item(one) for one in stored}
        put(boto3.client("dynamodb"), event.id, items)
        parts = Patient(clock=SetClock(now))
        bootstrap.install(parts)
        session = session_token(event.contacts[0].email, now)
        parts.desk_table(event).beside(ALL_EVENTS).apply(
            session_store.save_write(hash_token("bench"), session)
        )
        return _compared(_requests(Gateway(application.app, parts.clock), event), rounds)


def _requests(gateway: Gateway, event: Event) -> dict[str, dict[str, Send]]:
    """The requests beside each usual one, which is the first."""
    fields = next(invented_guests(1, event, Random(24))).fields

    def form(path: str, headers: Mapping[str, str], body: bytes) -> Send:
        return lambda: gateway.request("POST", path, headers, body).status

    def register(name: str = "", text: str = "", accepted: str = "") -> Send:
        """A registration with `text` in the field `name`, not escaped, or a usual one."""

        def send() -> int:
            # Another header each time, since the language of a header is cached.
            headers = {**_FORM, "Accept-Language": f"{accepted}{token_urlsafe(8)}"}
            sent = {**fields, "nonce": [token_urlsafe(16)], name: ()}
            body = urlencode(sent, doseq=True) + (f"&{name}={text}" if name else "")
            return gateway.request(
                "POST", f"/{event.id}/registration", headers, body.encode()
            ).status

        return send

    def document(**changes: str) -> Send:
        body = json.dumps({"name": "Bo", **changes}, ensure_ascii=False).encode()
        return form(f"/{event.id}/registration", _JSON, body)

    def search(text: str) -> Send:
        """What stores a search, and the page to which it leads."""

        def send() -> int:
            body = f"text={text}".encode()
            stored = gateway.request("POST", f"/desk/{event.id}/list", _AT_THE_DESK, body)
            return gateway.request("GET", stored.headers["location"], _AT_THE_DESK).status

        return send

    return {
        REGISTRATION: {
            REGISTRATION: register(),
            "a registration with a mistake": register("meal"),
            **{f"{name}: marks in two classes": register(name, _MARKS) for name in _TEXTS},
            "note: ligatures": register("note", _LIGATURE),
            "note: letters": register("note", "a" * _ROOM),
            "note: markup": register("note", "<" * _ROOM),
            "note: line breaks": register("note", "%0A" * (_ROOM // 3)),
            "note: bytes and escapes": register("note", "å%41" * (_ROOM // 5)),
            "JSON, note: marks": document(note=_MARKS),
            "JSON, nested": form(f"/{event.id}/registration", _JSON, b"[" * _ROOM),
            "JSON, a long number": form(
                f"/{event.id}/registration", _JSON, b'{"name":' + b"9" * _ROOM + b"}"
            ),
            "a body of percent signs": form(
                f"/{event.id}/registration", _FORM, b"note=" + b"%" * _ROOM
            ),
            "a body of 180 fields": register("a", "%41&a=" * 180),
            "Accept-Language of commas": register(accepted="," * 9_000),
            "desk, note: marks": form(
                f"/desk/{event.id}/new", _AT_THE_DESK, f"note={_MARKS}".encode()
            ),
        },
        SEARCH: {
            SEARCH: search("anna"),
            "search for marks": search(_MARKS),
            "search for ligatures": search(_LIGATURE),
            "search for letters": search("a" * _ROOM),
        },
    }


def _compared(requests: Mapping[str, Mapping[str, Send]], rounds: int) -> list[Hostile]:
    found = []
    for usual, group in requests.items():
        for send in group.values():
            send()  # imports modules; not measured
        by_round = [
            {name: _seconds(name, send) for name, send in group.items()} for _ in range(rounds)
        ]
        found += [
            Hostile(
                name,
                usual,
                median(one[name] for one in by_round),
                median(one[name] / one[usual] for one in by_round),
            )
            for name in group
        ]
    return found


def _seconds(name: str, send: Send) -> float:
    began = time.process_time()
    status = send()
    taken = time.process_time() - began
    if status >= 500:
        raise click.ClickException(f"{name} answered {status}")
    return taken


def slowest(measured: Sequence[Hostile]) -> float:
    """The largest ratio to a usual request."""
    return max(one.ratio for one in measured)


def hostile_table(measured: Sequence[Hostile]) -> str:
    """Return a Markdown table of the requests."""
    rows = [
        [one.request, one.usual, f"{1000 * one.seconds:.2f}", f"{one.ratio:.1f}"]
        for one in measured
    ]
    return table(["request", "beside", "CPU ms", "times"], rows)


@click.command()
def main() -> None:
    """Print a Markdown table of all hostile requests."""
    click.echo(hostile_table(measure()))


if __name__ == "__main__":
    main()
