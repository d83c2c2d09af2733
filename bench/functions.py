"""Measures the memory and CPU of each function: `make bench-functions`.

Each run is a fresh process with the package of `make deploy` and the Lambda runtime's packages;
moto runs in another process. The response time at each memory size is calculated from the CPU time
and the share of a core that AWS gives that size.
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
from chalicelib.event.context import ALL_EVENTS
from chalicelib.event.event import Event
from chalicelib.event.events import Events
from chalicelib.lifecycle.deadline import STATE_KEY
from chalicelib.lifecycle.state import EventState, Snapshot, closed
from chalicelib.lifecycle.store import state_item
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail.allowance import HARMED_A_DAY
from chalicelib.mail.base_url import SITE
from chalicelib.mail.outbox import MailKind, OutboxMail
from chalicelib.registration.form import read_answers
from chalicelib.registration.items import registration_item
from chalicelib.registration.registration import Registration
from management.local.clock import SetClock
from management.local.gateway import Gateway
from management.local.guests import invented_guests
from management.local.moto_aws import ENVIRONMENT, TABLE
from management.local.service import scheduled_event

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ROUNDS = 5  # more would exceed the limit of receipts a day to one address
WARM_CALLS = 5
SUMMARISED = (300, 10_000)
MEMORIES = (128, 256, 512, 1024)
# moto speaks HTTP; with TLS each new connection parses the root certificates: 48 ms of CPU.
TLS_SECONDS = 0.05
_BASE_URL = {"address": "https://abcdefghij.execute-api.eu-north-1.amazonaws.com/api"}
_OPEN_UNTIL = datetime(2099, 1, 1, tzinfo=UTC)
_BATCH = 25
# moto in another process, so that its CPU time isn't counted.
_SERVER = """
import os, sys
from management.local.moto_aws import local_aws
with local_aws():
    print(os.environ["AWS_ENDPOINT_URL"], flush=True)
    sys.stdin.read()
