"""Counts what each use case needs of AWS: runs the real app on moto and meters every call."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from functools import cache, cached_property
from http import HTTPStatus
from math import ceil
from random import Random
from typing import Any
from urllib.parse import urlencode

from moto import mock_aws

from chalicelib import bootstrap
from chalicelib.dynamo.client import Client, Send
from chalicelib.event.event import Event
from chalicelib.event.events import Events
from chalicelib.lifecycle.timing import SETTLING
from chalicelib.mail import base_url
from chalicelib.mail.allowance import UNCONFIRMED_AT_FIRST
from chalicelib.mail.letter import Letter
from chalicelib.mail.ses import SesMailer
from management.local.clock import SetClock
from management.local.gateway import Answer, Gateway
from management.local.guests import Guest, invented_guests
from management.local.moto_aws import ENVIRONMENT, TABLE, ask_moto, prepare_aws, sent_mails
from management.local.service import scheduled_event

_KB = 1024
_READ_UNIT = 4 * _KB
_TEN_KB = 10_000
_IN_A_TRANSACTION = 2
_INDEX_BYTES = 100  # DynamoDB bills these on top of each stored item
_FORM = {"content-type": "application/x-www-form-urlencoded"}
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_REMINDER_DAYS_BEFORE = (7, 1)
_SNAPSHOTS = 2
_MINUTES_TO_CLOSE = 5

Fields = Mapping[str, list[str]]


@dataclass(frozen=True)
class Usage:
    """Billable work: `requests` to the web function, `runs` of the other functions.

    `calls` are those to AWS; `reads` and `writes` are DynamoDB's request units.
    """

    requests: float = 0
    runs: float = 0
    calls: float = 0
    reads: float = 0
    writes: float = 0
    mails: float = 0
    bytes_out: float = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def __sub__(self, other: Usage) -> Usage:
        return self + other * -1

    def __mul__(self, times: float) -> Usage:
        return Usage(*(times * one for one in astuple(self)))


@dataclass(frozen=True)
class Measured:
    """The usage of each use case, played once, and of the event's scheduled work.

    The scheduled work is `event`, and `event_per_registration` for each registration. `counts` is
    the number of times that the event counts all registrations.
    """

    agenda: Usage
    agenda_again: Usage
    form: Usage
    registration: Usage
    first_receipt: Usage
    receipt: Usage
    change: Usage
    mail: Usage
    mail_event: Usage
    idle_tick: Usage
    event: Usage
    event_per_registration: Usage
    counts: int
    stored_bytes: float
    stored_bytes_per_registration: float


@cache
def measure(event: Event, few: int = 15, many: int = 30) -> Measured:
    """Play every use case in an empty moto, and the event with 0, `few` and `many` guests.

    `few` registrations are larger than one read unit, so that usage grows linearly from there.
    """
    with _service(event) as service:
        use_cases = _use_cases(service)
        counts = len(_REMINDER_DAYS_BEFORE) + _SNAPSHOTS + hours_after_closing(event)
    with_none, stored = _whole_event(event, 0)
    with_few, stored_with_few = _whole_event(event, few)
    with_many, stored_with_many = _whole_event(event, many)
    return Measured(
        **use_cases,
        event=with_none,
        event_per_registration=(with_many - with_few) * (1 / (many - few)),
        counts=counts,
        stored_bytes=stored,
        stored_bytes_per_registration=(stored_with_many - stored_with_few) / (many - few),
    )


def item_bytes(item: Mapping[str, Any]) -> int:
    """The size of an item in bytes (Developer Guide, "DynamoDB item sizes and formats")."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return 1 + ceil(len(content.strip("-").replace(".", "")) / 2)
        case "B":
            return len(content)
        case "SS":
            return sum(len(one.encode()) for one in content)
        case "L":
            return 3 + sum(1 + _value_bytes(one) for one in content)
        case "M":
            return 3 + item_bytes(content) + len(content)
    return 1  # BOOL or NULL


_PROJECTION = {"ProjectionExpression", "ExpressionAttributeNames"}


