"""How much memory the functions need: `python -m bench.functions`, or `make bench-functions`.

Each run is a fresh process that has only the package of `make deploy`, and beside it what the
Lambda runtime has, against moto in another process. CPU time is measured, not wall time; from it
follows how long a function would take at the share of a core that AWS gives its memory.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from secrets import token_urlsafe
from statistics import median
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import boto3
import click

from bench.bundles import ROOT, deployed, runtime
from bench.cpu import at_share
from bench.markdown import table
from bench.metering import delivered
from bench.process import Run, run
from chalicelib.catering.tally import tally
from chalicelib.dynamo.attributes import marshal
from chalicelib.dynamo.table import Item
from chalicelib.event.event import Event
from chalicelib.event.file import read_event
from chalicelib.lifecycle.deadline import STATE_KEY
from chalicelib.lifecycle.state import EventState, Snapshot, closed
from chalicelib.lifecycle.store import state_item
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail.limits import MAILS_AT_A_TIME
from chalicelib.mail.outbox import MailKind, OutboxMail
from chalicelib.registration.form import read_answers
from chalicelib.registration.registration import Registration
from chalicelib.registration.store import registration_item
from management.local.clock import SetClock
from management.local.gateway import Gateway
from management.local.guests import invented_guests
from management.local.moto_aws import ENVIRONMENT, TABLE
from management.local.service import scheduled_event

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ROUNDS = 5  # more would be more receipts a day than one address gets
WARM_CALLS = 5
SUMMARISED = (300, 10_000)
MEMORIES = (128, 256, 512, 1024)
# Moto speaks HTTP. Over TLS each new connection parses the root certificates: 48 ms of CPU.
TLS_SECONDS = 0.05
_OPEN_UNTIL = datetime(2099, 1, 1, tzinfo=UTC)
_BATCH = 25
# Moto in a process of its own, so that its CPU time isn't counted.
_SERVER = """
import os, sys
from management.local_aws import local_aws
with local_aws():
    print(os.environ["AWS_ENDPOINT_URL"], flush=True)
    sys.stdin.read()
"""


@dataclass(frozen=True)
class Case:
    """A handler; the events of one run, new for each; how many AWS services it connects to; how
    many are registered and how many receipts are due. It is open, or closed and counted once.
    """

    name: str
    handler: str
    events: Callable[[], list[dict[str, Any]]]
    connections: int = 1
    registrations: int = 0
    receipts: int = 0
    is_open: bool = True


def cases(many: Iterable[int]) -> list[Case]:
    """Every function at what it does most, and the tick at its hardest."""
    from app import app

    now, event = datetime.now(UTC), read_event()
    gateway = Gateway(app, SetClock(now), stage="api")
    fields = next(invented_guests(1, event, Random(24))).fields
    form = {"content-type": "application/x-www-form-urlencoded"}

    def post() -> dict[str, Any]:
        body = urlencode({**fields, "nonce": [token_urlsafe(32)]}, doseq=True).encode()
        return gateway.event("POST", "/registration", form, body, now)

    agenda, tick = gateway.event("GET", "/", {}, b"", now), scheduled_event(now)
    told = delivered("receipt-1", "receipt", "guest-0@elsewhere.example", now)
    times, due = 1 + WARM_CALLS, MAILS_AT_A_TIME
    return [
        # Its deadline is not the announced one, so no page is kept for it.
        Case("GET /, rendered", "app", lambda: [agenda] * times),
        Case("POST /registration", "app", lambda: [post() for _ in range(times)]),
        Case("mail event", "record_mail_event", lambda: [told] * times),
        Case("tick, idle", "tick", lambda: [tick] * times),
        Case(f"tick, {due} receipts", "tick", lambda: [tick], 2, registrations=due, receipts=due),
        *(
            Case(f"tick, summary of {n:,}", "tick", lambda: [tick], 2, n, is_open=False)
            for n in many
        ),
    ]


@contextmanager
def moto() -> Iterator[None]:
    """Points this process and its children at a fresh moto in another process."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-c", _SERVER], cwd=ROOT, stdin=pipe, stdout=pipe, text=True
    ) as server:
        address = server.stdout.readline().strip() if server.stdout else ""
        os.environ.update(ENVIRONMENT, AWS_ENDPOINT_URL=address)
        try:
            yield
        finally:
            server.terminate()
            del os.environ["AWS_ENDPOINT_URL"]


