"""What the use cases ask of AWS, counted on moto; and that the README tells what it costs."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench import costs
from bench.costs import BLOCK, main
from bench.metering import Measured, Meter, measure
from chalicelib.event.event import Event
from management.local.moto_aws import TABLE
from tests.dynamodb import DynamoDB

README = Path(__file__).parents[2] / "README.md"
KEY = {"pk": {"S": "an-event"}, "sk": {"S": "an-item"}}


@pytest.fixture(scope="module")
def measured(event: Event) -> Measured:
    return measure(event)


# As many requests, reads and writes as the use case needs: more is a decision, not an accident.
@pytest.mark.parametrize(
    ("use", "requests", "calls", "reads", "writes"),
    [
        ("agenda", 1, 1, 1, 0),
        ("agenda_again", 1, 0, 0, 0),
        ("form", 1, 1, 1, 0),
        ("registration", 1, 2, 1, 6),
        ("first_receipt", 1, 2, 2, 0),
        ("receipt", 1, 4, 4, 0),
        ("change", 3, 13, 12, 2),
        ("mail", 0, 10, 4, 11),
        ("mail_event", 0, 1, 0, 1),
        ("idle_tick", 0, 1, 1, 0),
    ],
)
def test_a_use_case_asks_for_no_more_than_it_needs(
    measured: Measured, use: str, requests: int, calls: int, reads: int, writes: int
) -> None:
    asked = getattr(measured, use)
    assert (asked.requests, asked.calls) == (requests, calls)
    assert (asked.reads, asked.writes) == (reads, writes)


def test_the_event_mails_its_contact_persons_and_nobody_else(measured: Measured) -> None:
    assert measured.event.mails == 4 * 2  # two reminders, summary, certificate, to two persons
    assert measured.event_per_registration.mails == 0
    # Each count reads all of a registration, 400 to 600 bytes, though it asks for its plate only.
    assert 400 < measured.event_per_registration.reads / measured.counts * 4096 < 600


def asked(meter: Meter, operation: str, **request: object) -> None:
    meter(operation, json.dumps({"TableName": TABLE, **request}).encode())


def test_a_transaction_counts_double() -> None:
    meter = Meter(DynamoDB())
    asked(meter, "PutItem", Item=KEY)
    assert meter.writes == 1
    writes = {"TransactItems": [{"Put": {"TableName": TABLE, "Item": KEY}}]}
    meter("TransactWriteItems", json.dumps({**writes, "ClientRequestToken": "t"}).encode())
    assert meter.writes == 1 + 2


def test_units_grow_with_the_item() -> None:
    meter = Meter(DynamoDB())
    asked(meter, "PutItem", Item={**KEY, "note": {"S": "x" * 4096}})
    assert meter.writes == 5
    asked(meter, "GetItem", Key=KEY, ConsistentRead=True)
    assert meter.reads == 2
    asked(meter, "DeleteItem", Key=KEY)
    assert meter.writes == 10


def test_the_readme_tells_what_the_command_prints(
    event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(costs, "read_event", lambda: event)
    printed = CliRunner().invoke(main, catch_exceptions=False).output
    told = BLOCK.search(README.read_text("utf-8"))
    assert told
    assert printed.startswith(told[0] + "\n"), "renew it: python -m bench.costs --write"