class Meter:
    """Passes calls on to DynamoDB, and counts what DynamoDB and SES would bill."""

    def __init__(self, send: Send) -> None:
        self.calls = 0
        self.reads = self.writes = 0.0
        self.sent: list[dict[str, str]] = []
        self._send = send

    def __call__(self, operation: str, body: bytes) -> tuple[int, bytes]:
        """Send a call on, and count its request units."""
        request = json.loads(body)
        self.calls += 1
        writing: list[tuple[dict[str, Any], int, int]] = []
        match operation:
            case "GetItem":
                self.reads += self._read_units(request["Key"])
            case "BatchGetItem":
                (asked,) = request["RequestItems"].values()
                self.reads += sum(map(self._read_units, asked["Keys"]))
            case "Query":
                whole = {name: request[name] for name in request if name not in _PROJECTION}
                read = sum(map(item_bytes, self._call("Query", whole)["Items"]))
                # DynamoDB rounds up the sum of a query; the sums are too large for it to matter.
                self.reads += max(1, read / _READ_UNIT)
            case "TransactWriteItems":
                writing = [
                    self._write(one, times=_IN_A_TRANSACTION)
                    for write in request["TransactItems"]
                    for one in write.values()
                ]
            case _:
                writing = [self._write(request, times=1)]
        answer = self._send(operation, body)
        # A write is billed by the larger size of the item, before or after the write.
        for key, before, times in writing:
            self.writes += times * max(1, ceil(max(before, self._bytes_at(key)) / _KB))
        return answer

    def stored_bytes(self) -> int:
        """The billed size of the table, which must fit into one page of a scan."""
        items = self._call("Scan", {"TableName": TABLE})["Items"]
        return sum(item_bytes(item) + _INDEX_BYTES for item in items)

    def note_mail(self, recipient: str, tags: Mapping[str, str]) -> None:
        """Count a call to SES and remember its mail."""
        self.calls += 1
        self.sent.append({**tags, "recipient": recipient})

    def _write(self, write: dict[str, Any], *, times: int) -> tuple[dict[str, Any], int, int]:
        item = write.get("Item") or write["Key"]
        key = {name: item[name] for name in ("pk", "sk")}
        return key, self._bytes_at(key), times

    def _read_units(self, key: dict[str, Any]) -> int:
        return max(1, ceil(self._bytes_at(key) / _READ_UNIT))

    def _bytes_at(self, key: dict[str, Any]) -> int:
        found = self._call("GetItem", {"TableName": TABLE, "Key": key, "ConsistentRead": True})
        return item_bytes(found.get("Item", {}))

    def _call(self, operation: str, request: Mapping[str, Any]) -> Any:
        _, answer = self._send(operation, json.dumps(request).encode())
        return json.loads(answer)


class _Metered(bootstrap.Composition):
    """The composition of AWS, with all calls metered and no log lines."""

    def __init__(self, event: Event, clock: SetClock, meter: Meter) -> None:
        super().__init__(events=Events(None, [event]), clock=clock)
        self._meter = meter
        client = Client(meter, attempts=1)
        self._quick_client = self._desk_client = self._patient_client = client

    @staticmethod
    def write_line(line: str) -> None:
        """Discard log lines: their cost is assumed in costs.py."""

    @cached_property
    def mailer(self) -> Any:
        """SES in moto, metered."""
        return _MeteredMailer(super().mailer, self._meter)


class _MeteredMailer:
    def __init__(self, mailer: SesMailer, meter: Meter) -> None:
        self._mailer = mailer
        self._meter = meter

    def send(self, recipient: str, letter: Letter, tags: Mapping[str, str]) -> str:
        self._meter.note_mail(recipient, tags)
        return self._mailer.send(recipient, letter, tags)


class MeteredService:
    """The app behind a gateway and a schedule, with a meter and a clock that is set by hand."""

    def __init__(self, event: Event, meter: Meter) -> None:
        import app as application

        application.app.log.setLevel(logging.ERROR)
        self.event = event
        self.clock = SetClock(event.closes_at - timedelta(days=14))
        self.meter = meter
        bootstrap.install(_Metered(event, self.clock, meter))
        base_url.save(bootstrap.composition().patient_table(event), "https://localhost")
        self._application = application
        self._gateway = Gateway(application.app, self.clock)
        self._requests = self._runs = self._bytes_out = self._delivered = 0

    def usage(self, act: Callable[[], object]) -> Usage:
        """Call `act`; return the usage that the call caused."""
        before = self._total()
        act()
        return self._total() - before

    def send_and_follow(self, method: str, path: str, fields: Fields | None = None) -> Answer:
        """Send a request and follow its redirect, as a browser does; return the first answer."""
        answer = self.send(method, path, fields)
        if answer.status == HTTPStatus.SEE_OTHER:
            self.send_and_follow("GET", answer.headers["location"])
        return answer

    def send(self, method: str, path: str, fields: Fields | None = None) -> Answer:
        """Send a request without following a redirect."""
        body = urlencode(fields, doseq=True).encode() if fields else b""
        answer = self._gateway.request(method, path, _FORM if fields else {}, body)
        self._requests += 1
        whole = len(answer.body) + len(str(dict(answer.headers)))
        # Rounded up, so that a changed word in a page changes no published figure.
        self._bytes_out += _TEN_KB * ceil(whole / _TEN_KB)
        return answer

    def tick(self) -> None:
        """Move the clock by a minute and run the tick."""
        self.clock.move(_MINUTE)
        self._runs += 1
        self._application.tick(scheduled_event(self.clock()), None)

    def register(self, guest: Guest, number: int) -> Answer:
        """Register a guest with a mail address, without opening the receipt page."""
        address = f"guest-{number}@elsewhere.example"
        fields = {**guest.fields, "email": [address], "nonce": [f"nonce-of-guest-{number:04}"]}
        return self.send("POST", f"/{self.event.id}/registration", fields)

    def report_deliveries(self) -> None:
        """Send a delivery event for each mail sent since the last call."""
        for mail in self.meter.sent[self._delivered :]:
            self._delivered += 1
            self._runs += 1
            event = delivered(**mail, at=self.clock())
            self._application.record_mail_event(event, None)

    def _total(self) -> Usage:
        meter = self.meter
        mails = len(meter.sent)
        return Usage(
            self._requests,
            self._runs,
            meter.calls,
            meter.reads,
            meter.writes,
            mails,
            self._bytes_out,
        )


