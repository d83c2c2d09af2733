"""The usage of AWS by each use case, counted on moto; and the table of costs in the README."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench import costs
from bench.costs import main
from bench.markdown import block
from bench.metering import Measured, Meter, measure
from chalicelib.event.event import Event
from management.local.moto_aws import TABLE
from tests.dynamodb import DynamoDB
from tests.examples import only

README = Path(__file__).parents[2] / "README.md"
KEY = {"pk": {"S": "an-event"}, "sk": {"S": "an-item"}}


# The tests of this fixture are run by `make soak`: a whole event on moto takes half a minute.
@pytest.fixture(scope="module")
def measured(event: Event) -> Measured:
    return measure(event)


# Exact numbers, so that an additional call to AWS is a decision and not an accident.
@pytest.mark.soak
@pytest.mark.parametrize(
    ("use", "requests", "calls", "reads", "writes"),
    [
        ("agenda", 1, 1, 1, 0),
        ("agenda_again", 1, 0, 0, 0),
        ("form", 1, 1, 1, 0),
        ("registration", 1, 3, 4, 7),
        ("first_receipt", 1, 3, 4, 0),
        ("receipt", 1, 5, 7, 0),
        ("change", 3, 14, 15, 2),
        ("mail", 0, 12, 6, 11),
        ("mail_event", 0, 3, 0, 3),
        ("idle_tick", 0, 2, 2, 0),
    ],
)
def test_each_use_case_has_exactly_the_known_usage(
    measured: Measured, use: str, requests: int, calls: int, reads: int, writes: int
) -> None:
    usage = getattr(measured, use)
    assert (usage.requests, usage.calls) == (requests, calls)
    assert (usage.reads, usage.writes) == (reads, writes)


@pytest.mark.soak
def test_the_events_scheduled_mails_are_sent_to_contact_persons_only(measured: Measured) -> None:
    assert measured.event.mails == 4 * 2  # two reminders, summary, certificate, to two persons
    assert measured.event_per_registration.mails == 0
    # A count is billed for whole registrations, 400 to 600 bytes each, though it requests few
    # attributes.
    assert 400 < measured.event_per_registration.reads / measured.counts * 4096 < 600


@pytest.mark.soak
def test_the_scheduled_work_of_an_event_without_registrations_writes_more_than_idle_ticks(
    measured: Measured,
) -> None:
    assert measured.event.writes > measured.event.mails


def call(meter: Meter, operation: str, **request: object) -> None:
    meter(operation, json.dumps({"TableName": TABLE, **request}).encode())


def test_a_write_in_a_transaction_counts_double() -> None:
    meter = Meter(DynamoDB())
    call(meter, "PutItem", Item=KEY)
    assert meter.writes == 1
    writes = {"TransactItems": [{"Put": {"TableName": TABLE, "Item": KEY}}]}
    meter("TransactWriteItems", json.dumps({**writes, "ClientRequestToken": "t"}).encode())
    assert meter.writes == 1 + 2


def test_request_units_grow_with_the_size_of_the_item() -> None:
    meter = Meter(DynamoDB())
    call(meter, "PutItem", Item={**KEY, "note": {"S": "x" * 4096}})
    assert meter.writes == 5
    call(meter, "GetItem", Key=KEY, ConsistentRead=True)
    assert meter.reads == 2
    call(meter, "DeleteItem", Key=KEY)
    assert meter.writes == 10


@pytest.mark.soak
def test_the_readme_has_the_tables_that_the_command_prints(
    event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An id of a usual length, which every item holds.
    usual = replace(event, id="testernas-utvecklingsdag-27")
    monkeypatch.setattr(costs, "Events", lambda: only(usual))
    printed = CliRunner().invoke(main, catch_exceptions=False).output
    readme = README.read_text("utf-8")
    written = [found[0] for name in ("costs", "year") if (found := block(name).search(readme))]
    assert len(written) == 2
    assert printed.startswith("\n".join(written) + "\n"), (
        "update them: python -m bench.costs --write"
    )
