"""Measures how the desk's pages grow with the registrations: `make bench-desk`.

Measures the CPU time of the function alone: the calls to DynamoDB, reading DynamoDB's answers, and
rendering the page. moto runs as DynamoDB in another process. The registrations beyond the first
1,000 repeat the answers of those, under other names.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from statistics import median
from typing import Any

import boto3
import click

from bench.functions import moto, put, registrations
from bench.markdown import table
from chalicelib import bootstrap
from chalicelib.desk import session_store as access_tokens
from chalicelib.desk.request import COOKIE
from chalicelib.desk.sessions import session_token
from chalicelib.dynamo.client import Client
from chalicelib.dynamo.connection import Endpoint
from chalicelib.dynamo.signing import Credentials
from chalicelib.dynamo.table import Item, Table
from chalicelib.event.context import ALL_EVENTS
from chalicelib.event.event import Event
from chalicelib.event.events import Events
from chalicelib.registration.items import registration_item
from chalicelib.registration.tokens import hash_token
from management.local.clock import SetClock
from management.local.gateway import Gateway
from management.local.moto_aws import REGION

SIZES = (100, 1_000, 5_000)
_DIFFERENT = 1_000
_ROUNDS = 3
_PAGES = (
    "/overview",
    "/list",
    "/list?allergen=nuts&sort=newest",
    "/duplicates",
    "/kitchen",
    "/labels",
    "/attendance",
    "/log",
)
_FILES = ("/list.csv", "/list.xlsx")
_HEADERS = {"Cookie": f"{COOKIE}=bench", "Accept": "*/*", "Host": "bench.example"}


class Patient(bootstrap.Composition):
    """The composition of Lambda, with a read timeout long enough for moto."""

    def desk_table(self, event: Event) -> Table:
        """A table that has an hour for a request."""
        return self._table(event, self._desk_client, timedelta(hours=1))

    @cached_property
    def _desk_client(self) -> Any:
        endpoint = Endpoint(
            os.environ["AWS_ENDPOINT_URL"],
            REGION,
            lambda: Credentials("bench"),
            bootstrap.system_clock,
            connect_timeout=10,
            read_timeout=300,
        )
        return Client(endpoint, attempts=1)


@dataclass(frozen=True)
class Cost:
    """CPU seconds of a page, and its size in bytes."""

    seconds: float
    size: int


def measure(how_many: int) -> dict[str, Cost]:
    """Measure each page with `how_many` registrations."""
    import app as application

    application.app.log.setLevel(logging.ERROR)
    event, now = Events().all()[0], datetime.now(UTC)
    with moto():
        put(boto3.client("dynamodb"), event.id, _items(event, how_many))
        parts = Patient(clock=SetClock(now))
        bootstrap.install(parts)
        session = session_token(event.contacts[0].email, now)
        parts.desk_table(event).beside(ALL_EVENTS).apply(
            access_tokens.save_write(hash_token("bench"), session)
        )
        gateway = Gateway(application.app, parts.clock)
        gateway.request(
            "GET", f"/desk/{event.id}/duplicates", _HEADERS
        )  # imports modules; not measured
        return {page: _cost(gateway, f"/desk/{event.id}{page}") for page in (*_PAGES, *_FILES)}


def _items(event: Event, how_many: int) -> dict[str, Item]:
    different = [one for _, one in registrations(event, min(how_many, _DIFFERENT))]
    items = {}
    for number in range(how_many):
        one = different[number % _DIFFERENT]
        answers = replace(one.answers, name=f"{one.answers.name} {number // _DIFFERENT or ''}")
        other = replace(one, answers=answers, plate_code=f"{number:04}")
        items[f"REG#{hash_token(str(number))}"] = registration_item(other)
    return items


def _cost(gateway: Gateway, page: str) -> Cost:
    taken = []
    for _ in range(_ROUNDS):
        began = time.process_time()
        answer = gateway.request("GET", page, _HEADERS)
        taken.append(time.process_time() - began)
        if answer.status != 200:
            raise click.ClickException(f"{page} answered {answer.status}")
    return Cost(median(taken), len(answer.body))


def growth(measured: Mapping[int, Mapping[str, Cost]]) -> str:
    """Return a Markdown table of pages and files by number of registrations.

    The columns `times` have the largest number's figure divided by the second largest's.
    """
    few, many = sorted(measured)[-2:]
    head = [f"CPU ms, {number:,}" for number in measured]
    size_head = [f"KB, {number:,}" for number in measured]
    groups = {f"`/desk{page}`": [page] for page in _PAGES} | {"all of these": [*_PAGES]}
    rows = []
    for name, pages in (groups | {f"`/desk{page}`": [page] for page in _FILES}).items():
        seconds = {n: sum(cost[page].seconds for page in pages) for n, cost in measured.items()}
        size = {n: sum(cost[page].size for page in pages) for n, cost in measured.items()}
        rows.append(
            [
                name,
                *(f"{1000 * one:.0f}" for one in seconds.values()),
                f"{seconds[many] / seconds[few]:.1f}",
                *(f"{one / 1000:.0f}" for one in size.values()),
                f"{size[many] / size[few]:.1f}",
            ]
        )
    return table(["page", *head, "times", *size_head, "times"], rows)


@click.command()
@click.argument("sizes", type=int, nargs=-1)
def main(sizes: Sequence[int]) -> None:
    """Print a Markdown table for SIZES, two numbers of registrations or more."""
    click.echo(growth({number: measure(number) for number in sizes or SIZES}))


if __name__ == "__main__":
    main()