def runs(case: Case, task: Path, beside: Path) -> list[Run]:
    """A case in as many fresh processes as there are rounds."""
    with moto():
        client, event = boto3.client("dynamodb"), read_event()
        registered = list(registrations(event, case.registrations))
        put(client, event, {f"REG#{key}": registration_item(one) for key, one in registered})
        taken: list[Run] = []
        for _ in range(ROUNDS):
            state = _counted_once(registered)
            if case.is_open:
                state = EventState(closes_at=_OPEN_UNTIL)
            due = [_receipt(key, one) for key, one in registered[: case.receipts]]
            items = {outbox.key_of(mail): outbox.mail_item(mail) for mail in due}
            put(client, event, {**items, STATE_KEY: state_item(replace(state, revision=1))})
            taken.append(_run(case, task, beside))
        return taken


def _run(case: Case, task: Path, beside: Path) -> Run:
    first, *later = case.events()
    return run(task, beside, [first], [[event] for event in later], handler=case.handler)


def registrations(event: Event, how_many: int) -> Iterator[tuple[str, Registration]]:
    """Invented ones, by the hash of their token."""
    now = datetime.now(UTC)
    for number, guest in enumerate(invented_guests(how_many, event, Random(24))):
        fields = {**guest.fields, "email": [f"guest-{number}@elsewhere.example"]}
        answers = read_answers(fields, event)
        key = sha256(str(number).encode()).hexdigest()
        yield key, Registration(answers, f"{number:04}", now, now)


def _receipt(key: str, registration: Registration) -> OutboxMail:
    email, now = registration.answers.email, datetime.now(UTC)
    site = "https://abcdefghij.execute-api.eu-north-1.amazonaws.com/api"
    return OutboxMail(
        f"receipt-{key[:20]}-1", MailKind.RECEIPT, email, now, about=key, base_url=site
    )


def _counted_once(registrations: Iterable[tuple[str, Registration]]) -> EventState:
    """Closed, and the first of the two counts was taken two minutes ago."""
    now = datetime.now(UTC)
    orders = (one.order.encode() for _, one in registrations)
    counted = tally(orders, taken_at=now - timedelta(minutes=2))
    seen = Snapshot(counted.fingerprint, counted.registrations, counted.taken_at)
    return replace(closed(EventState(), now - timedelta(minutes=10)), snapshot=seen)


def put(client: DynamoDBClient, event: Event, items: Mapping[str, Item]) -> None:
    """Writes items of the event, by their sort key."""
    puts: list[Any] = [
        {"PutRequest": {"Item": marshal({"pk": event.id, "sk": key, **item})}}
        for key, item in items.items()
    ]
    for start in range(0, len(puts), _BATCH):
        client.batch_write_item(RequestItems={TABLE: puts[start : start + _BATCH]})


def seconds_at(memory: int, init: float, call: float, connections: int) -> float:
    """How long until a new function has answered: it starts on a whole core, and answers on its
    memory's share of one.
    """
    return init + at_share(call + connections * TLS_SECONDS, memory)


def sizes(measured: Mapping[Case, Sequence[Run]]) -> str:
    """What was measured, and what follows from it at each memory size, as a table."""
    head = ["", "peak MB", "init CPU ms", "first call CPU ms", "later call CPU ms"]
    head += [f"first answer s, {memory} MB" for memory in MEMORIES]
    rows = []
    for case, taken in measured.items():
        init = [one.runtime + one.init for one in taken]
        first = [one.first[0] for one in taken]
        warm = [median(one.each) for one in taken if one.each]
        firsts = [seconds_at(m, median(init), median(first), case.connections) for m in MEMORIES]
        rows.append(
            [
                case.name,
                f"{max(one.peak for one in taken):.0f}",
                *(_spread(one) for one in (init, first, warm)),
                *(f"{one:.2f}" for one in firsts),
            ]
        )
    return table(head, rows)


def _spread(seconds: Sequence[float]) -> str:
    """Median, least and most, in ms."""
    if not seconds:
        return ""
    low, middle, high = (1000 * one(seconds) for one in (min, median, max))
    return f"{middle:.1f} ({low:.1f} to {high:.1f})"


def measure(task: Path, beside: Path, many: Iterable[int]) -> str:
    """The table of this project's package."""
    return sizes({case: runs(case, task, beside) for case in cases(many)})


@click.command()
@click.option("--registrations", type=int, multiple=True, default=SUMMARISED)
def main(registrations: tuple[int, ...]) -> None:
    """Measure memory and CPU of each function, and say how long it takes at which size."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        click.echo(measure(deployed(work).task, runtime(work), registrations))


if __name__ == "__main__":
    main()