@contextmanager
def _service(event: Event) -> Iterator[MeteredService]:
    """Yield a metered service whose AWS is an empty moto in this process."""
    with mock_aws():
        os.environ.pop("AWS_ENDPOINT_URL", None)
        os.environ.update(ENVIRONMENT)
        prepare_aws()
        yield MeteredService(event, Meter(ask_moto))


def _use_cases(service: MeteredService) -> dict[str, Usage]:
    """Play each use case once; `change` begins by opening the mailed link."""
    (guest,) = invented_guests(1, service.event, Random(24))
    service.tick()  # the very first tick registers the event
    agenda, agenda_again = (
        service.usage(lambda: service.send_and_follow("GET", "/")) for _ in range(2)
    )
    form = service.usage(
        lambda: service.send_and_follow("GET", f"/{service.event.id}/registration")
    )
    accepted: list[Answer] = []
    registration = service.usage(lambda: accepted.append(service.register(guest, 0)))
    first_receipt = service.usage(
        lambda: service.send_and_follow("GET", accepted[0].headers["location"])
    )
    tick_with_mail = service.usage(service.tick)
    idle_tick = service.usage(service.tick)
    link = _mailed_link()
    changed = {**guest.fields, "diet": ["halal"], "revision": ["1"]}
    changed["email"] = ["guest-0@elsewhere.example"]

    def change() -> None:
        service.send_and_follow("GET", f"{link}/edit")
        service.send_and_follow("POST", f"{link}/edit", changed)

    return {
        "agenda": agenda,
        "agenda_again": agenda_again,
        "form": form,
        "registration": registration,
        "first_receipt": first_receipt,
        "receipt": service.usage(lambda: service.send_and_follow("GET", link)),
        "change": service.usage(change),
        "mail": tick_with_mail - idle_tick,
        "mail_event": service.usage(service.report_deliveries),
        "idle_tick": idle_tick,
    }


def _whole_event(event: Event, guests: int) -> tuple[Usage, int]:
    """Return the usage of scheduled work beyond idle ticks, and the bytes stored until deletion."""
    with _service(event) as service:
        service.tick()  # the very first tick registers the event
        for number, guest in enumerate(invented_guests(guests, service.event, Random(24))):
            service.register(guest, number)
        for _ in range(ceil(guests / UNCONFIRMED_AT_FIRST)):
            service.tick()
            service.report_deliveries()
        idle_tick = service.usage(service.tick)

        def work_at(at: datetime) -> Usage:
            service.clock.now = at
            used = service.usage(service.tick) - idle_tick
            service.report_deliveries()
            return used

        closes_at, work = service.event.closes_at, Usage()
        for days in _REMINDER_DAYS_BEFORE:
            work += work_at(closes_at - 16 * _HOUR - timedelta(days=days))  # at 08:00
        for minute in range(_MINUTES_TO_CLOSE):
            work += work_at(closes_at + minute * _MINUTE)
        work += work_at(closes_at + 2 * _HOUR) * hours_after_closing(service.event)
        stored = service.meter.stored_bytes()
        work += work_at(service.event.deletes_at + SETTLING)
        return work, stored


def hours_after_closing(event: Event) -> int:
    """The number of counts after closing: one each hour until the event ends."""
    return int((event.ends_at - event.closes_at) / _HOUR)


def _mailed_link() -> str:
    found = re.search(r"/[\w-]+/registration/[\w-]+", sent_mails()[-1].part("plain"))
    if found is None:
        raise LookupError("the receipt mail has no link")
    return found[0]


def delivered(
    mail: str, kind: str, recipient: str, at: datetime, **more_tags: str
) -> dict[str, Any]:
    """The SNS event of an SES delivery notification."""
    tags = {"mail": mail, "kind": kind, **more_tags}
    notification = {
        "eventType": "Delivery",
        "mail": {
            "timestamp": at.isoformat(),
            "messageId": "0110018f5c0e6f7a-2f6f7a1e-0000-0000-0000-000000000000-000000",
            "destination": [recipient],
            "tags": {name: [value] for name, value in tags.items()},
        },
        "delivery": {"timestamp": at.isoformat()},
    }
    sns = {"Message": json.dumps(notification), "Subject": "", "MessageAttributes": {}}
    return {"Records": [{"EventSource": "aws:sns", "Sns": sns}]}