"""


@dataclass(frozen=True)
class Case:
    """A handler and the state it finds; `events` makes the events of a run, new for each run.

    `connections` is the number of AWS services that the handler calls, `registrations` the number
    stored, and `receipts` the number of mails due. If registration is not open (`is_open`), the
    first of the two snapshots has been taken.
    """

    name: str
    handler: str
    events: Callable[[], list[dict[str, Any]]]
    connections: int = 1
    registrations: int = 0
    receipts: int = 0
    is_open: bool = True


def cases(many: Iterable[int]) -> list[Case]:
    """Return the cases of each function; the tick also summarises each number in `many`."""
    from app import app

    now, event = datetime.now(UTC), Events().all()[0]
    gateway = Gateway(app, SetClock(now), stage="api")
    fields = next(invented_guests(1, event, Random(24))).fields
    form = {"content-type": "application/x-www-form-urlencoded"}

    def post() -> dict[str, Any]:
        body = urlencode({**fields, "nonce": [token_urlsafe(32)]}, doseq=True).encode()
        return gateway.event("POST", f"/{event.id}/registration", form, body, now)

    agenda, tick = gateway.event("GET", "/", {}, b"", now), scheduled_event(now)
    delivery = delivered("receipt-1", "receipt", "guest-0@elsewhere.example", now)
    times, due = 1 + WARM_CALLS, HARMED_A_DAY
    return [
        # The deadline was moved, so the prerendered page can't be used.
        Case("GET /, rendered", "app", lambda: [agenda] * times),
        Case("POST /registration", "app", lambda: [post() for _ in range(times)]),
        Case("mail event", "record_mail_event", lambda: [delivery] * times),
        Case("tick, idle", "tick", lambda: [tick] * times),
        Case(f"tick, {due} receipts", "tick", lambda: [tick], 2, registrations=due, receipts=due),
        *(
            Case(f"tick, summary of {n:,}", "tick", lambda: [tick], 2, n, is_open=False)
            for n in many
        ),
    ]


@contextmanager
def moto() -> Iterator[None]:
    """Start moto in another process; set `AWS_ENDPOINT_URL` for this process and its children."""
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


def runs(case: Case, task: Path, runtime_folder: Path) -> list[Run]:
    """Run a case ROUNDS times, each in a new process.

    `task` is the package's folder, `runtime_folder` the folder of the runtime's packages.
    """
    with moto():
        client, event = boto3.client("dynamodb"), Events().all()[0]
        registered = list(registrations(event, case.registrations))
        put(client, event.id, {f"REG#{key}": registration_item(one) for key, one in registered})
        taken: list[Run] = []
        for _ in range(ROUNDS):
            state = _counted_once(registered)
            if case.is_open:
                state = EventState(closes_at=_OPEN_UNTIL)
            due = [_receipt(key, one) for key, one in registered[: case.receipts]]
            items = {outbox.key_of(mail): outbox.mail_item(mail) for mail in due}
            items |= {STATE_KEY: state_item(replace(state, revision=1))}
            # Room for all receipts: as many as may be on their way.
            today = f"CAP#{datetime.now(UTC):%Y-%m-%d}"
            shared: dict[str, Item] = {SITE: _BASE_URL, today: {"delivered": case.receipts}}
            put(client, event.id, items)
            put(client, ALL_EVENTS, shared)
            taken.append(_run(case, task, runtime_folder))
        return taken


def _run(case: Case, task: Path, runtime_folder: Path) -> Run:
    first, *later = case.events()
    return run(task, runtime_folder, [first], [[event] for event in later], handler=case.handler)


def registrations(event: Event, how_many: int) -> Iterator[tuple[str, Registration]]:
    """Yield `how_many` pairs: the hash of a token, and an invented registration."""
    now = datetime.now(UTC)
    for number, guest in enumerate(invented_guests(how_many, event, Random(24))):
        fields = {**guest.fields, "email": [f"guest-{number}@elsewhere.example"]}
        answers = read_answers(fields, event)
        key = sha256(str(number).encode()).hexdigest()
        yield key, Registration(answers, f"{number:04}", now, now)


def _receipt(key: str, registration: Registration) -> OutboxMail:
    email, now = registration.answers.email, datetime.now(UTC)
    return OutboxMail(f"receipt-{key[:20]}-1", MailKind.RECEIPT, email, now, about=key)


def _counted_once(registrations: Iterable[tuple[str, Registration]]) -> EventState:
    """A closed event whose first snapshot was taken two minutes ago."""
    now = datetime.now(UTC)
    orders = (one.order.encode() for _, one in registrations)
    counted = tally(orders, taken_at=now - timedelta(minutes=2))
    snapshot = Snapshot(counted.fingerprint, counted.registrations, counted.taken_at)
    return replace(closed(EventState(), now - timedelta(minutes=10)), snapshot=snapshot)


def put(client: DynamoDBClient, partition: str, items: Mapping[str, Item]) -> None:
    """Write items of the partition to DynamoDB; `items` maps sort keys to items."""
    puts: list[Any] = [
        {"PutRequest": {"Item": marshal({"pk": partition, "sk": key, **item})}}
        for key, item in items.items()
    ]
    for start in range(0, len(puts), _BATCH):
        client.batch_write_item(RequestItems={TABLE: puts[start : start + _BATCH]})


def seconds_at(memory: int, init: float, call: float, connections: int) -> float:
    """Seconds from a cold start to the first answer, from the CPU seconds of init and first call.

    Init has a whole core; the call has the share of a core that belongs to `memory` (MB).
    """
    return init + at_share(call + connections * TLS_SECONDS, memory)


def sizes(measured: Mapping[Case, Sequence[Run]]) -> str:
    """Return a Markdown table: the measured figures, and seconds to the first answer per memory."""
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
    """Median, minimum and maximum in ms; empty without measurements."""
    if not seconds:
        return ""
    low, middle, high = (1000 * one(seconds) for one in (min, median, max))
    return f"{middle:.1f} ({low:.1f} to {high:.1f})"


def measure(task: Path, runtime_folder: Path, many: Iterable[int]) -> str:
    """Measure the package in `task`, and the summaries of `many` registrations; return a table."""
    return sizes({case: runs(case, task, runtime_folder) for case in cases(many)})


@click.command()
@click.option("--registrations", type=int, multiple=True, default=SUMMARISED)
def main(registrations: tuple[int, ...]) -> None:
    """Print memory and CPU of each function, and its response time at each memory size."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        click.echo(measure(deployed(work).task, runtime(work), registrations))


if __name__ == "__main__":
    main()
