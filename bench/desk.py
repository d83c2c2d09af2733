"""What the desk's pages cost with many registrations: `python -m bench.desk`, `make bench-desk`.

CPU time of the function's side: the call, reading DynamoDB's answer, the page. moto plays DynamoDB
in another process, whose time isn't counted.
"""

from __future__ import annotations

import logging
import os
import time
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import boto3
import click

from bench.functions import moto, put, registrations
from chalicelib import bootstrap
from chalicelib.desk import session_pass
from chalicelib.dynamodb import Credentials, DynamoDB, Endpoint
from chalicelib.event_file import read_event
from chalicelib.items import registration_item
from chalicelib.registration import hashed
from chalicelib.views.desk_session import COOKIE
from management.clock import SetClock
from management.gateway import Gateway
from management.local_aws import REGION

_ROUNDS = 3
_PAGES = (
    "/desk/overview",
    "/desk/list",
    "/desk/list?allergen=nuts&sort=newest",
    "/desk/doubles",
    "/desk/kitchen",
    "/desk/labels",
    "/desk/attendance",
    "/desk/log",
    "/desk/list.csv",
    "/desk/list.xlsx",
)


class Patient(bootstrap.Composition):
    """As on Lambda, but it waits for moto, which is slow."""

    @cached_property
    def _desk_client(self) -> Any:
        endpoint = Endpoint(
            os.environ["AWS_ENDPOINT_URL"],
            REGION,
            Credentials("bench"),
            bootstrap.system_clock,
            connect_timeout=10,
            read_timeout=300,
        )
        return DynamoDB(endpoint, attempts=1)


@click.command()
@click.argument("how_many", type=int, default=5000)
def main(how_many: int) -> None:
    """Prints a Markdown table for so many registrations."""
    import app as application

    application.app.log.setLevel(logging.ERROR)
    bootstrap.DESK_PATIENCE = timedelta(hours=1)
    event, now = read_event(), datetime.now(UTC)
    with moto():
        items = {
            f"REG#{key}": registration_item(one) for key, one in registrations(event, how_many)
        }
        put(boto3.client("dynamodb"), event, items)
        parts = Patient(clock=SetClock(now))
        bootstrap.install(parts)
        parts.desk_store.save_pass(hashed("bench"), session_pass(event.contacts[0].email, now))
        gateway = Gateway(application.app, parts.clock)
        click.echo(f"| {how_many} registrations | CPU ms | KB |\n| --- | ---: | ---: |")
        for page in _PAGES:
            click.echo(_line(gateway, page))


def _line(gateway: Gateway, page: str) -> str:
    headers = {"Cookie": f"{COOKIE}=bench", "Accept": "*/*", "Host": "bench.example"}
    taken = []
    for _ in range(_ROUNDS):
        began = time.process_time()
        answer = gateway.request("GET", page, headers)
        taken.append(time.process_time() - began)
        if answer.status != 200:
            raise click.ClickException(f"{page} answered {answer.status}")
    return (
        f"| `{page}` | {1000 * sorted(taken)[_ROUNDS // 2]:.0f} | {len(answer.body) / 1000:.0f} |"
    )


if __name__ == "__main__":
    main()
